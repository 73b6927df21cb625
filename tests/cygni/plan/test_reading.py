"""Plans that come back from their documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from rich.console import Console

from cli.plan_view import show_plan
from cygni.naming import Part
from cygni.plan.conversion import plan_in
from cygni.plan.document import plan_digest, plan_document
from cygni.plan.markdown import plan_markdown
from cygni.plan.model import (
    Drift,
    Plan,
    PlannedRelease,
    PolicyFinding,
    PropertyChange,
    Rollout,
    TemporaryCost,
)
from cygni.plan.reading import plan_of
from cygni.pricing.exchange import Exchange
from cygni.resources import UNKNOWN
from tests.cygni.plan.conftest import BUCKET, NAT, UNPRICED, VPC, MakePlan

EUROS = Exchange("EUR", Decimal("0.92"), source="ECB")
CHANGES = [
    PropertyChange("tags", {"a": "b"}, UNKNOWN),
    PropertyChange("document", '{"a": [1], "b": 2}', '{"a": [1], "b": 3}'),
    PropertyChange("list", None, [UNKNOWN, 1, 2.5, True, None]),
    PropertyChange("password", "[secret]", "[secret]", replaces=True),
]
FINDING = PolicyFinding(
    "encrypted", "cygni", "advisory", "must be", "a", BUCKET, "others read it", "encrypt it"
)


@pytest.fixture
def plans(make_plan: MakePlan) -> Sequence[Plan]:
    """With something of all that a plan may have."""
    full = make_plan(
        creates=[(NAT, "a"), (UNPRICED, "x"), (VPC, "v")],
        updates=[(VPC, "b", CHANGES)],
        replaces=[(BUCKET, "c", CHANGES)],
        deletes=[(BUCKET, "d"), (NAT, "e")],
        drifted=("b",),
        warnings=("old provider",),
        account="123456789012",
        own_findings=(FINDING, PolicyFinding("few", "cygni", "mandatory", "too many")),
        releases=(
            PlannedRelease("web", Rollout.VERSION, "blue-green", 1, 2, ("TOKEN",)),
            PlannedRelease("mailer", Rollout.FIRST, "", 0, 1),
        ),
        floor=40.5,
        temporary=(
            TemporaryCost("both colours of web", Decimal("0.0247"), 3600),
            TemporaryCost("what has no price", None, 0),
            TemporaryCost("what is bounded", None, 60, Decimal("1.5")),
        ),
    )
    return (
        full,
        make_plan(),
        make_plan(deletes=[(BUCKET, "d")], destroy=True, target="local", environment="local", emptied=True),
    )


def sent(plan: Plan) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(plan_document(plan)))
    return found


def shown(plan: Plan) -> str:
    console = Console(width=110, no_color=True)
    with console.capture() as captured:
        show_plan(console, plan)
    return captured.get()


class TestPlanOf:
    def test_loses_nothing_of_the_document(self, plans: Sequence[Plan]) -> None:
        for plan in plans:
            assert plan_document(plan_of(sent(plan))) == plan_document(plan)
            assert plan_digest(plan_of(sent(plan))) == plan_digest(plan)

    def test_loses_nothing_that_is_shown(self, plans: Sequence[Plan]) -> None:
        for plan in plans:
            assert shown(plan_of(sent(plan))) == shown(plan)
            assert plan_markdown(plan_of(sent(plan))) == plan_markdown(plan)

    def test_is_converted_as_the_plan_itself_is(self, plans: Sequence[Plan]) -> None:
        for plan in plans:
            converted = plan_in(plan_of(sent(plan)), EUROS)
            assert plan_document(converted) == plan_document(plan_in(plan, EUROS))
            assert shown(converted) == shown(plan_in(plan, EUROS))
        assert "EUR" in shown(converted)

    def test_may_be_in_another_currency_already(self, plans: Sequence[Plan]) -> None:
        converted = plan_in(plans[0], EUROS)
        assert plan_document(plan_of(sent(converted))) == plan_document(converted)
        with pytest.raises(ValueError, match="no dollars"):
            plan_in(plan_of(sent(converted)), EUROS)

    def test_has_what_was_changed_outside_by_property(self, plans: Sequence[Plan]) -> None:
        first, second = plans[0].stacks
        drift = Drift(
            Part.DATA, "urn:b", VPC, "b", "vpc-1", properties=(PropertyChange("cidr", "a", UNKNOWN),)
        )
        plan = replace(plans[0], stacks=(first, replace(second, drift=(drift,), findings=(FINDING,))))
        assert plan_document(plan_of(sent(plan))) == plan_document(plan)
        assert "cidr" in shown(plan)
        assert shown(plan_of(sent(plan))) == shown(plan)

    def test_refuses_what_is_no_plan(self, plans: Sequence[Plan]) -> None:
        with pytest.raises(KeyError):
            plan_of({})
        with pytest.raises(ValueError, match="not a valid"):
            plan_of({**sent(plans[0]), "stacks": [{**sent(plans[0])["stacks"][0], "status": "new"}]})
