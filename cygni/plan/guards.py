"""What must hold before a plan may be applied (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from cygni.errors import CostGuard, PolicyViolation, StatefulProtected
from cygni.plan.model import Change, Plan, PolicyFinding
from cygni.plan.wording import finding_text
from cygni.pricing.wording import money


def guard_cost(plan: Plan, limit: Decimal | None) -> None:
    """Raises CostGuard if the plan costs more than `limit` USD per month more than now, or if that is unknown."""
    if limit is None:
        return
    delta = plan.cost.delta_monthly
    if delta > limit:
        raise CostGuard(
            f"this would cost {money(delta)} a month more, and at most {money(limit)} is allowed",
            hint="Change what is deployed, or allow more with --max-cost-increase.",
            details={"delta_monthly": str(delta), "limit_monthly": str(limit)},
        )
    if plan.cost.unknown:
        raise CostGuard(
            f"the cost of {_that_change(plan.cost.unknown)} is not known, so no limit can be kept",
            hint="See which in the plan. Without --max-cost-increase they are shown but not guarded.",
            details={"unknown": plan.cost.unknown},
        )


def guard_policies(findings: Iterable[PolicyFinding]) -> None:
    """Raises PolicyViolation if a mandatory policy is among `findings`."""
    broken = [finding for finding in findings if finding.mandatory]
    if broken:
        raise PolicyViolation(
            "\n".join(dict.fromkeys(finding_text(finding) for finding in broken)),
            hint="Nothing was changed. Change what is deployed so that it keeps to the policy.",
            details={"policies": sorted({finding.policy for finding in broken})},
        )


def guard_data(plan: Plan, allowed: Iterable[str]) -> None:
    """Raises StatefulProtected if the plan loses data of a resource that is not named in `allowed`."""
    blocked = plan.unprotected(allowed)
    if not blocked:
        return
    names = sorted({str(step.stateful) for step in blocked})
    doing = "replace" if all(step.change is Change.REPLACE for step in blocked) else "delete"
    raise StatefulProtected(
        f"this would {doing} data: {', '.join(names)}",
        hint="If that is meant, add " + " ".join(f"--allow-destroy {name}" for name in names),
        details={"names": names},
    )


def _that_change(count: int) -> str:
    return "1 resource that changes" if count == 1 else f"{count} resources that change"
