"""What a plain comparison gets wrong of schedules, scaling, discovery and alarms; joined into rules.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

State = Mapping[str, Any]

_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
_POLICY = "aws:appautoscaling/policy:Policy"
_SCHEDULE = "aws:scheduler/schedule:Schedule"

NOT_APPLIED: Mapping[str, tuple[str, ...]] = {
    _ALARM: ("evaluationCriteria", "evaluationInterval", "evaluationWindow", "warmUpConfiguration"),
    _POLICY: ("predictiveScalingPolicyConfiguration",),
    _SCHEDULE: ("kmsKeyArn",),
}


def violations(token: str, inputs: State) -> Iterator[tuple[str, str]]:
    """Rules between properties that the facts cannot express: (property path, reason)."""
    if token == _ALARM:
        statistics = [name for name in ("statistic", "extendedStatistic") if inputs.get(name) is not None]
        if inputs.get("metricName") is not None and not statistics:
            yield "statistic", "an alarm on one metric needs statistic or extendedStatistic"
        for index, query in enumerate(inputs.get("metricQueries") or []):
            if isinstance(query, Mapping) and query.get("expression") and query.get("metric"):
                yield f"metricQueries[{index}]", "a query is an expression or a metric, not both"
    elif token == _SCHEDULE:
        window = inputs.get("flexibleTimeWindow")
        if isinstance(window, Mapping) and (window.get("mode") == "FLEXIBLE") != (
            window.get("maximumWindowInMinutes") is not None
        ):
            yield (
                "flexibleTimeWindow.maximumWindowInMinutes",
                "it is for mode FLEXIBLE, which cannot be without it",
            )
