"""How traffic reaches the two colours of a web service."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import ecs, lb

from components.component import Component
from components.task import CONTAINER
from cygni.health_check import HealthCheck
from cygni.naming import Colour, auto_named


@dataclass(frozen=True)
class EntranceArgs:
    """How traffic reaches a web service: the listener's rules, and the port and check of its targets.

    `priority` orders the rules of the listener (1 to 50000, lower first): the service takes `RULES` from there on.
    """

    listener_arn: pulumi.Input[str]
    load_balancer_security_group: pulumi.Input[str]
    path: str
    priority: int
    port: int
    health: HealthCheck
    deregistration_delay: int


COLOUR_HEADER = "x-cygni-colour"
"""A request that names a colour in this header goes there, whatever the weights: so a release is tried first."""

RULES = 3
"""Rules of the listener for each service: for who names one of the two colours, then for everybody."""


class Entrance:
    """A target group for each colour, and the listener's rule that divides the traffic, as children of `parent`.

    Blue gets all of it at first; the weights belong to releases and are ignored from then on. Before that rule come
    one for each colour, for requests that name it.
    """

    def __init__(self, parent: Component, name: str, args: EntranceArgs, vpc_id: pulumi.Input[str]) -> None:
        self.name = name
        self.args = args
        self._parent = parent
        self.target_groups = {colour: self._target_group(colour, vpc_id) for colour in Colour}
        for at, colour in enumerate(Colour):
            self._preview_rule(colour, args.priority + at)
        self.rule = self._rule(args.priority + RULES - 1)
        self.load_balancer = pulumi.Output.from_input(args.listener_arn).apply(_load_balancer_of)
        """The load balancer as CloudWatch names it: `app/NAME/ID`."""

    def service_args(self, colour: Colour) -> ecs.ServiceLoadBalancerArgs:
        """How an ECS service registers its tasks."""
        return ecs.ServiceLoadBalancerArgs(
            container_name=CONTAINER,
            container_port=self.args.port,
            target_group_arn=self.target_groups[colour].arn,
        )

    def _target_group(self, colour: Colour, vpc_id: pulumi.Input[str]) -> lb.TargetGroup:
        args, health = self.args, self.args.health
        return lb.TargetGroup(
            auto_named(f"{self.name}-{colour}"),
            port=args.port,
            protocol="HTTP",
            target_type="ip",
            vpc_id=vpc_id,
            deregistration_delay=args.deregistration_delay,
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
            opts=self._parent.child(),
        )

    def _preview_rule(self, colour: Colour, priority: int) -> None:
        named = lb.ListenerRuleConditionArgs(
            http_header=lb.ListenerRuleConditionHttpHeaderArgs(
                http_header_name=COLOUR_HEADER, values=[colour]
            )
        )
        lb.ListenerRule(
            f"{self.name}-{colour}",
            listener_arn=self.args.listener_arn,
            priority=priority,
            conditions=[named, self._below_path()],
            actions=[
                lb.ListenerRuleActionArgs(type="forward", target_group_arn=self.target_groups[colour].arn)
            ],
            opts=self._parent.child(),
        )

    def _below_path(self) -> lb.ListenerRuleConditionArgs:
        patterns = lb.ListenerRuleConditionPathPatternArgs(values=_path_patterns(self.args.path))
        return lb.ListenerRuleConditionArgs(path_pattern=patterns)

    def _rule(self, priority: int) -> lb.ListenerRule:
        weighted = [
            lb.ListenerRuleActionForwardTargetGroupArgs(
                arn=self.target_groups[colour].arn, weight=100 if colour is Colour.BLUE else 0
            )
            for colour in Colour
        ]
        return lb.ListenerRule(
            self.name,
            listener_arn=self.args.listener_arn,
            priority=priority,
            conditions=[self._below_path()],
            actions=[
                lb.ListenerRuleActionArgs(
                    type="forward",
                    forward=lb.ListenerRuleActionForwardArgs(target_groups=weighted),
                )
            ],
            opts=self._parent.child(ignore_changes=["actions[*].forward.targetGroups[*].weight"]),
        )


def _load_balancer_of(listener_arn: str) -> str:
    """A listener's ARN ends with `:listener/app/NAME/ID/LISTENER` (Elastic Load Balancing API)."""
    return listener_arn.partition(":listener/")[2].rpartition("/")[0]


def _path_patterns(path: str) -> list[str]:
    if path == "/":
        return ["/*"]
    return [path.rstrip("/"), f"{path.rstrip('/')}/*"]
