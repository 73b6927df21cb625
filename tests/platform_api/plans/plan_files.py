"""Plans as they are sent."""

from __future__ import annotations

from typing import Any

from tests.platform_api.people import Person


def team_plan(**over: Any) -> dict[str, Any]:
    """20 EUR for each period, and 0.05 EUR for each vCPU-hour beyond 100."""
    processors = {
        "kind": "usage", "key": "processors", "name": "Processors", "meter": "vcpu_hours", "included": "100",
        "price": {"model": "per_unit", "unit_price": "0.05"},
    }  # fmt: skip
    base = {"kind": "fee", "key": "base", "name": "Base fee", "amount": "20"}
    terms = {"charges": [base, processors], **over.pop("terms", {})}
    return {"key": "team", "name": "Team", "currency": "EUR", "terms": terms, **over}


def make_plan(operator: Person, **over: Any) -> dict[str, Any]:
    answer = operator.post("/v1/plans", **team_plan(**over))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())
