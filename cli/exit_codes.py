"""Exit codes: 0 to 9 as Pulumi has them, 10 and up Cygni's own."""

from __future__ import annotations

from enum import IntEnum

from cygni import errors


class ExitCode(IntEnum):
    OK = 0
    GENERIC = 1
    USAGE = 2
    AUTH = 3
    RESOURCE_FAILED = 4
    POLICY = 5
    NOT_FOUND = 6
    UNEXPECTED_CHANGES = 7
    CANCELLED = 8
    TIMEOUT = 9
    CHANGES_PENDING = 10
    GATE_FAILED = 11
    ROLLBACK_FAILED = 12
    LOCK_HELD = 13
    COST_GUARD = 14
    PREFLIGHT_FAILED = 15
    INTERRUPTED = 130


_BY_CLASS: tuple[tuple[type[errors.CygniError], ExitCode], ...] = (
    (errors.UsageError, ExitCode.USAGE),
    (errors.SpecError, ExitCode.USAGE),
    (errors.StatefulProtected, ExitCode.USAGE),
    (errors.NotFound, ExitCode.NOT_FOUND),
    (errors.AuthError, ExitCode.AUTH),
    (errors.ResourceFailed, ExitCode.RESOURCE_FAILED),
    (errors.PolicyViolation, ExitCode.POLICY),
    (errors.WorldChanged, ExitCode.UNEXPECTED_CHANGES),
    (errors.NotPromotable, ExitCode.UNEXPECTED_CHANGES),
    (errors.LocalCloudEmpty, ExitCode.UNEXPECTED_CHANGES),
    (errors.Cancelled, ExitCode.CANCELLED),
    (errors.DeadlineExceeded, ExitCode.TIMEOUT),
    (errors.LockHeld, ExitCode.LOCK_HELD),
    (errors.CostGuard, ExitCode.COST_GUARD),
    (errors.EngineMissing, ExitCode.PREFLIGHT_FAILED),
    (errors.NoSpace, ExitCode.PREFLIGHT_FAILED),
)


def exit_code(error: errors.CygniError) -> ExitCode:
    """The exit code an error ends the command with."""
    if error.details.get("interrupted"):
        return ExitCode.INTERRUPTED
    return next((code for kind, code in _BY_CLASS if isinstance(error, kind)), ExitCode.GENERIC)
