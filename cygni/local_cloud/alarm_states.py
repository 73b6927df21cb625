"""The state of a metric alarm, by CloudWatch's rules ("Using Amazon CloudWatch alarms", evaluation and missing data).
Pure."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from cygni.local_cloud.metric_math import Series

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

_COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanOrEqualToThreshold": (operator.ge, "greater than or equal to"),
    "GreaterThanThreshold": (operator.gt, "greater than"),
    "LessThanThreshold": (operator.lt, "less than"),
    "LessThanOrEqualToThreshold": (operator.le, "less than or equal to"),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """When an alarm fires: `datapoints` of the last `periods` (each of `seconds`) are beyond the threshold. `missing`
    is TreatMissingData."""

    comparison: str
    threshold: float
    seconds: int
    periods: int
    datapoints: int
    missing: str = "missing"


def is_known(comparison: str) -> bool:
    """False for comparisons with bands of anomalies, which are not evaluated here."""
    return comparison in _COMPARISONS


def state_of(rule: Rule, series: Series, now: float) -> tuple[State, str] | None:
    """State and reason; None where missing data keep the state as it is.

    The period that has not ended counts once something was seen in it, so an alarm fires as soon as it must.
    """
    values = [series.get(begin) for begin in _begins(rule, series, now)]
    found = [value for value in values if value is not None]
    if not found and rule.missing == "ignore":
        return None
    if not found and rule.missing == "missing":
        return "INSUFFICIENT_DATA", f"Insufficient Data: {rule.periods} datapoints were unknown."
    beyond, words = _COMPARISONS[rule.comparison]
    bad = sum(beyond(value, rule.threshold) for value in found)
    if rule.missing == "breaching":
        bad += len(values) - len(found)
    fires = bad >= rule.datapoints
    shown = bad if fires else len(found) - bad
    why = (
        f"Threshold Crossed: {shown} out of the last {len(values)} datapoints {_listed(found)} "
        f"{'was' if fires else 'was not'} {words} the threshold ({rule.threshold:g})."
    )
    return ("ALARM" if fires else "OK"), why


def window(rule: Rule, now: float) -> tuple[int, float]:
    """From when to when values are looked at."""
    current = int(now) // rule.seconds * rule.seconds
    return current - rule.periods * rule.seconds, now + 1


def _begins(rule: Rule, series: Series, now: float) -> list[int]:
    """Where the periods that count begin, oldest first."""
    first, _ = window(rule, now)
    begins = [first + number * rule.seconds for number in range(rule.periods + 1)]
    return begins[1:] if begins[-1] in series else begins[:-1]


def _listed(values: Sequence[float]) -> str:
    return "[" + ", ".join(f"{value:g}" for value in values) + "]"
