"""The tasks of an environment: what runs now, and what ECS still remembers, which it does for an hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from cygni.billing.meters import MEMORY_GB_HOURS, VCPU_HOURS
from cygni.errors import NotFound
from cygni.metering.runs import Sighting
from cygni.naming import cluster_name, task_family
from cygni.targets.fargate.clients import Clients, asking
from cygni.targets.fargate.tasks import TASKS_A_CALL, batches

_UNITS: Final = 1024
"""CPU units of a vCPU, and MiB of a gigabyte, as ECS has both of a task."""


def tasks_in(clients: Clients, project: str, environment: str) -> list[Sighting] | None:
    """Each task since its image was first fetched, from when on AWS bills it; None where nothing of the environment
    stands. Raises what `asking` raises."""
    cluster = cluster_name(project, environment)
    try:
        with asking(f"the tasks of {project} ({environment}) are not known"):
            found = list(_described(clients("ecs"), cluster))
    except NotFound:
        return None
    seen = (sighting(task, task_family(project, environment, "")) for task in found)
    return [one for one in seen if one is not None]


def sighting(task: Mapping[str, Any], prefix: str) -> Sighting | None:
    """Of a task as DescribeTasks tells it, whose service is what follows `prefix` in its family; None where it does not
    use anything yet, or never did."""
    start = task.get("pullStartedAt") or task.get("startedAt")
    if start is None or not task.get("cpu") or not task.get("memory"):
        return None
    family = str(task["taskDefinitionArn"]).rpartition("/")[2].partition(":")[0]
    rates = {
        VCPU_HOURS.key: Decimal(task["cpu"]) / _UNITS,
        MEMORY_GB_HOURS.key: Decimal(task["memory"]) / _UNITS,
    }
    return Sighting(
        id=str(task["taskArn"]).rpartition("/")[2],
        subject=family.removeprefix(prefix),
        rates=rates,
        start=_utc(start),
        end=_utc(task["stoppedAt"]) if task.get("stoppedAt") else None,
    )


def _described(ecs: Any, cluster: str) -> Iterator[Mapping[str, Any]]:
    for status in ("RUNNING", "STOPPED"):
        pages = ecs.get_paginator("list_tasks").paginate(cluster=cluster, desiredStatus=status)
        arns = [arn for page in pages for arn in page["taskArns"]]
        for batch in batches(arns, TASKS_A_CALL):
            yield from ecs.describe_tasks(cluster=cluster, tasks=batch)["tasks"]


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)
