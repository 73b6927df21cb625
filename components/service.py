"""One service on ECS Fargate, in two colours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_aws import ecs, lb

from components.component import Component
from components.task import CONTAINER, FargateArgs, Task
from cygni.health_check import HealthCheck
from cygni.naming import Colour, auto_named


@dataclass(frozen=True)
class EntranceArgs:
    """How traffic reaches a web service: the listener's rule, and the port and check of its targets.

    `priority` orders the rules of the listener (1 to 50000, lower first).
    """

    listener_arn: pulumi.Input[str]
    load_balancer_security_group: pulumi.Input[str]
    path: str
    priority: int
    port: int
    health: HealthCheck
    deregistration_delay: int


@dataclass(frozen=True, kw_only=True)
class ServiceArgs(FargateArgs):
    """`active` has `count` tasks, the other colour none. A service without `entrance` takes no traffic (a worker)."""

    count: int
    entrance: EntranceArgs | None = None
    active: Colour = Colour.BLUE


class Service(Component):
    """Log group, roles, task definition, and for blue and green a target group and an ECS service.

    Pulumi owns both colours; the weights between them belong to releases and are ignored here.
    """

    token = "cygni:compute:Service"

    def __init__(self, name: str, args: ServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.name = name
        self.args = args
        entrance = args.entrance
        self.task = Task(self, name, args, entrance.port if entrance is not None else None)
        if entrance is not None:
            group = entrance.load_balancer_security_group
            self.task.let_in("in", "From the load balancer", group, entrance.port)
        target_groups = self._target_groups()
        rule = self._listener_rule(target_groups)
        self.services = {colour: self._service(colour, target_groups.get(colour), rule) for colour in Colour}
        self.register_outputs({"taskDefinitionArn": self.task.definition.arn})

    def _target_groups(self) -> dict[Colour, lb.TargetGroup]:
        entrance = self.args.entrance
        if entrance is None:
            return {}
        health = entrance.health
        return {
            colour: lb.TargetGroup(
                auto_named(f"{self.name}-{colour}"),
                port=entrance.port,
                protocol="HTTP",
                target_type="ip",
                vpc_id=self.args.vpc_id,
                deregistration_delay=entrance.deregistration_delay,
                health_check=lb.TargetGroupHealthCheckArgs(
                    enabled=True,
                    path=health.path,
                    protocol="HTTP",
                    interval=health.interval,
                    timeout=health.timeout,
                    healthy_threshold=health.healthy_threshold,
                    unhealthy_threshold=health.unhealthy_threshold,
                    matcher=health.codes,
                ),
                opts=self.child(),
            )
            for colour in Colour
        }

    def _listener_rule(self, target_groups: Mapping[Colour, lb.TargetGroup]) -> lb.ListenerRule | None:
        entrance = self.args.entrance
        if entrance is None:
            return None
        weighted = [
            lb.ListenerRuleActionForwardTargetGroupArgs(
                arn=target_groups[colour].arn, weight=100 if colour is self.args.active else 0
            )
            for colour in Colour
        ]
        return lb.ListenerRule(
            self.name,
            listener_arn=entrance.listener_arn,
            priority=entrance.priority,
            conditions=[
                lb.ListenerRuleConditionArgs(
                    path_pattern=lb.ListenerRuleConditionPathPatternArgs(values=_path_patterns(entrance.path))
                )
            ],
            actions=[
                lb.ListenerRuleActionArgs(
                    type="forward",
                    forward=lb.ListenerRuleActionForwardArgs(target_groups=weighted),
                )
            ],
            opts=self.child(ignore_changes=["actions[*].forward.targetGroups[*].weight"]),
        )

    def _service(
        self, colour: Colour, target_group: lb.TargetGroup | None, rule: lb.ListenerRule | None
    ) -> ecs.Service:
        entrance = self.args.entrance
        load_balancers = None
        if target_group is not None and entrance is not None:
            load_balancers = [
                ecs.ServiceLoadBalancerArgs(
                    container_name=CONTAINER, container_port=entrance.port, target_group_arn=target_group.arn
                )
            ]
        return ecs.Service(
            f"{self.name}-{colour}",
            name=f"{self.name}-{colour}",
            cluster=self.args.cluster_arn,
            task_definition=self.task.definition.arn,
            desired_count=self.args.count if colour is self.args.active else 0,
            launch_type="FARGATE",
            propagate_tags="SERVICE",
            enable_ecs_managed_tags=True,
            deployment_circuit_breaker=ecs.ServiceDeploymentCircuitBreakerArgs(enable=True, rollback=True),
            network_configuration=ecs.ServiceNetworkConfigurationArgs(
                subnets=self.args.subnet_ids,
                security_groups=self.task.security_groups,
                assign_public_ip=self.args.public,
            ),
            load_balancers=load_balancers,
            health_check_grace_period_seconds=entrance.health.grace_period if entrance is not None else None,
            # A target group must hang on a listener before ECS accepts it.
            opts=self.child(depends_on=[*self.task.permissions, *([rule] if rule is not None else [])]),
        )


def _path_patterns(path: str) -> list[str]:
    if path == "/":
        return ["/*"]
    return [path.rstrip("/"), f"{path.rstrip('/')}/*"]
