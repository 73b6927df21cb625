"""What the task runner is told of a task (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cygni.local_cloud.data_plane.snapshot import ContainerOrder, TaskOrder
from cygni.local_cloud.ecs.discovery import reachable
from cygni.local_cloud.ecs.objects import Task
from cygni.local_cloud.ecs.placement import log_stream
from cygni.local_cloud.ecs.tasks import override_of
from cygni.local_cloud.fargate_sizes import mebibytes

STOP_SECONDS: Final = 30.0
"""Between SIGTERM and SIGKILL where the task definition does not say (API reference, ContainerDefinition)."""


def order_for(task: Task, names: Mapping[str, str] | None = None) -> TaskOrder:
    """`names` are those by which services find each other, with their addresses (discovery.py)."""
    return TaskOrder(
        arn=task.task_arn,
        region=task.region,
        memory=mebibytes(task.memory) or 0,
        stop=task.ordered_to_stop,
        containers=tuple(
            _container(task, given, names or {}) for given in task.definition.container_definitions
        ),
    )


def _container(task: Task, given: Mapping[str, Any], names: Mapping[str, str]) -> ContainerOrder:
    override = override_of(task.overrides, given["name"])
    environment = {one["name"]: str(one.get("value") or "") for one in given.get("environment") or []}
    environment |= {one["name"]: str(one.get("value") or "") for one in override.get("environment") or []}
    ports = [one["containerPort"] for one in given.get("portMappings") or [] if one.get("containerPort")]
    return ContainerOrder(
        name=given["name"],
        image=given["image"],
        entry_point=tuple(given.get("entryPoint") or ()),
        command=tuple(override.get("command") or given.get("command") or ()),
        environment=tuple((name, reachable(environment[name], names)) for name in sorted(environment)),
        secrets=tuple(sorted((one["name"], one["valueFrom"]) for one in given.get("secrets") or [])),
        essential=given.get("essential") is not False,
        container_port=int(ports[0]) if ports else 0,
        memory=int(override.get("memory") or given.get("memory") or 0),
        stop_seconds=float(given.get("stopTimeout") or STOP_SECONDS),
        has_log=log_stream(task, given["name"], given) is not None,
    )
