"""Makes tasks, and moves them through their life as ECS does.

A task is PROVISIONING until it is placed, PENDING until its containers run, RUNNING until it is to stop; then
DEACTIVATING while target groups drain, STOPPING while its containers end, and STOPPED.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from cygni.local_cloud.ecs import wording
from cygni.local_cloud.ecs.objects import (
    DEACTIVATING,
    RUNNING,
    STOPPED,
    STOPPING,
    Container,
    Task,
    now,
)

KEPT_STOPPED: Final = timedelta(hours=1)
"""How long a stopped task can be described (Amazon ECS developer guide)."""
MOST_STOPPED: Final = 200
"""Of a cluster: what crashes all day must not fill the memory."""


@dataclass(frozen=True)
class Order:
    """What a task is made from. `network` is a networkConfiguration; `launch_type` or `provider`, not both."""

    cluster: Any
    definition: Any
    group: str
    network: Mapping[str, Any] | None = None
    launch_type: str | None = None
    provider: str | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)
    started_by: str | None = None
    tags: Sequence[Mapping[str, str]] = ()
    enable_execute_command: bool = False
    service: str | None = None
    deployment: str | None = None


def make_task(backend: Any, order: Order) -> Task:
    """A new task of moto's backend, with a network interface where its network is its own."""
    cluster, definition = order.cluster, order.definition
    # ECS's own ids are 32 hexadecimal digits.
    arn = f"{cluster.arn.replace(':cluster/', ':task/')}/{uuid.uuid4().hex}"
    task = Task(
        task_arn=arn,
        cluster_arn=cluster.arn,
        task_definition_arn=definition.arn,
        definition=definition,
        region=backend.region_name,
        group=order.group,
        containers=[_container(arn, one, order.overrides) for one in definition.container_definitions],
        cpu=order.overrides.get("cpu") or definition.cpu,
        memory=order.overrides.get("memory") or definition.memory,
        launch_type=order.launch_type,
        capacity_provider_name=order.provider,
        overrides=dict(order.overrides),
        started_by=order.started_by,
        tags=[dict(tag) for tag in order.tags],
        enable_execute_command=order.enable_execute_command,
        service=order.service,
        deployment=order.deployment,
    )
    if definition.ephemeral_storage:
        task.ephemeral_storage = definition.ephemeral_storage
    network = (order.network or {}).get("awsvpcConfiguration")
    if network:
        _attach(backend, task, network)
    backend.tasks.setdefault(cluster.name, {})[arn] = task
    return task


def _container(task_arn: str, given: Mapping[str, Any], overrides: Mapping[str, Any]) -> Container:
    override = override_of(overrides, given["name"])
    memory = override.get("memory") or given.get("memory")
    return Container(
        name=given["name"],
        image=given["image"],
        container_arn=f"{task_arn.replace(':task/', ':container/')}/{uuid.uuid4()}",
        task_arn=task_arn,
        cpu=str(override.get("cpu") or given.get("cpu") or 0),
        memory=str(memory) if memory else None,
        essential=given.get("essential") is not False,
    )


def override_of(overrides: Mapping[str, Any], container: str) -> Mapping[str, Any]:
    """What RunTask says of one container otherwise than the task definition."""
    found = [one for one in overrides.get("containerOverrides") or [] if one.get("name") == container]
    return found[0] if found else {}


def _attach(backend: Any, task: Task, network: Mapping[str, Any]) -> None:
    from moto.ec2.models import ec2_backends
    from moto.ec2.utils import random_private_ip
    from moto.ecs.exceptions import InvalidParameterException

    subnet_id, groups = network["subnets"][0], network.get("securityGroups") or []
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    for group in groups:
        if ec2.get_security_group_from_id(group) is None:
            raise InvalidParameterException(wording.no_security_group(group))
    interface = ec2.create_network_interface(
        subnet=subnet_id,
        private_ip_address=random_private_ip(),
        group_ids=groups,
        description=task.task_arn,
    )
    interface.status, interface.device_index = "in-use", 0
    interface.requester_managed = True
    task.availability_zone = interface.subnet.availability_zone
    details = {
        "subnetId": subnet_id,
        "networkInterfaceId": interface.id,
        "macAddress": interface.mac_address,
        "privateDnsName": interface.private_dns_name,
        "privateIPv4Address": interface.private_ip_address,
    }
    attachment_id = str(uuid.uuid4())
    task.attachments = [
        {
            "id": attachment_id,
            "type": "ElasticNetworkInterface",
            "status": "ATTACHED",
            "details": [{"name": name, "value": value} for name, value in details.items()],
        }
    ]
    for container in task.containers:
        address = {"attachmentId": attachment_id, "privateIpv4Address": interface.private_ip_address}
        container.network_interfaces = [address]


def _detach(backend: Any, task: Task) -> None:
    from moto.ec2.models import ec2_backends

    interfaces = ec2_backends[backend.account_id][backend.region_name].enis
    for attachment in task.attachments:
        attachment["status"] = "DELETED"
        for detail in attachment["details"]:
            if detail["name"] == "networkInterfaceId":
                interfaces.pop(detail["value"], None)


def begin_to_stop(task: Task, code: str, reason: str) -> None:
    """From here on it is not wanted; the first reason stays."""
    if not task.is_wanted:
        return
    task.desired_status = STOPPED
    task.stop_code, task.stopped_reason = code, reason
    task.stopping_at = now()
    task.version += 1
    if not task.is_stopped:
        task.last_status = DEACTIVATING


def order_to_stop(task: Task) -> None:
    """Its containers are to be ended: nothing is sent to them any more."""
    if not task.ordered_to_stop and not task.is_stopped:
        task.ordered_to_stop = True
        task.last_status = STOPPING
        task.version += 1


def mark_running(task: Task, at: datetime) -> None:
    """Its containers have begun; one that is to stop already stays as it is."""
    if task.is_wanted:
        task.last_status = RUNNING
    task.started_at = at
    task.connectivity, task.connectivity_at = "CONNECTED", at
    task.pull_started_at = task.pull_started_at or task.created_at
    task.pull_stopped_at = task.pull_stopped_at or at
    task.version += 1


def mark_stopped(backend: Any, task: Task, at: datetime) -> None:
    """The end: its network interface is gone."""
    task.desired_status = task.last_status = STOPPED
    task.execution_stopped_at = at
    task.stopped_at = now()
    task.stopping_at = task.stopping_at or at
    for container in task.containers:
        container.last_status = STOPPED
    task.version += 1
    _detach(backend, task)


def fail_to_start(backend: Any, task: Task, reason: str, container: Container | None = None) -> None:
    """A task that never ran."""
    begin_to_stop(task, "TaskFailedToStart", reason)
    if container is not None:
        container.reason = reason
    mark_stopped(backend, task, now())


def stopped_by_user(task: Task, reason: str | None) -> None:
    begin_to_stop(task, "UserInitiated", reason or wording.STOPPED_BY_USER)


def forget_stopped(tasks: dict[str, Task]) -> None:
    """Drop the tasks of a cluster that stopped long ago, and the oldest of too many."""
    stopped = sorted(ours(tasks.values()), key=lambda task: task.stopped_at or task.created_at)
    stopped = [task for task in stopped if task.is_stopped]
    limit = now() - KEPT_STOPPED
    for at, task in enumerate(stopped):
        if at < len(stopped) - MOST_STOPPED or (task.stopped_at or limit) < limit:
            del tasks[task.task_arn]


def ours(tasks: Iterable[Any]) -> Iterator[Task]:
    """Those that are run here; moto keeps its own of clusters with container instances."""
    return (task for task in tasks if isinstance(task, Task))
