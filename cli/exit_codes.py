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

    @property
    def meaning(self) -> str:
        """When a command ends so, in words for the reference page."""
        return _MEANINGS[self]


_MEANINGS: dict[ExitCode, str] = {
    ExitCode.OK: "done, or there was nothing to do",
    ExitCode.GENERIC: "any other error",
    ExitCode.USAGE: "wrong options, a mistake in cygni.yaml or in a document that was given, no `--yes` where nobody "
    "can be asked, or data that would be lost without `--allow-destroy NAME`",
    ExitCode.AUTH: "AWS does not know, or does not allow, the caller; with `--require-comment`: the forge the token",
    ExitCode.RESOURCE_FAILED: "the cloud refused a resource, or a job that was run failed",
    ExitCode.POLICY: "a mandatory policy forbids the plan",
    ExitCode.NOT_FOUND: "no such project, environment, output or policy, or nothing is deployed",
    ExitCode.UNEXPECTED_CHANGES: "what is there is not what the plan was made for; the local cloud was emptied",
    ExitCode.CANCELLED: "the question was answered with no",
    ExitCode.TIMEOUT: "`--timeout` has passed",
    ExitCode.CHANGES_PENDING: "with `--detailed-exit-code`: there are changes",
    ExitCode.GATE_FAILED: "a release was not let through (a gate, its tasks, the job before it); what ran before runs",
    ExitCode.ROLLBACK_FAILED: "a release was not let through, and what ran before could not be brought back",
    ExitCode.LOCK_HELD: "somebody else is deploying",
    ExitCode.COST_GUARD: "the cost would grow by more than `--max-cost-increase`, or may",
    ExitCode.PREFLIGHT_FAILED: "a check of `cx doctor` failed, no engine or other program that is needed, or too "
    "little room on the disk to begin",
    ExitCode.INTERRUPTED: "Ctrl-C, or the signal to end",
}

_BY_CLASS: tuple[tuple[type[errors.CygniError], ExitCode], ...] = (
    (errors.UsageError, ExitCode.USAGE),
    (errors.SpecError, ExitCode.USAGE),
    (errors.DocumentError, ExitCode.USAGE),
    (errors.StatefulProtected, ExitCode.USAGE),
    (errors.NotFound, ExitCode.NOT_FOUND),
    (errors.AuthError, ExitCode.AUTH),
    (errors.ResourceFailed, ExitCode.RESOURCE_FAILED),
    (errors.RunFailed, ExitCode.RESOURCE_FAILED),
    (errors.PolicyViolation, ExitCode.POLICY),
    (errors.WorldChanged, ExitCode.UNEXPECTED_CHANGES),
    (errors.PreconditionFailed, ExitCode.UNEXPECTED_CHANGES),
    (errors.WrongState, ExitCode.UNEXPECTED_CHANGES),
    (errors.NotPromotable, ExitCode.UNEXPECTED_CHANGES),
    (errors.LocalCloudEmpty, ExitCode.UNEXPECTED_CHANGES),
    (errors.Cancelled, ExitCode.CANCELLED),
    (errors.DeadlineExceeded, ExitCode.TIMEOUT),
    (errors.LockHeld, ExitCode.LOCK_HELD),
    (errors.ReleaseFailed, ExitCode.GATE_FAILED),
    (errors.RollbackFailed, ExitCode.ROLLBACK_FAILED),
    (errors.CostGuard, ExitCode.COST_GUARD),
    (errors.EngineMissing, ExitCode.PREFLIGHT_FAILED),
    (errors.NoSpace, ExitCode.PREFLIGHT_FAILED),
    (errors.ToolMissing, ExitCode.PREFLIGHT_FAILED),
    (errors.PreflightFailed, ExitCode.PREFLIGHT_FAILED),
)


def exit_code(error: errors.CygniError) -> ExitCode:
    """The exit code an error ends the command with."""
    if error.details.get("interrupted"):
        return ExitCode.INTERRUPTED
    return next((code for kind, code in _BY_CLASS if isinstance(error, kind)), ExitCode.GENERIC)
