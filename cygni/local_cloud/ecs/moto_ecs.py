"""Where moto's ECS differs from AWS in a way that services and tasks meet, applied by moto_fixes.py.

moto runs nothing, so it makes up what it says of it: counts, one deployment that never ends, tasks that run at once.
Here tasks and deployments are our own objects (objects.py), moved by control.py. What moto drops of a service is kept.
Clusters with container instances are left to moto.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Mapping
from typing import Any, Final

from cygni.local_cloud.ecs.moto_ecs_tasks import cluster_name, fix_tasks, refusal, with_groups
from cygni.local_cloud.ecs.objects import Deployment, now
from cygni.local_cloud.ecs.services import begin_deployment, is_fargate
from cygni.local_cloud.ecs.tasks import ours
from cygni.local_cloud.patching import before


def fix_ecs() -> None:
    """Called once, before moto's ECS answers."""
    _fix_definitions()
    _fix_services()
    fix_tasks()


def _fix_definitions() -> None:
    """moto raises KeyError where a network configuration names no security groups (AWS uses the VPC's default
    group), and TypeError where a container leaves its memory to the task."""
    from moto.ecs.models import EC2ContainerServiceBackend, Service, Task

    measure = EC2ContainerServiceBackend._calculate_task_resource_requirements  # noqa: SLF001

    def with_memory(task: Any) -> Any:
        containers = [{"memory": c.get("memoryReservation", 0), **c} for c in task.container_definitions]
        return measure(types.SimpleNamespace(container_definitions=containers))

    before(Service, "_validate_network", lambda self, configuration: with_groups(configuration))
    before(Task, "__init__", lambda self, **named: with_groups(named.get("networking_configuration")))
    EC2ContainerServiceBackend._calculate_task_resource_requirements = staticmethod(with_memory)  # noqa: SLF001


_KEPT: Final[Mapping[str, tuple[str, Any]]] = {
    "availabilityZoneRebalancing": ("availability_zone_rebalancing", "ENABLED"),
    "capacityProviderStrategy": ("capacity_provider_strategy", None),
    "enableECSManagedTags": ("enable_ecs_managed_tags", False),
    "enableExecuteCommand": ("enable_execute_command", False),
    "healthCheckGracePeriodSeconds": ("health_check_grace_period_seconds", None),
    "placementConstraints": ("placement_constraints", []),
    "placementStrategy": ("placement_strategy", []),
    "platformVersion": ("platform_version", None),
}
"""What a service is made with that moto drops: where it is kept, and what AWS takes where it is not given."""

_REDEPLOYS: Final = (
    "taskDefinition", "networkConfiguration", "platformVersion", "capacityProviderStrategy", "loadBalancers",
    "serviceRegistries", "propagateTags", "enableECSManagedTags",
)  # fmt: skip
"""What starts a new deployment when it changes (API reference, UpdateService)."""

_ATTRIBUTES: Final = {name: attribute for name, (attribute, _) in _KEPT.items()} | {
    "desiredCount": "desired_count",
    "deploymentConfiguration": "deployment_configuration",
    "taskDefinition": "task_definition",
    "networkConfiguration": "network_configuration",
    "loadBalancers": "load_balancers",
    "serviceRegistries": "service_registries",
    "propagateTags": "propagate_tags",
}
_DEPLOYMENT_DEFAULTS: Final = {
    "maximumPercent": 200,
    "minimumHealthyPercent": 100,
    "deploymentCircuitBreaker": {"enable": False, "rollback": False},
    "strategy": "ROLLING",
    "bakeTimeInMinutes": 0,
}


def _fix_services() -> None:
    """moto drops half of what a service is made with, never deploys anew, counts tasks that do not run, lists
    services that are gone, and deletes a cluster with services in it."""
    from moto.core.responses import ActionResult
    from moto.ecs.exceptions import InvalidParameterException
    from moto.ecs.models import EC2ContainerServiceBackend
    from moto.ecs.responses import EC2ContainerServiceResponse

    create, listed = EC2ContainerServiceResponse.create_service, EC2ContainerServiceBackend.list_services

    @functools.wraps(create)
    def create_completely(response: Any) -> Any:
        given = response._get_params()  # noqa: SLF001
        key = f"{cluster_name(given)}:{given['serviceName']}"
        there = response.ecs_backend.services.get(key)
        if there is not None and there.status != "INACTIVE":
            raise InvalidParameterException("Creation of service was not idempotent.")
        answer = create(response)
        _complete(response.ecs_backend.services[key], given)
        return answer

    def update(response: Any) -> Any:
        return ActionResult({"service": update_service(response.ecs_backend, response._get_params())})  # noqa: SLF001

    def delete(backend: Any, cluster_name: str, service_name: str, force: bool) -> Any:
        service = backend._get_service(cluster_name, service_name.rpartition("/")[2])  # noqa: SLF001
        if service.desired_count > 0 and not force and service.scheduling_strategy == "REPLICA":
            raise InvalidParameterException(
                "The service cannot be stopped while it is scaled above 0. To force delete this service, use "
                "the force parameter."
            )
        service.desired_count = 0
        if service.status == "ACTIVE":
            service.status = "DRAINING"
        return service

    def list_those_there(backend: Any, *args: Any, **named: Any) -> list[str]:
        gone = {service.arn for service in backend.services.values() if service.status == "INACTIVE"}
        return [arn for arn in listed(backend, *args, **named) if arn not in gone]

    def refuse_when_used(backend: Any, cluster_str: str) -> None:
        cluster = backend._get_cluster(cluster_str)  # noqa: SLF001
        for service in backend.services.values():
            if service.cluster_name == cluster.name and service.status == "ACTIVE":
                raise refusal(
                    "ClusterContainsServicesException",
                    "The Cluster cannot be deleted while Services are active.",
                )
        if any(not task.is_stopped for task in ours(backend.tasks.get(cluster.name, {}).values())):
            raise refusal(
                "ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active."
            )

    EC2ContainerServiceResponse.create_service = create_completely
    EC2ContainerServiceResponse.update_service = update
    EC2ContainerServiceBackend.delete_service = delete
    EC2ContainerServiceBackend.list_services = list_those_there
    before(EC2ContainerServiceBackend, "delete_cluster", refuse_when_used)


def _complete(service: Any, given: Mapping[str, Any]) -> None:
    """A service that moto has just made, with all that it was made with."""
    for name, (attribute, default) in _KEPT.items():
        setattr(service, attribute, _as_kept(name, given.get(name, default)))
    if service.capacity_provider_strategy:
        service.launch_type = None
    if is_fargate(service):
        service.platform_version, service.platform_family = service.platform_version or "LATEST", "Linux"
    service.deployment_configuration = _DEPLOYMENT_DEFAULTS | (given.get("deploymentConfiguration") or {})
    service.created_at = now()
    service.last_completed = None
    service.events, service.deployments = [], []
    service.running_count = service.pending_count = 0
    if service.deployment_controller["type"] == "ECS" and service.task_definition:
        begin_deployment(service, _deployment(service))


def _as_kept(name: str, value: Any) -> Any:
    """As AWS tells it later: a strategy says what it left to AWS (API reference, CapacityProviderStrategyItem)."""
    if name == "capacityProviderStrategy" and value:
        return [{"weight": 0, "base": 0, **one} for one in value]
    return value


def _deployment(service: Any) -> Deployment:
    return Deployment(
        task_definition=service.task_definition,
        desired_count=service.desired_count,
        launch_type=service.launch_type,
        capacity_provider_strategy=service.capacity_provider_strategy,
        network_configuration=service.network_configuration or None,
    )


def update_service(backend: Any, given: Mapping[str, Any]) -> Any:
    """UpdateService. A change of what tasks are made from begins a new deployment."""
    service = backend._get_service(cluster_name(given), given["service"].rpartition("/")[2])  # noqa: SLF001
    if service.status != "ACTIVE":
        raise refusal("ServiceNotActiveException", "Service was not ACTIVE.")
    wanted = dict(given)
    if wanted.get("taskDefinition"):
        wanted["taskDefinition"] = backend.describe_task_definition(wanted["taskDefinition"]).arn
    if wanted.get("networkConfiguration"):
        with_groups(wanted["networkConfiguration"])
        service._validate_network(wanted["networkConfiguration"])  # noqa: SLF001
    before_it = {name: getattr(service, _ATTRIBUTES[name], None) for name in _REDEPLOYS}
    for name, attribute in _ATTRIBUTES.items():
        if wanted.get(name) is not None:
            value = _as_kept(name, wanted[name])
            if name == "deploymentConfiguration":
                value = service.deployment_configuration | value
            setattr(service, attribute, value)
    if service.capacity_provider_strategy:
        service.launch_type = None
    changed = any(getattr(service, _ATTRIBUTES[name], None) != before_it[name] for name in _REDEPLOYS)
    if not service.deployments:
        return service
    if changed or given.get("forceNewDeployment"):
        begin_deployment(service, _deployment(service))
    else:
        primary = service.deployments[0]
        if primary.desired_count != service.desired_count:
            primary.desired_count, primary.updated_at = service.desired_count, now()
            primary.next_launch_at, primary.failures_in_a_row = 0.0, 0
    return service
