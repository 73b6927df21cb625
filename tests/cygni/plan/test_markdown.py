from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from cygni.errors import CostGuard
from cygni.markdown import BITBUCKET
from cygni.plan.markdown import plan_markdown
from cygni.plan.model import PlannedRelease, PropertyChange, Rollout
from tests.cygni.plan.conftest import BUCKET, NAT, UNPRICED, VPC, MakePlan, plan_of

NASTY = [
    "a|b",
    "a\\|b",
    "a`b",
    "``` a",
    "<b>a</b>",
    "<!-- a",
    "&lt;a",
    "**a**",
    "_a_",
    "[a](b)",
    "![a](b)",
    "a\nb",
    "a\n\n# b",
    "~~a~~",
    "@everyone",
    "#12",
    "\\",
    "| a | b |",
]


def parsed(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(text)


def words(token: Token) -> str:
    """What a reader sees of an inline token."""
    return "".join(child.content for child in token.children or [])


def rows(text: str) -> list[list[str]]:
    """The cells of the table's body as a reader sees them."""
    found: list[list[str]] = []
    tokens = parsed(text)
    body = next(index for index, token in enumerate(tokens) if token.type == "tbody_open")
    for before, token in zip(tokens[body:], tokens[body + 1 :], strict=False):
        if token.type == "tr_open":
            found.append([])
        elif before.type == "td_open":
            found[-1].append(words(token))
    return found


class TestSummary:
    def test_says_what_happens_and_what_it_costs(self, make_plan: MakePlan) -> None:
        text = plan_markdown(make_plan(creates=[(NAT, "a")]))
        assert text.startswith("### Cygni: shop · staging · us-east-1 · AWS\n\n**1 change: 1 to create** ")
        assert "Fixed cost $0.00 → $32.85 a month (**+$32.85**)." in text

    def test_of_no_change_is_short(self, make_plan: MakePlan) -> None:
        text = plan_markdown(make_plan())
        assert "**No changes.** Fixed cost $0.00 → $0.00 a month (**$0.00**)." in text
        assert "<details>" not in text
        assert "| Resource" not in text

    def test_tells_what_is_released_and_how_long_that_takes(self, make_plan: MakePlan) -> None:
        release = PlannedRelease("web", Rollout.VERSION, "canary", 2, 2)
        text = plan_markdown(replace(make_plan(), releases=(release,), floor=125.0))
        assert "- Release web: new version, canary, 2 tasks\n- The releases take at least 2 min 5 s: " in text
        assert "at least" not in plan_markdown(replace(make_plan(), releases=(release,)))

    def test_shows_what_is_saved(self, make_plan: MakePlan) -> None:
        assert "(**-$32.85**)" in plan_markdown(make_plan(deletes=[(NAT, "a")]))

    def test_never_counts_what_has_no_price_as_nothing(self, make_plan: MakePlan) -> None:
        text = plan_markdown(make_plan(creates=[(NAT, "a"), (UNPRICED, "b")]))
        assert "Fixed cost $0.00 → at least $32.85 (1 resource unpriced) a month" in text
        assert "(**at least +$32.85 (1 resource unpriced)**)." in text
        assert "→ unknown (1 resource unpriced) a month" in plan_markdown(
            make_plan(creates=[(UNPRICED, "b")])
        )

    def test_warns_of_what_is_lost_and_what_has_drifted(self, make_plan: MakePlan) -> None:
        plan = make_plan(deletes=[(BUCKET, "uploads")], drifted=("vpc",), warnings=("old <b> provider",))
        text = plan_markdown(plan)
        assert "- **Loses the data of:** uploads\n- **Changed outside of Cygni:** ec2.Vpc vpc\n" in text
        assert "- Warning: old &#60;b&#62; provider" in text

    def test_begins_with_what_a_deploy_would_be_refused_for(self, make_plan: MakePlan) -> None:
        text = plan_markdown(make_plan(warnings=("old",)), refused=CostGuard("too <dear>"))
        assert "\n\n- **A deploy would be refused:** too &#60;dear&#62;\n- Warning: old\n" in text

    def test_leaves_room_beside_a_long_refusal(self, make_plan: MakePlan) -> None:
        text = plan_markdown(make_plan(warnings=("old",)), refused=CostGuard("dear " * 5000))
        assert "would be refused:** dear dear" in text
        assert "- Warning: old\n" in text

    def test_says_what_has_no_price_and_how_old_the_prices_are(self, make_plan: MakePlan) -> None:
        text = plan_markdown(make_plan(creates=[(NAT, "a"), (UNPRICED, "b")]))
        assert "1 × `made.Thing` not priced; list prices as of 20" in text


class TestTable:
    def test_has_a_row_for_each_resource_whose_cost_changes(self, make_plan: MakePlan) -> None:
        plan = make_plan(creates=[(NAT, "a"), (UNPRICED, "b"), (VPC, "free")])
        assert rows(plan_markdown(plan)) == [
            ["ec2.NatGateway a", "-", "$32.85", "+$32.85", "+$4.50"],
            ["made.Thing b", "-", "not priced", "unknown", "unknown"],
        ]

    @pytest.mark.parametrize("name", NASTY)
    def test_is_not_broken_by_a_name(self, make_plan: MakePlan, name: str) -> None:
        text = plan_markdown(make_plan(creates=[(NAT, name), (NAT, "b")]))
        [one, other] = sorted(rows(text), key=lambda row: row[0] == "ec2.NatGateway b")
        assert one == [f"ec2.NatGateway {' '.join(name.split())}", "-", "$32.85", "+$32.85", "+$4.50"]
        assert other[0] == "ec2.NatGateway b"

    @given(st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=3, unique=True))
    def test_is_not_broken_by_any_name(self, names: list[str]) -> None:
        found = rows(plan_markdown(plan_of(creates=[(NAT, name) for name in names])))
        assert [len(row) for row in found] == [5] * len(names)

    def test_is_not_broken_by_a_type(self, make_plan: MakePlan) -> None:
        [row] = rows(plan_markdown(make_plan(creates=[("aws:a|b/c`d:E", "x")])))
        assert row[0] == "a|b.E x"


class TestSteps:
    def test_show_each_change_in_its_stack(self, make_plan: MakePlan) -> None:
        plan = make_plan(
            creates=[(NAT, "a")],
            updates=[(VPC, "b", [PropertyChange("cidr", "1", "2")])],
            replaces=[(BUCKET, "c", [])],
            deletes=[(NAT, "d")],
        )
        assert fence(plan_markdown(plan)) == [
            "# foundation: nothing changed since its last deploy: skipped",
            "# data: 1 to create, 1 to update, 1 to replace, 1 to delete",
            "+ ec2.NatGateway a",
            "~ ec2.Vpc b",
            '    cidr: "1" → "2"',
            "± s3.Bucket c  LOSES ITS DATA",
            "- ec2.NatGateway d",
        ]

    @pytest.mark.parametrize("value", ["```", "````", "\n```\n", "</details>", "~~~"])
    def test_stay_in_their_fence(self, make_plan: MakePlan, value: str) -> None:
        changes = [PropertyChange(value, value, [value])]
        text = plan_markdown(make_plan(updates=[(VPC, value, changes)], creates=[(NAT, "last")]))
        types = [token.type for token in parsed(text) if token.type in ("fence", "code_block")]
        assert types == ["fence"]
        assert text.endswith("\n```\n\n</details>\n")

    @given(st.text(max_size=30))
    def test_stay_in_their_fence_whatever_is_in_them(self, value: str) -> None:
        text = plan_markdown(plan_of(updates=[(VPC, value, [PropertyChange(value, value, None)])]))
        assert len([token for token in parsed(text) if token.type == "fence"]) == 1


class TestLength:
    MANY: Sequence[Any] = [(NAT, f"gateway-{number}-{'x' * 40}") for number in range(1000)]

    def test_is_one_that_github_takes(self, make_plan: MakePlan) -> None:
        assert len(plan_markdown(make_plan(creates=self.MANY))) < 65_536

    def test_is_one_that_bitbucket_takes_and_without_html(self, make_plan: MakePlan) -> None:
        warnings = tuple(f"warning {number} {'x' * 40}" for number in range(500))
        text = plan_markdown(make_plan(creates=self.MANY, warnings=warnings), flavour=BITBUCKET)
        assert 25_000 < len(text) < 32_768
        assert "**Steps**\n\n```diff\n" in text
        assert "<" not in text.replace("->", "")

    def test_counts_the_warnings_that_are_left_out(self, make_plan: MakePlan) -> None:
        text = plan_markdown(make_plan(warnings=tuple("x" * 100 for _ in range(500))))
        shown = text.count("- Warning: ")
        assert f"- … and {500 - shown} lines more" in text
        assert shown > 50

    def test_says_what_is_left_out(self, make_plan: MakePlan) -> None:
        text = plan_markdown(make_plan(creates=self.MANY))
        last = rows(text)[-1]
        assert last == [f"… and {1000 - len(rows(text)) + 1} resources more", "", "", "", ""]
        shown = fence(text)
        assert shown[-1] == f"# … and {1002 - len(shown) + 1} lines more"

    def test_is_never_too_long_for_that(self) -> None:
        nasty = plan_of(creates=[(NAT, "|" * 200 + str(number)) for number in range(300)])
        assert len(plan_markdown(nasty)) < 65_536


def fence(text: str) -> list[str]:
    """The lines of the block of steps."""
    [block] = [token for token in parsed(text) if token.type == "fence"]
    return block.content.splitlines()
