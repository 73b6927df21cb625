"""How many tasks of a service run, and on what."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import appautoscaling, ecs

from components.component import Component
from components.entrance import Entrance
from cygni.naming import Colour


@dataclass(frozen=True)
class AutoscaleArgs:
    """Between `least` and `most` tasks run, so that they use `cpu` percent of their CPU on average, and that each has
    at most `requests` a minute; with both, what asks for more tasks wins.

    After tasks were added, `out_cooldown` seconds pass before more are, and `in_cooldown` before any is taken away.
    """

    least: int
    most: int
    cpu: int | None
    requests: int | None
    in_cooldown: int
    out_cooldown: int


@dataclass(frozen=True)
class SpotArgs:
    """`percent` of the tasks run on Fargate Spot, but `base` of them never do."""

    percent: int
    base: int


def capacity(spot: SpotArgs | None) -> list[ecs.ServiceCapacityProviderStrategyArgs]:
    """The strategy of a service. It is given without Spot, too: a service made with a launch type instead could take
    one only by being made anew."""
    percent, base = (spot.percent, spot.base) if spot is not None else (0, 0)
    fargate = ecs.ServiceCapacityProviderStrategyArgs(
        capacity_provider="FARGATE", weight=100 - percent, base=base
    )
    if not percent:
        return [fargate]
    return [
        *([fargate] if percent < 100 or base else []),
        ecs.ServiceCapacityProviderStrategyArgs(capacity_provider="FARGATE_SPOT", weight=percent),
    ]


def scale(
    parent: Component,
    service: ecs.Service,
    name: str,
    args: AutoscaleArgs,
    entrance: Entrance | None,
    colour: Colour,
) -> None:
    """Scales one colour of a service. Both may have no task at all: a release, which starts one, sets its least."""
    target = appautoscaling.Target(
        name,
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=pulumi.Output.all(service.cluster, service.name).apply(_resource_id),
        min_capacity=0,
        max_capacity=args.most,
        opts=parent.child(ignore_changes=["minCapacity"]),
    )
    if args.cpu is not None:
        _track(parent, f"{name}-cpu", target, args, args.cpu, "ECSServiceAverageCPUUtilization", None)
    if args.requests is not None and entrance is not None:
        group = entrance.target_groups[colour].arn_suffix
        label = pulumi.Output.concat(entrance.load_balancer, "/", group)
        _track(parent, f"{name}-requests", target, args, args.requests, "ALBRequestCountPerTarget", label)


def _track(
    parent: Component,
    name: str,
    target: appautoscaling.Target,
    args: AutoscaleArgs,
    value: int,
    metric: str,
    label: pulumi.Input[str] | None,
) -> None:
    appautoscaling.Policy(
        name,
        name=name,
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration=(
            appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs(
                target_value=value,
                scale_in_cooldown=args.in_cooldown,
                scale_out_cooldown=args.out_cooldown,
                predefined_metric_specification=(
                    appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs(
                        predefined_metric_type=metric, resource_label=label
                    )
                ),
            )
        ),
        opts=parent.child(),
    )


def _resource_id(names: list[str]) -> str:
    cluster, service = names
    return f"service/{cluster.rpartition('/')[2]}/{service}"
