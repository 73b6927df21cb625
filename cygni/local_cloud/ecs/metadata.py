"""What a program in a task can ask about itself: the task metadata endpoint, version 4 (pure).

Source: Amazon ECS developer guide, "Amazon ECS task metadata endpoint version 4 for tasks on Fargate".
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from cygni.local_cloud.ecs.objects import RUNNING, Container, Task
from cygni.local_cloud.fargate_sizes import cpu_units, mebibytes


def metadata(path: str, tasks: Iterable[Task]) -> dict[str, Any] | None:
    """The answer to `CONTAINER` or `CONTAINER/task`, where a container is known as TASK-NAME; None for another."""
    identity, _, what = path.partition("/")
    task_id, _, name = identity.partition("-")
    task = next((one for one in tasks if one.id == task_id), None)
    container = next((one for one in task.containers if one.name == name), None) if task else None
    if task is None or container is None or what not in ("", "task"):
        return None
    return _task(task) if what else _container(task, container)


def _task(task: Task) -> dict[str, Any]:
    family, _, revision = task.task_definition_arn.rpartition("/")[2].rpartition(":")
    return {
        "Cluster": task.cluster_arn,
        "TaskARN": task.task_arn,
        "Family": family,
        "Revision": revision,
        "ServiceName": task.group.removeprefix("service:") if task.service else "",
        "DesiredStatus": task.desired_status,
        "KnownStatus": task.last_status,
        "Limits": {"CPU": (cpu_units(task.cpu) or 0) / 1024, "Memory": mebibytes(task.memory) or 0},
        "PullStartedAt": _time(task.pull_started_at),
        "PullStoppedAt": _time(task.pull_stopped_at),
        "AvailabilityZone": task.availability_zone,
        "LaunchType": "FARGATE",
        "Containers": [_container(task, one) for one in task.containers],
    }


def _container(task: Task, container: Container) -> dict[str, Any]:
    family, _, revision = task.task_definition_arn.rpartition("/")[2].rpartition(":")
    labels = {
        "cluster": task.cluster_arn,
        "container-name": container.name,
        "task-arn": task.task_arn,
        "task-definition-family": family,
        "task-definition-version": revision,
    }
    return {
        "DockerId": container.runtime_id or "",
        "Name": container.name,
        "DockerName": container.name,
        "Image": container.image,
        "ImageID": container.image_digest or "",
        "Labels": {f"com.amazonaws.ecs.{key}": value for key, value in labels.items()},
        "DesiredStatus": RUNNING if task.is_wanted else "STOPPED",
        "KnownStatus": container.last_status,
        "Limits": {"CPU": int(container.cpu or 0), "Memory": int(container.memory or 0)},
        "CreatedAt": _time(task.created_at),
        "StartedAt": _time(task.started_at),
        "Type": "NORMAL",
        "Networks": [
            {"NetworkMode": "awsvpc", "IPv4Addresses": [one["privateIpv4Address"]]}
            for one in container.network_interfaces
        ],
        "ContainerARN": container.container_arn,
    }


def _time(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment is not None else None
