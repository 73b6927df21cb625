"""One service on ECS Fargate, in two colours."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import ecs

from components.alarms import AlarmArgs, Alarms
from components.component import Component
from components.discovery import FoundAs, registry
from components.entrance import Entrance, EntranceArgs
from components.scaling import AutoscaleArgs, SpotArgs, capacity, scale
from components.task import FargateArgs, Task
from cygni.naming import Colour


@dataclass(frozen=True, kw_only=True)
class ServiceArgs(FargateArgs):
    """A service without `entrance` takes no traffic (a worker). `found_as` is the name that other services find one
    with an entrance by, at its port.
    """

    entrance: EntranceArgs | None = None
    autoscale: AutoscaleArgs | None = None
    spot: SpotArgs | None = None
    alarms: AlarmArgs | None = None
    found_as: FoundAs | None = None


class Service(Component):
    """Log group, roles, task definition, and for blue and green a target group and an ECS service.

    Pulumi makes both colours without a task. What each runs, how many tasks of it, within which limits of autoscaling,
    and the weights between the colours belong to releases, and are ignored here.
    """

    token = "cygni:compute:Service"

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.name = name
        self.args = args
        entrance = args.entrance
        self.task = Task(self, name, args, entrance.port if entrance is not None else None)
        self.entrance: Entrance | None = None
        if entrance is not None:
            group = entrance.load_balancer_security_group
            self.task.let_in("in", "From the load balancer", group, entrance.port)
            if args.found_as is not None:
                self.task.let_in("peers", "From other services", args.found_as.peers, entrance.port)
            self.entrance = Entrance(self, name, entrance, args.vpc_id)
        self.registry = registry(self, name, args.found_as) if args.found_as is not None else None
        self.services = {colour: self._service(colour) for colour in Colour}
        if args.autoscale is not None:
            for colour, service in self.services.items():
                scale(self, service, f"{name}-{colour}", args.autoscale, self.entrance, colour)
        if args.alarms is not None:
            Alarms(self, name, args.alarms, args.cluster_arn, self.services, self.entrance)
        self.register_outputs(self.task.outputs)

    def _service(self, colour: Colour) -> ecs.Service:
        entrance = self.entrance
        # A target group must hang on a listener before ECS accepts it.
        needed = [*self.task.permissions, *([entrance.rule] if entrance is not None else [])]
        return ecs.Service(
            f"{self.name}-{colour}",
            name=f"{self.name}-{colour}",
            cluster=self.args.cluster_arn,
            task_definition=self.task.definition.arn,
            desired_count=0,
            capacity_provider_strategies=capacity(self.args.spot),
            # Without it the provider refuses to change the strategy of a service that is there. It also means that
            # whatever else changes in place replaces the tasks, a few at a time.
            force_new_deployment=True,
            propagate_tags="SERVICE",
            enable_ecs_managed_tags=True,
            enable_execute_command=self.args.exec or None,
            deployment_circuit_breaker=ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
            network_configuration=ecs.ServiceNetworkConfigurationArgs(
                subnets=self.args.subnet_ids,
                security_groups=self.task.security_groups,
                assign_public_ip=self.args.public,
            ),
            service_registries=(
                ecs.ServiceServiceRegistriesArgs(registry_arn=self.registry.arn)
                if self.registry is not None
                else None
            ),
            load_balancers=[entrance.service_args(colour)] if entrance is not None else None,
            health_check_grace_period_seconds=(
                entrance.args.health.grace_period if entrance is not None else None
            ),
            opts=self.child(depends_on=needed, ignore_changes=["desiredCount", "taskDefinition"]),
        )
