"""What holds for all findings, whatever is deployed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from cygni.pricing import PriceBook, Usage, estimate
from cygni.pricing.usage_metrics import Points
from cygni.resources import Resource
from cygni.savings.catalogue import METRICS, RULES
from cygni.savings.document import SAVINGS_SCHEMA, SavingsReport, savings_document
from cygni.savings.evidence import Evidence
from cygni.savings.finding import find_savings, total
from cygni.savings.rule import Situation
from tests.cygni.pricing.any_resources import stacks
from tests.cygni.savings.conftest import daily, hourly, resource
from tests.cygni.savings.test_fargate import tasks, use
from tests.cygni.savings.test_nat import gateways, traffic

BOOK = PriceBook.load()
UNTIL = datetime(2026, 11, 22, tzinfo=UTC)
_modest = settings(max_examples=40)  # a busy machine is no failure


@st.composite
def shops(draw: st.DrawFn) -> list[Resource]:
    """Some of everything that a rule is about."""
    there = gateways(*draw(st.sets(st.sampled_from("abc"))))
    if draw(st.booleans()):
        there += tasks(
            *draw(st.sampled_from([(256, 512), (1024, 2048), (4096, 30720)])), draw(st.integers(0, 9))
        )
    classes = st.sampled_from(["db.t3.micro", "db.m5.large", "db.m6i.large", "db.t4g.micro", "db.odd"])
    for number, instance_class in enumerate(draw(st.lists(classes, max_size=2))):
        inputs = {"instanceClass": instance_class, "engine": "postgres", "allocatedStorage": 20}
        there.append(resource("aws:rds/instance:Instance", f"db{number}", inputs))
    for number, size in enumerate(draw(st.lists(st.integers(1, 16000), max_size=3))):
        there.append(resource("aws:ebs/volume:Volume", f"disk{number}", {"size": size}))
    if draw(st.booleans()):
        there.append(resource("aws:ec2/eip:Eip", "alone"))
    return there


def situation(there: list[Resource], idle: bool, environment: str = "staging") -> Situation:
    """All that is measured is hardly used, or used to the full."""
    series: dict[tuple[str, str], Points] = {}
    for one in there:
        for metric in METRICS:
            if one.type in metric.types:
                value = 0.0 if idle else 100.0
                series[one.urn, metric.amount] = hourly(value) if metric.period == 3600 else daily(value)
    alone = {one.urn for one in there if one.type in ("aws:ebs/volume:Volume", "aws:ec2/eip:Eip")}
    return Situation(
        "shop", environment, tuple(there), {}, Evidence(series), frozenset(alone if idle else ())
    )


class TestFindings:
    @_modest
    @given(shops(), st.booleans(), st.sampled_from(["preview-x", "staging", "production"]))
    def test_never_save_more_than_what_changes_costs(
        self, there: list[Resource], idle: bool, environment: str
    ) -> None:
        found = find_savings(situation(there, idle, environment), RULES, BOOK, Usage())
        assert all(one.saves is None or 0 < one.saves <= one.costs for one in found)

    @_modest
    @given(shops(), st.booleans())
    def test_never_save_more_together_than_everything_costs(self, there: list[Resource], idle: bool) -> None:
        found = find_savings(situation(there, idle), RULES, BOOK, Usage())
        whole = estimate(there, BOOK, Usage())
        assert 0 <= total(found) <= whole.monthly + whole.usage_monthly
        assert total(one for one in found if not one.candidate.by_use) <= whole.monthly

    @_modest
    @given(stacks(), st.booleans())
    def test_are_found_among_any_inputs(self, there: list[Resource], idle: bool) -> None:
        found = find_savings(situation(there, idle), RULES, BOOK, Usage())
        document: Any = json.loads(
            json.dumps(savings_document(SavingsReport("shop", "staging", UNTIL.date(), found)))
        )
        Draft202012Validator(SAVINGS_SCHEMA).validate(document)
        assert [one["rule"] for one in document["findings"]] == [one.rule.name for one in found]

    def test_are_in_the_order_of_what_they_save(self) -> None:
        there = [*gateways("a", "b"), *tasks(), resource("aws:ec2/eip:Eip", "alone")]
        found = find_savings(situation(there, idle=True), RULES, BOOK, Usage())
        saves = [one.saves or Decimal(0) for one in found]
        assert len(saves) > 3
        assert saves == sorted(saves, reverse=True)

    def test_of_one_resource_count_once(self) -> None:
        there = tasks(count=2)
        measured = use(there, hourly(5), hourly(20))
        found = find_savings(
            Situation("shop", "staging", tuple(there), {}, Evidence(measured)), RULES, BOOK, Usage()
        )
        counted = {one.rule.name: one.counted for one in found}
        assert counted == {"oversized-tasks": True, "arm-tasks": False, "spot-tasks": False}
        assert total(found) == found[0].saves

    def test_of_nat_count_the_one_that_saves_most(self) -> None:
        there = gateways("a", "b")
        evidence = Evidence(traffic(there, 0))
        found = find_savings(Situation("shop", "staging", tuple(there), {}, evidence), RULES, BOOK, Usage())
        assert [(one.rule.name, one.counted) for one in found] == [
            ("idle-nat", True),
            ("nat-per-zone", False),
        ]
