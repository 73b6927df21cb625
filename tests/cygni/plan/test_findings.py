from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from cygni.errors import PolicyViolation
from cygni.plan.findings import judged
from cygni.plan.guards import guard_policies
from cygni.plan.markdown import plan_markdown
from cygni.plan.model import PolicyFinding
from cygni.plan.wording import finding_lines
from cygni.policies.catalogue import RULES
from cygni.policies.limits import Limits
from cygni.policies.rule import Level
from tests.cygni.plan.conftest import BUCKET, NAT, MakePlan

SILENT = dict.fromkeys(RULES, Level.DISABLED)
TAGS = {**SILENT, "required-tags": Level.MANDATORY}


class TestJudged:
    def test_says_of_each_resource_what_is_wrong_why_and_what_to_do(self, make_plan: MakePlan) -> None:
        plan = judged(make_plan(creates=[(BUCKET, "uploads")]), Limits(), TAGS)
        (found,) = plan.stacks[1].findings
        assert (found.policy, found.pack, found.level) == ("required-tags", "cygni", "mandatory")
        assert (found.resource, found.type) == ("uploads", BUCKET)
        assert (found.why, found.fix) == (RULES["required-tags"].why, RULES["required-tags"].fix)
        assert plan.findings == (found,)

    def test_looks_at_what_is_there_afterwards_changed_or_not(self, make_plan: MakePlan) -> None:
        stays = judged(make_plan(updates=[(BUCKET, "stays", [])]), Limits(), TAGS)
        goes = judged(make_plan(deletes=[(BUCKET, "goes")]), Limits(), TAGS)
        assert [one.resource for one in stays.findings] == ["stays"]
        assert goes.findings == ()

    def test_is_silent_where_policies_are_disabled(self, make_plan: MakePlan) -> None:
        assert judged(make_plan(creates=[(BUCKET, "uploads")]), Limits(), SILENT).findings == ()

    def test_keeps_what_other_packs_found(self, make_plan: MakePlan) -> None:
        other = PolicyFinding("house", "pack", "advisory", "no")
        plan = make_plan(creates=[(BUCKET, "uploads")])
        stacks = tuple(replace(stack, findings=(other,)) for stack in plan.stacks)
        ours = judged(replace(plan, stacks=stacks), Limits(), TAGS)
        assert [one.policy for one in ours.findings] == ["house", "house", "required-tags"]

    def test_says_of_the_cost_of_everything_together(self, make_plan: MakePlan) -> None:
        levels = {**SILENT, "cost-ceiling": Level.ADVISORY}
        plan = judged(make_plan(creates=[(NAT, "a")]), Limits(monthly_cost=Decimal(10)), levels)
        (found,) = plan.own_findings
        assert found.message == "costs $32.85 a month, and at most $10.00 is allowed"
        assert found.fix.endswith("In cygni.yaml: policies.monthly_cost.")
        assert [stack.findings for stack in plan.stacks] == [(), ()]


class TestWords:
    def test_tell_reasons_once_for_one_policy(self) -> None:
        many = [
            PolicyFinding("p", "cygni", "advisory", "no", name, why="Because.", fix="Do.") for name in "ab"
        ]
        other = PolicyFinding("q", "house", "advisory", "no")
        assert [(one.resource, said) for one, said in finding_lines([*many, other])] == [
            ("a", ()),
            ("b", ("why: Because.", "fix: Do.")),
            ("", ()),
        ]

    def test_are_in_a_comment_too(self, make_plan: MakePlan) -> None:
        text = plan_markdown(judged(make_plan(creates=[(BUCKET, "uploads")]), Limits(), TAGS))
        assert "- Mandatory policy required-tags: uploads: lacks the tags" in text
        assert "  - why: What has no tags belongs to nobody" in text


class TestGuard:
    def test_stops_at_a_mandatory_finding_and_says_what_to_do(self, make_plan: MakePlan) -> None:
        plan = judged(make_plan(creates=[(BUCKET, "a"), (BUCKET, "b")]), Limits(), TAGS)
        with pytest.raises(PolicyViolation) as caught:
            guard_policies(plan.findings)
        assert caught.value.details == {"policies": ["required-tags"]}
        assert caught.value.hint == f"Nothing was changed. {RULES['required-tags'].fix}"

    def test_lets_advice_pass(self, make_plan: MakePlan) -> None:
        levels = {**SILENT, "required-tags": Level.ADVISORY}
        plan = judged(make_plan(creates=[(BUCKET, "a")]), Limits(), levels)
        assert plan.findings
        guard_policies(plan.findings)
