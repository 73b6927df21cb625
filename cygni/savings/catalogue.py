"""All rules, and what they ask of CloudWatch together."""

from __future__ import annotations

from typing import Final

from cygni.pricing.usage_metrics import Metric
from cygni.savings.rule import Rule
from cygni.savings.rules import balancers, disks, fargate, generations, logs, nat, unattached

RULES: Final[tuple[Rule, ...]] = (
    *nat.RULES,
    *fargate.RULES,
    *disks.RULES,
    *unattached.RULES,
    *balancers.RULES,
    *logs.RULES,
    *generations.RULES,
)

METRICS: Final[tuple[Metric, ...]] = tuple(
    {id(metric): metric for rule in RULES for metric in rule.metrics}.values()
)
