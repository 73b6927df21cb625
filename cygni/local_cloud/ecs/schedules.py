"""Runs what EventBridge Scheduler has due: tasks of ECS, by RunTask as it would call it.

A run that cannot be started is not tried again, as EventBridge Scheduler does with what the target refuses; it goes to
the schedule's dead-letter queue where there is one.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

from cygni.local_cloud.ecs.due import Timing, next_run
from cygni.schedules import ScheduleMistake

LONGEST_AGE: Final = 86_400
"""Seconds a run may be late where the schedule does not say (API reference, RetryPolicy)."""

log = logging.getLogger(__name__)


class Schedules:
    """When each schedule runs next, of every account and region. One that is changed is looked at anew."""

    def __init__(self) -> None:
        self._next: dict[str, tuple[Timing, float | None]] = {}

    def run_due(self) -> None:
        """Run each that is due once, however many of its times have passed (the machine may have slept)."""
        now = time.time()
        found: dict[str, tuple[Timing, float | None]] = {}
        for backend, group, schedule in list(_schedules()):
            timing = _timing(schedule)
            known = self._next.get(schedule.arn)
            if known is None or known[0] != timing:
                known = (timing, _after(timing, timing.created - 0.001))
            if known[1] is not None and known[1] <= now:
                if now - known[1] <= _longest_age(schedule):
                    _run(backend, group, schedule, known[1])
                known = (timing, _after(timing, now))
            found[schedule.arn] = known
        self._next = found

    def due(self) -> Iterator[float]:
        return (moment for _, moment in self._next.values() if moment is not None)


def _timing(schedule: Any) -> Timing:
    return Timing(
        expression=schedule.schedule_expression,
        timezone=schedule.schedule_expression_timezone,
        created=schedule.last_modified_date,
        start=_seconds(schedule.start_date),
        end=_seconds(schedule.end_date),
    )


def _seconds(date: Any) -> float | None:
    return float(date) if date is not None else None


def _after(timing: Timing, moment: float) -> float | None:
    try:
        return next_run(timing, moment)
    except ScheduleMistake as mistake:
        log.warning("a schedule never runs: %s", mistake.message)
        return None


def _longest_age(schedule: Any) -> float:
    policy = schedule.target.get("RetryPolicy") or {}
    return float(policy.get("MaximumEventAgeInSeconds") or LONGEST_AGE)


def _run(backend: Any, group: Any, schedule: Any, at: float) -> None:
    target = schedule.target
    try:
        if target.get("EcsParameters") and ":ecs:" in target["Arn"]:
            _run_task(backend, schedule.arn, target)
        else:
            log.warning("%s is due, and only tasks of ECS are run here", schedule.arn)
    except Exception as error:  # noqa: BLE001  # whatever the target's own API refuses
        log.warning("%s could not be started: %s", schedule.arn, error)
        _to_dead_letters(backend, schedule, at, error)
    if schedule.action_after_completion == "DELETE" and schedule.schedule_expression.startswith("at("):
        group.schedules.pop(schedule.name, None)


def _run_task(backend: Any, schedule_arn: str, target: dict[str, Any]) -> None:
    from moto.ecs.models import ecs_backends

    from cygni.local_cloud.ecs.moto_ecs_tasks import run_task

    given = _lowered(target["EcsParameters"])
    network = (given.pop("networkConfiguration", None) or {}).get("awsvpcConfiguration")
    if network:
        given["networkConfiguration"] = {"awsvpcConfiguration": _lowered(network)}
    if target.get("Input"):
        given["overrides"] = json.loads(target["Input"])
    given["count"] = given.pop("taskCount", 1)
    given["taskDefinition"] = given.pop("taskDefinitionArn")
    given["tags"] = [_lowered(tag) for tag in given.get("tags") or []]
    given["cluster"] = target["Arn"]
    given["startedBy"] = f"chronos-schedule/{schedule_arn.rpartition('/')[2]}"[:128]
    run_task(ecs_backends[backend.account_id][backend.region_name], given)


def _lowered(values: dict[str, Any]) -> dict[str, Any]:
    """The names as ECS itself spells them."""
    return {name[0].lower() + name[1:]: value for name, value in values.items()}


def _to_dead_letters(backend: Any, schedule: Any, at: float, error: Exception) -> None:
    queue_arn = (schedule.target.get("DeadLetterConfig") or {}).get("Arn")
    loaded = sys.modules.get("moto.sqs.models")
    if not queue_arn or loaded is None:
        return
    queue = loaded.sqs_backends[backend.account_id][backend.region_name].queues.get(
        queue_arn.rpartition(":")[2]
    )
    if queue is None:
        return
    said = {
        "ERROR_CODE": type(error).__name__,
        "ERROR_MESSAGE": str(error),
        "SCHEDULE_ARN": schedule.arn,
        "SCHEDULED_TIME": datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "TARGET_ARN": schedule.target["Arn"],
    }
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in said.items()}
    loaded.sqs_backends[backend.account_id][backend.region_name].send_message(
        queue.name, schedule.target.get("Input") or "{}", message_attributes=attributes
    )


def _schedules() -> Iterator[tuple[Any, Any, Any]]:
    """Backend, group and schedule of each that is switched on."""
    loaded = sys.modules.get("moto.scheduler.models")
    for regions in list(loaded.scheduler_backends.values()) if loaded else []:
        for backend in regions.values():
            for group in backend.schedule_groups.values():
                for schedule in list(group.schedules.values()):
                    if schedule.state != "DISABLED":
                        yield backend, group, schedule
