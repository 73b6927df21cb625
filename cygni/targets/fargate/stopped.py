"""Why a task stopped (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cygni.releases.observed import Place, StoppedTask

_BY_ITSELF: Final = frozenset({"EssentialContainerExited", "TaskFailedToStart"})
_FAILED_CHECKS: Final = ("failed ELB health checks", "failed container health checks")
"""How ECS words it where the scheduler replaces a task that does not answer (Amazon ECS stopped tasks error messages);
its stop code, ServiceSchedulerInitiated, is also that of a task scaled in."""


def stopped_task(place: Place, task: Mapping[str, Any]) -> StoppedTask:
    """From a task of DescribeTasks that has stopped; the reason is the task's, then its container's."""
    containers = task.get("containers", [])
    said = [task.get("stoppedReason", ""), *(one.get("reason", "") for one in containers)]
    codes = [one["exitCode"] for one in containers if one.get("exitCode") is not None]
    return StoppedTask(
        id=task["taskArn"].rpartition("/")[2],
        place=place,
        revision=task["taskDefinitionArn"],
        created_at=task["createdAt"],
        stopped_at=task["stoppedAt"],
        failed=_failed(task),
        reason=": ".join(dict.fromkeys(one for one in said if one)),
        exit_code=next((code for code in codes if code), codes[0] if codes else None),
    )


def _failed(task: Mapping[str, Any]) -> bool:
    if task.get("stopCode") in _BY_ITSELF:
        return True
    return any(phrase in task.get("stoppedReason", "") for phrase in _FAILED_CHECKS)
