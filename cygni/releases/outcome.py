"""What to tell of a deployment that has ended: nothing, or one error with the reason, the numbers and the last lines
of a log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cygni.errors import (
    Cancelled,
    CygniError,
    GateFailed,
    JobFailed,
    ReleaseFailed,
    RollbackFailed,
    TasksFailed,
)
from cygni.releases.observed import LogLine
from cygni.releases.protocols import Target
from cygni.releases.release import Cause, Deployment, DeploymentState, Kind, Reason

LINES = 50
"""Of its log that an error about a task has at most."""
_UNANSWERED = "failed ELB health checks"
"""How ECS words that the load balancer had no good answer (Amazon ECS stopped tasks error messages)."""
_LISTEN = (
    "The load balancer asks for `health_check.path` on `port` (on the local cloud the port in the variable PORT): does "
    "the program listen there, on all addresses? One that answers no requests is `kind: worker`, without a port."
)
_ERRORS: dict[Cause, type[CygniError]] = {
    Cause.GATE: GateFailed,
    Cause.CHECK: GateFailed,
    Cause.CHANGED: ReleaseFailed,
    Cause.TASKS: TasksFailed,
    Cause.START: TasksFailed,
    Cause.JOB: JobFailed,
    Cause.ABORTED: Cancelled,
}


def failure(deployment: Deployment, target: Target) -> CygniError | None:
    """The error that the deployment has ended with; None if it succeeded. Lines are read from the logs, which no record
    keeps."""
    reason = deployment.reason
    if deployment.state is DeploymentState.SUCCEEDED or reason is None:
        return None
    details = _details(deployment, reason)
    lines = _lines(reason, target)
    if lines:
        details["lines"] = [line.text for line in lines]
    what = "the rollback to release" if deployment.kind is Kind.ROLLBACK else "release"
    if deployment.state is DeploymentState.ROLLBACK_FAILED:
        assert deployment.failure is not None, "one that could not go back says why"
        message = (
            f"{what} {deployment.release} was not let through ({reason.text}), and {deployment.failure.text}"
        )
        hint = "See cx status. The next cx rollback or cx deploy tries again to bring back what ran before."
        return RollbackFailed(message, hint=hint, details=details)
    message = f"{what} {deployment.release} was not let through: {reason.text}"
    return _ERRORS[reason.cause](message, hint=_hint(deployment, reason, lines), details=details)


def _details(deployment: Deployment, reason: Reason) -> dict[str, Any]:
    found: dict[str, Any] = {
        "release": deployment.release,
        "deployment": deployment.number,
        "cause": reason.cause.value,
        "reason": reason.text,
        "numbers": dict(reason.numbers),
    }
    if reason.place is not None:
        found |= {"service": reason.place.service, "colour": reason.place.colour.value}
    if reason.task:
        found["task"] = reason.task
    if reason.exit_code is not None:
        found["exit_code"] = reason.exit_code
    return found


def _lines(reason: Reason, target: Target) -> Sequence[LogLine]:
    """The last lines of the task that says more. An error is told without them where they cannot be read."""
    if not reason.task:
        return ()
    try:
        if reason.cause is Cause.JOB:
            return target.jobs.tail(reason.task, LINES)
        return target.logs.tail(reason.place, reason.task, LINES) if reason.place is not None else ()
    except CygniError:
        return ()


def _hint(deployment: Deployment, reason: Reason, lines: Sequence[LogLine]) -> str:
    before = any(move.old is not None for track in deployment.tracks for move in track.moves)
    runs = "What ran before runs as it did." if before else "Nothing ran before, and nothing runs now."
    if reason.cause in (Cause.TASKS, Cause.START, Cause.JOB):
        said = "The last lines of its log say more." if lines else "Its log has no lines."
        asked = f" {_LISTEN}" if _UNANSWERED in reason.text else ""
        return f"{runs} {said}{asked}"
    return runs
