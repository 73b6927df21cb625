from __future__ import annotations

from decimal import Decimal

import pytest

from cygni.cost_limits import CostLimits, Increase
from cygni.errors import CostGuard, SpecError, StatefulProtected
from cygni.naming import Part
from cygni.plan.guards import guard_cost, guard_data, guard_refusals
from cygni.plan.model import Change, PropertyChange, StackPlan, StackStatus, Step
from tests.cygni.plan.conftest import BUCKET, NAT, UNPRICED, MakePlan, plan_of

NAT_MONTHLY = Decimal("32.85")


def at_most(usd: Decimal) -> CostLimits:
    return CostLimits((Increase(usd=usd),))


class TestGuardCost:
    def test_lets_everything_pass_without_a_limit(self, make_plan: MakePlan) -> None:
        guard_cost(make_plan(creates=[(NAT, "a"), (UNPRICED, "b")]), CostLimits())

    def test_lets_pass_what_costs_just_that(self, make_plan: MakePlan) -> None:
        guard_cost(make_plan(creates=[(NAT, "a")]), at_most(NAT_MONTHLY))

    def test_stops_what_costs_more(self, make_plan: MakePlan) -> None:
        with pytest.raises(
            CostGuard, match=r"\$32\.85 a month more, and at most \$32\.84 is allowed"
        ) as caught:
            guard_cost(make_plan(creates=[(NAT, "a")]), at_most(NAT_MONTHLY - Decimal("0.01")))
        assert caught.value.details["limit_monthly"] == "32.84"
        assert Decimal(caught.value.details["delta_monthly"]) == NAT_MONTHLY

    def test_counts_what_is_saved(self, make_plan: MakePlan) -> None:
        guard_cost(make_plan(creates=[(NAT, "a")], deletes=[(NAT, "b")]), at_most(Decimal(0)))
        guard_cost(make_plan(deletes=[(NAT, "b")]), at_most(Decimal(-30)))

    def test_stops_where_it_cannot_know(self, make_plan: MakePlan) -> None:
        with pytest.raises(CostGuard, match=r"^nothing bounds what made\.Thing a costs, so it is not known"):
            guard_cost(make_plan(creates=[(UNPRICED, "a")]), at_most(Decimal(100)))
        with pytest.raises(
            CostGuard,
            match=r"difference of \+\$32\.85 a month, .* made\.Thing a, made\.Thing b cost, .* within \$100\.00",
        ):
            guard_cost(
                make_plan(creates=[(UNPRICED, "a"), (UNPRICED, "b"), (NAT, "c")]), at_most(Decimal(100))
            )

    def test_stops_what_costs_more_already_without_what_has_no_price(self, make_plan: MakePlan) -> None:
        with pytest.raises(CostGuard, match=r"cost at least \$32\.85 a month more, and at most \$30\.00"):
            guard_cost(make_plan(creates=[(UNPRICED, "a"), (NAT, "c")]), at_most(Decimal(30)))

    def test_lets_pass_what_can_only_cost_less_than_that(self, make_plan: MakePlan) -> None:
        """What has no price costs no less than nothing, so without it the cost is lower still."""
        plan = make_plan(creates=[(NAT, "a")], deletes=[(UNPRICED, "b")])
        guard_cost(plan, at_most(NAT_MONTHLY))
        with pytest.raises(CostGuard, match=r"may cost up to \$32\.85 a month more"):
            guard_cost(plan, at_most(Decimal(10)))


class TestGuardData:
    def test_lets_pass_what_loses_none(self, make_plan: MakePlan) -> None:
        guard_data(make_plan(creates=[(BUCKET, "a")], updates=[(BUCKET, "b", [])], deletes=[(NAT, "c")]), [])

    def test_stops_what_is_not_allowed_by_name(self, make_plan: MakePlan) -> None:
        plan = make_plan(deletes=[(BUCKET, "b"), (BUCKET, "a")])
        with pytest.raises(StatefulProtected, match="this would delete data: a, b") as caught:
            guard_data(plan, ["c"])
        assert caught.value.hint == "If that is meant, add --allow-destroy a --allow-destroy b"
        assert caught.value.details == {"names": ["a", "b"]}

    def test_names_only_what_is_not_allowed_yet(self, make_plan: MakePlan) -> None:
        plan = make_plan(deletes=[(BUCKET, "a"), (BUCKET, "b")])
        with pytest.raises(StatefulProtected, match=r"data: b$"):
            guard_data(plan, ["a"])
        guard_data(plan, ["a", "b"])

    def test_tells_a_replacement_from_a_deletion(self, make_plan: MakePlan) -> None:
        with pytest.raises(StatefulProtected, match="this would replace data: a"):
            guard_data(make_plan(replaces=[(BUCKET, "a", [])]), [])
        with pytest.raises(StatefulProtected, match="this would delete data: a, b"):
            guard_data(make_plan(replaces=[(BUCKET, "a", [])], deletes=[(BUCKET, "b")]), [])


class TestGuardRefusals:
    def test_stops_what_aws_would_refuse_and_tells_all_of_it(self) -> None:
        less = [PropertyChange("allocatedStorage", 30, 20)]
        kind = "aws:rds/instance:Instance"
        with pytest.raises(SpecError, match=r"Instance a: storage .*\n.*Instance b: storage") as caught:
            guard_refusals(plan_of(updates=[(kind, "a", less), (kind, "b", less)]))
        assert caught.value.hint == "Nothing was changed. In cygni.yaml, write storage: 30 or more."

    def test_lets_everything_else_pass(self, make_plan: MakePlan) -> None:
        guard_refusals(make_plan(creates=[(NAT, "a")], updates=[(BUCKET, "b", [])], deletes=[(NAT, "c")]))


class TestGuardProtection:
    def plan(self, *allowed: str) -> None:
        step = Step(
            Part.DATA,
            "urn:x",
            "aws:rds/instance:Instance",
            "shop-main",
            Change.DELETE,
            stateful="main",
            protected=True,
        )
        stack = StackPlan(Part.DATA, StackStatus.CHANGED, (step,))
        guard_data(plan_of(stacks=(stack,)), allowed)

    def test_asks_for_the_name_first(self) -> None:
        with pytest.raises(StatefulProtected, match="delete data: main"):
            self.plan()

    def test_stops_before_aws_would_in_the_middle(self) -> None:
        with pytest.raises(
            StatefulProtected, match="AWS refuses to delete what is protected: main"
        ) as caught:
            self.plan("main")
        assert "deletion_protection: false" in str(caught.value.hint)
