from __future__ import annotations

from decimal import Decimal

import pytest

from cygni.errors import CostGuard, EngineError
from cygni.plan.comment import comment_name, failure_markdown, is_worth_a_comment, signature
from tests.cygni.plan.conftest import BUCKET, NAT, UNPRICED, VPC, MakePlan


class TestWorth:
    def test_has_what_changes(self, make_plan: MakePlan) -> None:
        assert is_worth_a_comment(make_plan(creates=[(VPC, "a")]), None, None)
        assert not is_worth_a_comment(make_plan(), None, None)

    def test_is_more_than_the_least_difference(self, make_plan: MakePlan) -> None:
        plan = make_plan(creates=[(NAT, "a")])  # 32.85 USD, and 4.50 by use
        assert is_worth_a_comment(plan, Decimal("32.84"), None)
        assert not is_worth_a_comment(plan, Decimal("32.85"), None)
        assert not is_worth_a_comment(make_plan(creates=[(VPC, "a")]), Decimal(0), None)

    def test_has_what_costs_nobody_knows_how_much(self, make_plan: MakePlan) -> None:
        assert is_worth_a_comment(make_plan(creates=[(UNPRICED, "a")]), Decimal(1000), None)

    def test_has_what_loses_data_or_is_refused(self, make_plan: MakePlan) -> None:
        assert is_worth_a_comment(make_plan(deletes=[(BUCKET, "a")]), Decimal(1000), None)
        assert is_worth_a_comment(make_plan(), Decimal(1000), CostGuard("too dear"))


class TestName:
    def test_tells_environments_apart(self) -> None:
        names = {comment_name("shop", env) for env in ("staging", "production", "preview-1", "preview-12")}
        assert len(names) == 4


class TestFailure:
    def test_is_told_with_its_hint_and_as_mere_text(self) -> None:
        text = failure_markdown("shop", "staging", EngineError("<b>no</b>\nat all", hint="Ask @acme."))
        assert text == (
            "### Cygni: shop · staging\n\n"
            "**There is no plan:** &#60;b&#62;no&#60;/b&#62; at all\n\nAsk &#64;acme.\n"
        )


class TestSignature:
    def test_names_commit_and_job(self) -> None:
        assert signature("c0ffee1" * 5, "https://forge.test/1") == (
            "Commit `c0ffee1c0ffe` · [log of the job](https://forge.test/1)"
        )

    @pytest.mark.parametrize(
        ("commit", "job"), [("", ""), ("main` x", "javascript:alert(1)"), ("x", "http://a) b")]
    )
    def test_leaves_out_what_is_none(self, commit: str, job: str) -> None:
        assert signature(commit, job) == ""
