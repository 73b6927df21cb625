from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from cygni.naming import Colour
from cygni.releases.observed import Place
from cygni.targets.fargate.stopped import stopped_task

AT = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def task(**more: Any) -> dict[str, Any]:
    return {
        "taskArn": "arn:aws:ecs:us-east-1:1:task/shop/abc",
        "taskDefinitionArn": "arn:td:3",
        "createdAt": AT,
        "stoppedAt": AT,
        "containers": [],
        **more,
    }


WHY = [
    ("EssentialContainerExited", "Essential container in task exited", True),
    ("TaskFailedToStart", "CannotPullContainerError: no such image", True),
    ("ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group arn:x)", True),
    ("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)", False),
    ("UserInitiated", "Task stopped by user", False),
    ("SpotInterruption", "Your Spot Task was interrupted.", False),
]


class TestStoppedTask:
    @pytest.mark.parametrize(("code", "reason", "failed"), WHY)
    def test_tells_who_failed_from_who_was_stopped(self, code: str, reason: str, failed: bool) -> None:
        found = stopped_task(Place("web", Colour.BLUE), task(stopCode=code, stoppedReason=reason))
        assert (found.failed, found.reason, found.exit_code) == (failed, reason, None)
        assert (found.id, found.revision) == ("abc", "arn:td:3")

    def test_has_the_exit_code_and_the_reason_of_the_container(self) -> None:
        killed = {"exitCode": 137, "reason": "OutOfMemoryError: Container killed due to memory usage"}
        given = task(stopCode="EssentialContainerExited", stoppedReason="Essential container in task exited")
        found = stopped_task(Place("web", Colour.BLUE), {**given, "containers": [{"exitCode": 0}, killed]})
        assert found.exit_code == 137
        assert found.reason.endswith("exited: OutOfMemoryError: Container killed due to memory usage")
