"""The guards of a plan, as commands ask them: for programs the error holds the plan that it stopped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cli.cost_limits import Holding
from cygni.errors import CygniError
from cygni.plan.document import plan_document
from cygni.plan.guards import guard_cost, guard_data, guard_policies, guard_refusals
from cygni.plan.model import Plan


def guarded(
    plan: Plan, *, as_json: bool, holding: Holding | None = None, allowed: Iterable[str] | None = None
) -> dict[str, Any]:
    """The details of whatever error comes next: with `as_json` the plan's document, as `plan`.

    `holding` has what it may cost; with `allowed` None the loss of data is not looked at. Raises SpecError,
    PolicyViolation, CostGuard and StatefulProtected, with these details.
    """
    shown = plan if holding is None else holding.shown(plan)
    details = {"plan": plan_document(shown)} if as_json else {}
    try:
        guard_refusals(plan)
        guard_policies(plan.findings)
        if holding is not None:
            guard_cost(plan, holding.limits, holding.elsewhere, holding.exchange)
        if allowed is not None:
            guard_data(plan, allowed)
    except CygniError as error:
        error.details.update(details)
        raise
    return details
