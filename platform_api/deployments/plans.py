"""What the control plane reads in a plan, which it has as the document of docs/plan.schema.json (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

_UNKNOWN = "(known after apply)"
Plan = Mapping[str, Any]


def digest_of(plan: Plan) -> str:
    return str(plan["digest"])


def monthly_delta(plan: Plan) -> Decimal:
    """By how much what has a price costs more, in USD a month."""
    return Decimal(plan["cost"]["delta"]["monthly"])


def is_left_of(plan: Plan, approved: Plan) -> bool:
    """Whether `plan` has nothing in it that `approved` does not have: what a worker that was lost in between left."""
    steps = {(step["change"], step["urn"]): step for step in _steps(approved)}
    begun = {one["urn"] for stack in approved["stacks"] for one in stack["drift"]}
    services = {one["service"]: one for one in approved["releases"]}
    return (
        plan["emptied"] == approved["emptied"]
        and all(_is_covered(step, steps.get((step["change"], step["urn"]))) for step in _steps(plan))
        and all(one["urn"] in begun for stack in plan["stacks"] for one in stack["drift"])
        and all(one["service"] in services for one in plan["releases"])
    )


def _is_covered(step: Mapping[str, Any], approved: Mapping[str, Any] | None) -> bool:
    """What was not known when it was approved may be known now."""
    if approved is None or step["loses_data"] != approved["loses_data"]:
        return False
    wanted = {one["path"]: one["after"] for one in approved["properties"]}
    return all(wanted.get(one["path"]) in (one["after"], _UNKNOWN) for one in step["properties"])


def _steps(plan: Plan) -> list[Mapping[str, Any]]:
    return [step for stack in plan["stacks"] for step in stack["steps"]]
