"""CloudWatch Synthetics, RUM, X-Ray and Internet Monitor: what looks at applications from outside."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from cygni.pricing.charges import Gap, Quantity, by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import derived, flag, text
from cygni.schedules import ScheduleMistake, runs_per_month

_SERVICE: Final = "AmazonCloudWatch"


def _runs(expression: str) -> Quantity:
    """Runs a month; `rate(0 minutes)` runs a canary once."""
    if expression.startswith("rate(0 "):
        return Decimal(1)
    try:
        return runs_per_month(expression).quantize(Decimal("0.000001"))
    except ScheduleMistake as mistake:
        return Gap(mistake.message)


ESTIMATORS: Final = (
    priced(
        "aws:synthetics/canary:Canary",
        parts=(
            Part(
                by_usage("canary runs", _SERVICE, "canary-runs", "run", None),
                derived(text("schedule.expression"), _runs),
                when=flag("startCanary"),
                note="as its schedule says",
            ),
        ),
        otherwise="a canary that is not started costs nothing",
        notes=(
            "Runs a month follow from the schedule. The function, its logs and its bucket are billed there.",
        ),
    ),
    priced(
        "aws:rum/appMonitor:AppMonitor",
        parts=(by_usage("events", _SERVICE, "rum-events", "event", "rum_events"),),
    ),
    priced(
        "aws:cloudwatch/internetMonitor:InternetMonitor",
        parts=(fixed("monitored resource", _SERVICE, "internet-monitor-resource", "hour"),),
    ),
    priced(
        "aws:xray/samplingRule:SamplingRule",
        parts=(by_usage("traces recorded", "AWSXRay", "traces", "trace", "traces"),),
        notes=("The 100,000 free traces a month are not deducted.",),
    ),
)
