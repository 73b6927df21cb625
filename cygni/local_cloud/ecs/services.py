"""Brings the services of moto's ECS to what they want: looks at each, decides (rollout.py), and does it.

Called after whatever may have changed something, and when `due` says so; called again it changes nothing.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from cygni.local_cloud.ecs import targets, wording
from cygni.local_cloud.ecs.failures import SETTLED_AFTER, SPEAKS_AFTER, Breaker, wait_after
from cygni.local_cloud.ecs.objects import RUNNING, Deployment, Task, now
from cygni.local_cloud.ecs.placement import Placed, Placement
from cygni.local_cloud.ecs.providers import next_provider
from cygni.local_cloud.ecs.rollout import Health, LiveTask, Rollout, Why, decide, seen_as
from cygni.local_cloud.ecs.tasks import Order, begin_to_stop, make_task, ours

MOST_EVENTS: Final = 100
"""Of a service, as DescribeServices tells them (API reference, Service)."""

FARGATE: Final = frozenset({"FARGATE", "FARGATE_SPOT"})
_ROUNDS: Final = 20


class ServiceScheduler:
    """The services of one backend of moto's."""

    def __init__(self, backend: Any, placement: Placement) -> None:
        self._backend = backend
        self._placement = placement

    def reconcile(self) -> None:
        for key, service in list(self._backend.services.items()):
            if service.status != "INACTIVE" and service.scheduling_strategy == "REPLICA":
                _Reconciling(self._backend, self._placement, key, service).run()


class _Reconciling:
    """One service, once."""

    def __init__(self, backend: Any, placement: Placement, key: str, service: Any) -> None:
        self._backend = backend
        self._placement = placement
        self._key = key
        self._service = service
        self._breaker = Breaker.of(getattr(service, "deployment_configuration", None))

    def run(self) -> None:
        if self._service.deployments:
            self._settle()
            if is_fargate(self._service):
                self._roll_out()
            elif self._service.desired_count:
                self._say_once(wording.event_no_instance(self._service.name))
        self._drop_old_deployments()
        self._publish()
        if self._service.status == "DRAINING" and not self._tasks():
            self._service.status = "INACTIVE"

    def _tasks(self) -> list[Task]:
        """Those of the service that have not stopped."""
        tasks = self._backend.tasks.get(self._service.cluster_name, {}).values()
        return [task for task in ours(tasks) if task.service == self._key and not task.is_stopped]

    @property
    def _primary(self) -> Deployment:
        first: Deployment = self._service.deployments[0]
        return first

    def _settle(self) -> None:
        """Tasks that count as well started end the count of failures of their deployment."""
        for task in self._tasks():
            if not task.settled and self._health(task) is Health.HEALTHY:
                task.settled = True
                deployment = self._deployment(task)
                if deployment is not None:
                    deployment.failures_in_a_row = 0
                    if self._breaker.resets:
                        deployment.failed_tasks = 0

    def _health(self, task: Task) -> Health:
        if task.last_status != RUNNING or task.started_at is None:
            return Health.UNKNOWN
        checked = targets.health(task)[0] if targets.is_checked(task) else None
        grace = getattr(self._service, "health_check_grace_period_seconds", None) or 0
        return seen_as(checked, time.time() - task.started_at.timestamp(), grace, settled=task.settled)

    def _roll_out(self) -> None:
        self._break_circuit()
        for _ in range(_ROUNDS):
            wanted = next((one for one in self._service.deployments if one.rollout_state != "FAILED"), None)
            live = [self._view(task) for task in self._tasks() if task.is_wanted]
            decision = decide(self._rollout(wanted, live))
            self._stop(decision.stop)
            if wanted is not None and decision.start and not self._start(wanted, decision.start):
                return
            if decision.steady and wanted is self._primary:
                self._complete(wanted)
            if not decision.stop and not decision.start:
                return

    def _rollout(self, wanted: Deployment | None, live: Sequence[LiveTask]) -> Rollout:
        service = self._service
        configuration = getattr(service, "deployment_configuration", None) or {}
        minimum, maximum = configuration.get("minimumHealthyPercent"), configuration.get("maximumPercent")
        return Rollout(
            desired=service.desired_count if service.status == "ACTIVE" else 0,
            minimum_percent=100 if minimum is None else minimum,
            maximum_percent=200 if maximum is None else maximum,
            wanted=wanted.id if wanted is not None else None,
            may_launch=wanted is not None and time.time() >= wanted.next_launch_at,
            tasks=live,
        )

    def _view(self, task: Task) -> LiveTask:
        return LiveTask(
            id=task.id,
            deployment=task.deployment or "",
            runs=task.last_status == RUNNING,
            health=self._health(task),
            since=task.created_at.timestamp(),
        )

    def _stop(self, stop: Iterable[tuple[str, Why]]) -> None:
        by_id = {task.id: task for task in self._tasks()}
        stopped = []
        for id, why in stop:
            task = by_id[id]
            if why is Why.UNHEALTHY:
                self._stop_unhealthy(task)
            else:
                begin_to_stop(task, "ServiceSchedulerInitiated", wording.stopped_by_scaling(self._primary.id))
            stopped.append(task.id)
        if stopped:
            self._say(wording.event_stopped(self._service.name, stopped))

    def _stop_unhealthy(self, task: Task) -> None:
        _, place, why = targets.health(task)
        if place is not None:
            group = place.target_group_arn
            self._say(wording.event_unhealthy(self._service.name, place.port, group, why))
            begin_to_stop(task, "ServiceSchedulerInitiated", wording.stopped_by_health(group))
        deployment = self._deployment(task)
        if deployment is not None and not task.settled:
            deployment.failed_tasks += 1

    def _start(self, deployment: Deployment, count: int) -> bool:
        """Whether all could be placed; the first that cannot ends the try."""
        started: list[str] = []
        placed = Placed.YES
        while len(started) < count and placed is not Placed.NO:
            try:
                task = self._make(deployment)
            except Exception as error:  # noqa: BLE001  # what it needs is gone: a subnet, a task definition
                self._say(wording.event_not_placed(self._service.name, str(error)))
                placed = Placed.NO
            else:
                started.append(task.id)
                placed = self._placement.place(self._backend, task)
        if started:
            self._say(wording.event_started(self._service.name, started))
        if placed is Placed.NO:
            count_failure(self._service, deployment, ran=False)
            self._break_circuit()
        return placed is not Placed.NO

    def _make(self, deployment: Deployment) -> Task:
        service = self._service
        strategy = deployment.capacity_provider_strategy
        used = [task.capacity_provider_name for task in self._tasks() if task.is_wanted]
        order = Order(
            cluster=self._backend._get_cluster(service.cluster_name),  # noqa: SLF001
            definition=self._backend.describe_task_definition(deployment.task_definition),
            group=f"service:{service.name}",
            network=deployment.network_configuration,
            launch_type=None if strategy else deployment.launch_type,
            provider=next_provider(strategy, used) if strategy else None,
            started_by=deployment.id,
            tags=self._task_tags(deployment),
            enable_execute_command=bool(getattr(service, "enable_execute_command", False)),
            service=self._key,
            deployment=deployment.id,
        )
        return make_task(self._backend, order)

    def _task_tags(self, deployment: Deployment) -> list[dict[str, str]]:
        service = self._service
        tags: list[dict[str, str]] = []
        if service.propagate_tags == "SERVICE":
            tags += service.tags
        elif service.propagate_tags == "TASK_DEFINITION":
            tags += self._backend.describe_task_definition(deployment.task_definition).tags
        if getattr(service, "enable_ecs_managed_tags", False):
            managed = {"aws:ecs:clusterName": service.cluster_name, "aws:ecs:serviceName": service.name}
            tags += [{"key": key, "value": value} for key, value in managed.items()]
        return tags

    def _break_circuit(self) -> None:
        primary = self._primary
        if primary.rollout_state != "IN_PROGRESS":
            return
        if not self._breaker.trips(self._service.desired_count, primary.failed_tasks):
            return
        primary.rollout_state = "FAILED"
        primary.rollout_state_reason = wording.failed(primary.id)
        primary.updated_at = now()
        self._say(wording.event_failed(self._service.name, primary.id))
        good = getattr(self._service, "last_completed", None)
        if self._breaker.rolls_back and good is not None and not primary.rolls_back:
            self._roll_back(good)

    def _roll_back(self, good: Deployment) -> None:
        """As ECS does: a further deployment, of what was deployed last with success."""
        service = self._service
        again = Deployment(
            task_definition=good.task_definition,
            desired_count=service.desired_count,
            launch_type=good.launch_type,
            capacity_provider_strategy=good.capacity_provider_strategy,
            network_configuration=good.network_configuration,
            platform_version=good.platform_version,
            rolls_back=True,
        )
        # Tasks of the good deployment go on as those of this one: they are what it asks for.
        for task in self._tasks():
            if task.deployment == good.id and task.is_wanted:
                task.deployment = again.id
        service.task_definition = good.task_definition
        begin_deployment(service, again)
        again.rollout_state_reason = wording.rolling_back(good.id)
        self._say(wording.event_rolling_back(service.name, again.id))

    def _complete(self, primary: Deployment) -> None:
        if primary.rollout_state == "IN_PROGRESS" and not self._others_left():
            primary.rollout_state = "COMPLETED"
            primary.rollout_state_reason = wording.completed(primary.id)
            primary.updated_at = now()
            self._service.last_completed = primary
            self._say(wording.event_completed(self._service.name, primary.id))
        if not self._others_left():
            self._say_once(wording.event_steady(self._service.name))

    def _others_left(self) -> bool:
        return any(task.deployment != self._primary.id for task in self._tasks())

    def _deployment(self, task: Task) -> Deployment | None:
        return next((one for one in self._service.deployments if one.id == task.deployment), None)

    def _drop_old_deployments(self) -> None:
        used = {task.deployment for task in self._tasks()}
        self._service.deployments = [
            one for at, one in enumerate(self._service.deployments) if at == 0 or one.id in used
        ]

    def _publish(self) -> None:
        """The counts that DescribeServices tells."""
        tasks, service = self._tasks(), self._service
        running = [task for task in tasks if task.last_status == RUNNING]
        pending = [task for task in tasks if task.is_wanted and task.last_status != RUNNING]
        service.running_count, service.pending_count = len(running), len(pending)
        for deployment in service.deployments:
            deployment.running_count = len([task for task in running if task.deployment == deployment.id])
            deployment.pending_count = len([task for task in pending if task.deployment == deployment.id])

    def _say(self, message: str) -> None:
        say(self._service, message)

    def _say_once(self, message: str) -> None:
        """Unless it was the last thing said."""
        if not self._service.events or self._service.events[0]["message"] != message:
            self._say(message)


def is_fargate(service: Any) -> bool:
    """Whether its tasks need no container instance of the account's own."""
    strategy = getattr(service, "capacity_provider_strategy", None)
    if strategy:
        return all(one.get("capacityProvider") in FARGATE for one in strategy)
    return bool(service.launch_type == "FARGATE")


def begin_deployment(service: Any, deployment: Deployment) -> None:
    """Make it the primary one; those before it stay as long as they have tasks."""
    for earlier in service.deployments:
        earlier.status = "ACTIVE"
        earlier.desired_count = 0
    deployment.rollout_state_reason = wording.in_progress(deployment.id)
    service.deployments.insert(0, deployment)


def count_failure(service: Any, deployment: Deployment, *, ran: bool) -> None:
    """A task of the deployment has failed: wait before the next."""
    deployment.failed_tasks += 1
    deployment.failures_in_a_row += 1
    deployment.next_launch_at = time.time() + wait_after(deployment.failures_in_a_row, ran=ran)
    deployment.updated_at = now()
    if deployment.failures_in_a_row == SPEAKS_AFTER and not ran:
        say(service, wording.event_throttled(service.name))


def say(service: Any, message: str, at: datetime | None = None) -> None:
    event = {"id": str(uuid.uuid4()), "createdAt": at or now(), "message": message}
    service.events[:] = [event, *service.events[: MOST_EVENTS - 1]]


def due(service: Any, tasks: Iterable[Task]) -> list[float]:
    """When to look at a service again without being asked to (seconds since the epoch)."""
    moments = [one.next_launch_at for one in service.deployments[:1] if one.rollout_state != "FAILED"]
    grace = getattr(service, "health_check_grace_period_seconds", None) or 0
    for task in tasks:
        if task.started_at is not None and task.is_wanted:
            started = task.started_at.timestamp()
            moments += [started + SETTLED_AFTER, started + grace]
    return moments
