"""Whatever is deployed: what is shown before, and of the difference, adds up to what is shown after."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from decimal import Decimal

from hypothesis import given, settings
from rich.console import Console

from cli.plan_view import show_plan
from cygni.plan.document import plan_document
from cygni.plan.markdown import plan_markdown
from cygni.plan.model import Plan
from cygni.pricing import PriceBook, cost_diff, estimate
from cygni.resources import Resource
from tests.cygni.plan.conftest import plan_of
from tests.cygni.pricing.any_resources import stacks

BOOK = PriceBook.load()
NOTHING = re.compile("-|free|no price|not priced|unknown")
AMOUNT = re.compile(r"(?:at least |at most )?([+-]?)(-?)\$([0-9,]+\.[0-9]+)(?: \+ unknown)?")
_modest = settings(max_examples=30)  # a busy machine is no failure


def plan_for(before: list[Resource], after: list[Resource]) -> Plan:
    return replace(plan_of(), cost=cost_diff(estimate(before, BOOK), estimate(after, BOOK)))


def known(cell: str) -> Decimal:
    """What a cell says is known, with what is not priced counted as nothing."""
    text = re.sub(r" ?\([0-9]+ resources? unpriced\)", "", cell.strip(" *"))
    if NOTHING.fullmatch(text):
        return Decimal(0)
    found = AMOUNT.fullmatch(text)
    assert found, f"no amount: {cell!r}"
    amount = Decimal(found[3].replace(",", ""))
    return -amount if "-" in (found[1], found[2]) else amount


class TestAmounts:
    @_modest
    @given(stacks(), stacks())
    def test_add_up_in_text(self, one: list[Resource], other: list[Resource]) -> None:
        plan = plan_for(one, other)
        screen = io.StringIO()
        show_plan(Console(file=screen, width=2000, highlight=False), plan)
        rows = [re.split(" {2,}", line.strip()) for line in screen.getvalue().splitlines()]
        rows = [row for row in rows if len(row) >= 4 and row[1] != "before"]
        assert [row[0] for row in rows if row[0] in ("Total", "per hour")] == ["Total", "per hour"]
        for _, before, after, delta, *_ in rows:
            assert known(before) + known(delta) == known(after)

    @_modest
    @given(stacks(), stacks())
    def test_add_up_in_markdown(self, one: list[Resource], other: list[Resource]) -> None:
        plan = plan_for(one, other)
        text = plan_markdown(plan)
        total = re.search(r"Fixed cost (.*) → (.*) a month \(\*\*(.*)\*\*\)\.", text)
        assert total
        assert known(total[1]) + known(total[3]) == known(total[2])
        rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
        assert len(rows) == len(plan.cost.changed)
        for _, before, after, delta, _ in rows:
            assert known(before) + known(delta) == known(after)

    @_modest
    @given(stacks(), stacks())
    def test_add_up_for_programs(self, one: list[Resource], other: list[Resource]) -> None:
        cost = json.loads(json.dumps(plan_document(plan_for(one, other))))["cost"]
        nothing = dict.fromkeys(cost["delta"], "0")
        sides = [(cost["before"]["totals"], cost["after"]["totals"], cost["delta"])]
        for each in cost["resources"]:
            before, after = ((each[side] or {"known": nothing})["known"] for side in ("before", "after"))
            sides.append((before, after, each["known_delta"]))
            if each["bound"] == "exact":
                assert each["delta"]["monthly"] == each["known_delta"]["monthly"]
            else:
                assert each["delta"]["monthly"] is None
        for before, after, delta in sides:
            for name, amount in delta.items():
                assert Decimal(before[name]) + Decimal(amount) == Decimal(after[name])
