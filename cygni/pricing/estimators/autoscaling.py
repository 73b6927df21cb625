"""Application Auto Scaling: free itself, but target tracking creates alarms that are billed."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from cygni.pricing import inputs
from cygni.pricing.charges import Amount, Estimator, Free, Gap, Measured, fixed
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

ALARMS: Final = fixed(
    "target tracking alarms",
    "AmazonCloudWatch",
    "alarm",
    "alarm-metric-month",
    resolution="standard",
    allowance="alarms",
)


def _policy(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    kind = inputs.text(resource.inputs, "policyType", "StepScaling")
    if isinstance(kind, Gap):
        return [Amount(ALARMS, kind)]
    if kind != "TargetTrackingScaling":
        return Free("a scaling policy costs nothing by itself")
    return [Amount(ALARMS, Decimal(2), "AWS creates one alarm to scale out and one to scale in")]


ESTIMATORS: Final = (
    Estimator(
        ("aws:appautoscaling/policy:Policy", "aws:autoscaling/policy:Policy"),
        (ALARMS,),
        _policy,
        ("A target tracking policy makes two alarms of its own; other policies are free.",),
    ),
)
