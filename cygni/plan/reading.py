"""A plan as its document has it, read again: to show what was planned elsewhere (pure).

What a document leaves out is left out here too: ids in the cloud, outputs, and the resources that stay as they are. It
is enough for every renderer, and not for an apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cygni.naming import Part
from cygni.plan.model import (
    Change,
    Drift,
    Plan,
    PlannedRelease,
    PolicyFinding,
    PropertyChange,
    Rollout,
    StackPlan,
    StackStatus,
    Step,
    TemporaryCost,
)
from cygni.pricing.reading import amount_of, cost_diff_of
from cygni.resources import UNKNOWN

_Document = Mapping[str, Any]
_NOT_KNOWN = "(known after apply)"


def plan_of(document: _Document) -> Plan:
    """The plan in a document of `plan_document`. Raises KeyError and ValueError for any other."""
    cost = cost_diff_of(document["cost"])
    return Plan(
        document["project"],
        document["environment"],
        document["region"],
        document["target"],
        tuple(_stack(one) for one in document["stacks"]),
        cost,
        warnings=tuple(document["warnings"]),
        destroy=document["destroy"],
        account=document["account"] or "",
        emptied=document["emptied"],
        own_findings=tuple(_finding(one) for one in document["findings"]),
        releases=tuple(_release(one) for one in document["releases"]),
        floor=document["release_floor_seconds"],
        temporary=tuple(_temporary(one, cost.exchange.currency) for one in document["temporary"]),
    )


def _stack(document: _Document) -> StackPlan:
    part = Part(document["name"])
    return StackPlan(
        part,
        StackStatus(document["status"]),
        steps=tuple(_step(part, one) for one in document["steps"]),
        unchanged=document["unchanged"],
        drift=tuple(_drift(part, one) for one in document["drift"]),
        findings=tuple(_finding(one) for one in document["findings"]),
    )


def _step(part: Part, document: _Document) -> Step:
    return Step(
        part,
        document["urn"],
        document["type"],
        document["name"],
        Change(document["change"]),
        tuple(
            PropertyChange(
                one["path"], _value(one["before"]), _value(one["after"]), one["forces_replacement"]
            )
            for one in document["properties"]
        ),
        stateful=document["loses_data"],
    )


def _drift(part: Part, document: _Document) -> Drift:
    return Drift(
        part,
        document["urn"],
        document["type"],
        document["name"],
        id=document["id"] or "",
        gone=document["change"] == "gone",
        properties=tuple(
            PropertyChange(one["path"], _value(one["state"]), _value(one["cloud"]))
            for one in document["properties"]
        ),
    )


def _finding(document: _Document) -> PolicyFinding:
    return PolicyFinding(
        document["policy"],
        document["pack"],
        document["level"],
        document["message"],
        resource=document["resource"] or "",
        type=document["type"] or "",
        why=document["why"] or "",
        fix=document["fix"] or "",
    )


def _release(document: _Document) -> PlannedRelease:
    return PlannedRelease(
        document["service"],
        Rollout(document["rollout"]),
        document["strategy"] or "",
        document["tasks_before"],
        document["tasks_after"],
        tuple(document["secrets"]),
    )


def _temporary(document: _Document, currency: str) -> TemporaryCost:
    return TemporaryCost(
        document["what"],
        amount_of(document["hourly"]),
        document["seconds"],
        amount_of(document["hourly_at_most"]),
        currency,
    )


def _value(value: Any) -> Any:
    """What is not known yet stands without quotes in what is shown, as no text does."""
    return UNKNOWN if value == _NOT_KNOWN else value
