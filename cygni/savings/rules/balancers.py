"""Load balancers that nobody asks anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cygni.pricing.usage_metrics import BALANCERS, Metric
from cygni.savings.evidence import DAYS
from cygni.savings.rule import Candidate, Change, Rule, Situation

_NAMESPACE: Final = "AWS/ApplicationELB"
_DIMENSIONS: Final = {"LoadBalancer": "{arn}"}
_REQUESTS: Final = Metric("alb_requests", BALANCERS, _NAMESPACE, ("RequestCount",), _DIMENSIONS, kind="app/")
_LCUS: Final = Metric("alb_presence", BALANCERS, _NAMESPACE, ("ConsumedLCUs",), _DIMENSIONS, kind="app/")
"""Always reported, where RequestCount is only if it is not zero: it tells no requests from no data."""


def _idle(situation: Situation) -> Iterable[Candidate]:
    evidence = situation.evidence
    for token in BALANCERS:
        for balancer in situation.known.of_type(token):
            if not evidence.measured_every_day(balancer.urn, _LCUS.amount):
                continue
            if not evidence.total(balancer.urn, _REQUESTS.amount):
                yield Candidate(
                    subject=balancer.urn,
                    seen=f"no request in {DAYS} days",
                    changed={balancer.urn: None},
                    change=Change(
                        "Remove the environment if nobody needs it; it can be deployed again.",
                        command=f"cx destroy -e {situation.environment}",
                    ),
                    caution="What else runs in the environment goes with it, and costs no more either.",
                )


RULES: Final = (
    Rule(
        "idle-load-balancer",
        "A load balancer that nobody asks anything is billed by the hour, with its public addresses.",
        f"No request in {DAYS} days, on each of which the load balancer was there. Health checks are no requests.",
        "Elastic Load Balancing User Guide, CloudWatch metrics for your Application Load Balancer",
        _idle,
        (_REQUESTS, _LCUS),
    ),
)
