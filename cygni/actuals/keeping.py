"""From an estimate to what is kept of it beside a release (pure)."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from cygni.actuals.bill_services import billed_service
from cygni.naming import urn_tag
from cygni.pricing.cost import Estimate
from cygni.pricing.money import ZERO
from cygni.releases.estimate import EstimatedCost, KeptEstimate


def kept_estimate(estimate: Estimate) -> KeptEstimate:
    """The totals, and what each resource costs by service of the bill. What costs nothing is left out."""
    found: defaultdict[tuple[str, str, str], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for cost in estimate.resources:
        stack = cost.urn.removeprefix("urn:pulumi:").partition("::")[0]
        resource = urn_tag(stack, cost.type, cost.name)
        for line in cost.lines:
            if line.monthly:
                service = billed_service(line.price_key, cost.type)
                found[stack, resource, service][line.usage_based] += line.monthly
    costs = tuple(
        EstimatedCost(stack, resource, service, fixed, usage)
        for (stack, resource, service), (fixed, usage) in sorted(found.items())
    )
    unknown = sum(one.cost.monthly is None or one.cost.usage_monthly is None for one in estimate.resources)
    return KeptEstimate(estimate.monthly, estimate.usage_monthly, unknown, costs)
