"""ECS's control plane for all of moto's backends: what the task runner is told, and what becomes of its reports.

All of it is called under moto's lock.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cygni.local_cloud.data_plane.reports import ContainerState, LogEvents, TaskState
from cygni.local_cloud.data_plane.snapshot import ElasticContainerService
from cygni.local_cloud.ecs import discovery, logs, services, targets, wording
from cygni.local_cloud.ecs.metadata import metadata
from cygni.local_cloud.ecs.objects import PENDING, PROVISIONING, RUNNING, STOPPED, Container, Task
from cygni.local_cloud.ecs.orders import order_for
from cygni.local_cloud.ecs.placement import Placed, Placement
from cygni.local_cloud.ecs.schedules import Schedules
from cygni.local_cloud.ecs.tasks import (
    begin_to_stop,
    fail_to_start,
    forget_stopped,
    mark_running,
    mark_stopped,
    order_to_stop,
    ours,
)
from cygni.local_cloud.identity import HOST


class Control:
    """`folder` is the local cloud's, where its images are; `wake` lets `reconcile` be called soon."""

    def __init__(self, folder: Path | None = None, wake: Callable[[], None] = lambda: None) -> None:
        self._placement = Placement(folder, wake)
        self._schedules = Schedules()
        self._looked_at = 0.0

    def reconcile(self) -> None:
        """Bring services and tasks to what they want, and run what is due by schedule."""
        self._looked_at = time.time()
        self._schedules.run_due()
        for backend in ecs_backends():
            for task in _tasks(backend):
                self._advance(backend, task)
            services.ServiceScheduler(backend, self._placement).reconcile()
            for task in _tasks(backend):  # what the scheduler has just decided
                self._advance(backend, task)
            for cluster in backend.clusters.values():
                forget_stopped(backend.tasks.get(cluster.name, {}))
                _count(backend, cluster)

    def section(self) -> ElasticContainerService:
        """What the task runner is to run, and to end."""
        found = discovery.names(one for backend in ecs_backends() for one in backend.services.values())
        wanted = [
            order_for(task, found)
            for backend in ecs_backends()
            for task in _tasks(backend)
            if task.placed and not task.is_stopped
        ]
        return ElasticContainerService(tasks=tuple(wanted))

    def due(self) -> float | None:
        """When to reconcile although nothing has happened (seconds since the epoch)."""
        moments = list(self._schedules.due())
        for backend in ecs_backends():
            for key, service in backend.services.items():
                if service.status != "INACTIVE" and service.desired_count and services.is_fargate(service):
                    moments += services.due(service, (one for one in _tasks(backend) if one.service == key))
            moments += [moment for task in _tasks(backend) if (moment := _drained_at(task)) is not None]
        return min((moment for moment in moments if moment > self._looked_at), default=None)

    def take(self, reports: Iterable[TaskState | LogEvents]) -> None:
        by_arn = {task.task_arn: (backend, task) for backend in ecs_backends() for task in _tasks(backend)}
        for report in reports:
            found = by_arn.get(report.task_arn)
            if found is None:
                continue
            if isinstance(report, LogEvents):
                logs.take(*found, report)
            elif not found[1].is_stopped:
                self._take_state(*found, report)

    def reported(self) -> tuple[LogEvents, ...]:
        """How far the logs of every task were taken."""
        return tuple(
            LogEvents(task.task_arn, container, position, position, ())
            for backend in ecs_backends()
            for task in _tasks(backend)
            for container, position in task.log_positions.items()
            if not task.is_stopped
        )

    def metadata(self, path: str) -> dict[str, Any] | None:
        """What a program in a task asks about itself; None where nobody is meant."""
        return metadata(path, (task for backend in ecs_backends() for task in _tasks(backend)))

    def forget(self) -> None:
        """Everything that was beside moto."""
        self._schedules = Schedules()

    def _advance(self, backend: Any, task: Task) -> None:
        if task.is_stopped:
            return
        if task.is_wanted:
            if not task.placed and self._placement.place(backend, task) is Placed.NO:
                _ended(backend, task)
            return
        if not task.placed:
            mark_stopped(backend, task, datetime.now(UTC))
            _ended(backend, task)
            return
        _leave_targets(backend, task)
        if not task.ordered_to_stop and targets.drained_at(task) is None:
            order_to_stop(task)

    def _take_state(self, backend: Any, task: Task, report: TaskState) -> None:
        at = datetime.fromtimestamp(report.at, UTC)
        known = {container.name: container for container in task.containers}
        for told in report.containers:
            if told.name in known:
                _take_container(known[told.name], told)
        if report.reason:
            _leave_targets(backend, task)
            fail_to_start(backend, task, report.reason, task.containers[0])
            _ended(backend, task)
            return
        ended = any(one.essential and one.last_status == STOPPED for one in task.containers)
        if task.started_at is None and all(one.last_status != PENDING for one in task.containers):
            mark_running(task, at)
            if task.is_wanted and not ended:
                _enter_targets(backend, task)
        elif task.last_status == PROVISIONING:
            task.last_status = PENDING
        if ended:
            begin_to_stop(task, "EssentialContainerExited", wording.ESSENTIAL_EXITED)
            _leave_targets(backend, task)
        if all(one.last_status == STOPPED for one in task.containers):
            mark_stopped(backend, task, at)
            _ended(backend, task)


def _take_container(container: Container, told: ContainerState) -> None:
    container.last_status = told.status
    container.exit_code = told.exit_code
    container.reason = told.reason or None
    container.runtime_id = told.runtime_id or None
    if told.port:
        container.port = told.port
        binding = {"bindIP": HOST, "hostPort": told.port, "protocol": "tcp"}
        container.network_bindings = [{**binding, "containerPort": told.container_port or told.port}]


def _enter_targets(backend: Any, task: Task) -> None:
    service = backend.services.get(task.service)
    for one in targets.register(task, service.load_balancers) if service is not None else []:
        services.say(service, wording.event_registered(service.name, 1, one.target_group_arn))


def _leave_targets(backend: Any, task: Task) -> None:
    service = backend.services.get(task.service)
    gone = targets.deregister(task)
    if gone and service is not None:
        for one in gone:
            services.say(service, wording.event_deregistered(service.name, 1, one.target_group_arn))
        services.say(service, wording.event_draining(service.name, 1))


def _ended(backend: Any, task: Task) -> None:
    """A task has stopped: one that a service did not want to stop, and that never was well, is a failure."""
    service = backend.services.get(task.service)
    if (
        service is None
        or task.settled
        or task.stop_code not in ("TaskFailedToStart", "EssentialContainerExited")
    ):
        return
    deployment = next((one for one in service.deployments if one.id == task.deployment), None)
    if deployment is not None:
        services.count_failure(service, deployment, ran=task.started_at is not None)


def _drained_at(task: Task) -> float | None:
    if task.is_wanted or task.is_stopped or task.ordered_to_stop:
        return None
    return targets.drained_at(task)


def _count(backend: Any, cluster: Any) -> None:
    """What DescribeClusters tells."""
    tasks = [task for task in ours(backend.tasks.get(cluster.name, {}).values()) if not task.is_stopped]
    cluster.running_tasks_count = len([task for task in tasks if task.last_status == RUNNING])
    cluster.pending_tasks_count = len([task for task in tasks if task.last_status in (PROVISIONING, PENDING)])
    cluster.active_services_count = len(
        [
            one
            for one in backend.services.values()
            if one.cluster_name == cluster.name and one.status == "ACTIVE"
        ]
    )


def _tasks(backend: Any) -> list[Task]:
    return [task for tasks in list(backend.tasks.values()) for task in ours(list(tasks.values()))]


def ecs_backends() -> Iterator[Any]:
    """moto's backends of every account and region, where the service is in use."""
    loaded = sys.modules.get("moto.ecs.models")
    for regions in list(loaded.ecs_backends.values()) if loaded else []:
        yield from regions.values()
