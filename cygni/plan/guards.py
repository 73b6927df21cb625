"""What must hold before a plan may be applied (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cygni.cost_limits import CostLimits, Elsewhere
from cygni.errors import PolicyViolation, SpecError, StatefulProtected
from cygni.plan.model import Change, Plan, PolicyFinding
from cygni.plan.refusals import refusals
from cygni.plan.wording import finding_text
from cygni.pricing.exchange import DOLLARS, Exchange
from cygni.pricing.guards import guard_budgets, guard_increase

_KEEP_TO_IT: Final = "Change what is deployed so that it keeps to the policy."


def guard_cost(
    plan: Plan, limits: CostLimits, elsewhere: Elsewhere | None = None, shown: Exchange = DOLLARS
) -> None:
    """Raises CostGuard if the plan costs more than `limits` allow, or if it may; in words of the currency that is
    `shown`. `elsewhere` is what the other environments of the project cost, for a budget of all of them."""
    guard_increase(plan.cost, limits, shown)
    guard_budgets(plan.cost, limits, elsewhere, shown)


def guard_refusals(plan: Plan) -> None:
    """Raises SpecError if `plan` has a change that AWS would refuse in the middle of it."""
    found = list(refusals(plan))
    if found:
        raise SpecError(
            "\n".join(one.message for one in found),
            hint=" ".join(["Nothing was changed.", *dict.fromkeys(one.hint for one in found)]),
        )


def guard_policies(findings: Iterable[PolicyFinding]) -> None:
    """Raises PolicyViolation if a mandatory policy is among `findings`."""
    broken = [finding for finding in findings if finding.mandatory]
    fixes = dict.fromkeys(finding.fix or _KEEP_TO_IT for finding in broken)
    if broken:
        raise PolicyViolation(
            "\n".join(dict.fromkeys(finding_text(finding) for finding in broken)),
            hint=" ".join(["Nothing was changed.", *fixes]),
            details={"policies": sorted({finding.policy for finding in broken})},
        )


def guard_data(plan: Plan, allowed: Iterable[str]) -> None:
    """Raises StatefulProtected if the plan loses data of a resource that is not named in `allowed`, or that AWS would
    refuse to delete in the middle of it."""
    blocked = plan.unprotected(allowed)
    if not blocked:
        _guard_protection(plan)
        return
    names = sorted({str(step.stateful) for step in blocked})
    doing = "replace" if all(step.change is Change.REPLACE for step in blocked) else "delete"
    raise StatefulProtected(
        f"this would {doing} data: {', '.join(names)}",
        hint="If that is meant, add " + " ".join(f"--allow-destroy {name}" for name in names),
        details={"names": names},
    )


def _guard_protection(plan: Plan) -> None:
    steps = [step for stack in plan.stacks for step in stack.steps if step.protected]
    if not steps:
        return
    names = sorted({str(step.stateful or step.name) for step in steps})
    raise StatefulProtected(
        f"AWS refuses to delete what is protected: {', '.join(names)}",
        hint="If that is meant, write `deletion_protection: false` there and deploy; then run this command again.",
        details={"names": names},
    )
