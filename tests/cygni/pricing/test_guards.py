"""What a change may cost: increases and budgets."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cygni.cost_limits import CostLimits, Elsewhere, Increase
from cygni.errors import CostGuard
from cygni.pricing import CostDiff, PriceBook, Usage, cost_diff, estimate
from cygni.pricing.guards import budget_warnings, guard_budgets, guard_increase, worth_telling
from cygni.resources import Resource

BOOK = PriceBook.load()
NAT = "aws:ec2/natGateway:NatGateway"  # 32.85 USD a month in us-east-1, and 4.50 by use as assumed
INSTANCE = "aws:ec2/instance:Instance"  # 0.80 USD for its disk, and on Spot at most 70.08 as m5.large
BUCKET = "aws:s3/bucket:Bucket"  # by use alone
UNPRICED = "acme:x/y:Y"


def resources(**counts: int) -> list[Resource]:
    tokens = {"nats": NAT, "buckets": BUCKET, "unpriced": UNPRICED, "spots": INSTANCE}
    inputs = {"spots": SPOT}
    return [
        Resource(
            f"urn::{tokens[name]}::{number}", tokens[name], str(number), inputs.get(name, {}), "us-east-1"
        )
        for name, count in counts.items()
        for number in range(count)
    ]


SPOT = {"instanceType": "m5.large", "instanceMarketOptions": {"marketType": "spot"}, "subnetId": "s"}


def change(before: dict[str, int], after: dict[str, int]) -> CostDiff:
    return cost_diff(estimate(resources(**before), BOOK), estimate(resources(**after), BOOK))


def usd(text: str) -> Decimal:
    return Decimal(text)


def at_most(**given: str) -> CostLimits:
    return CostLimits((Increase(**{name: usd(text) for name, text in given.items()}),))


class TestGuardIncrease:
    def test_is_a_share_of_what_is_there(self) -> None:
        grown = change({"nats": 10}, {"nats": 11})
        guard_increase(grown, at_most(percent="10"))
        with pytest.raises(CostGuard, match=r"at most \$29\.57 \(9 % of what it costs now\)") as caught:
            guard_increase(grown, at_most(percent="9"))
        assert Decimal(caught.value.details["limit_monthly"]) == usd("29.565")

    def test_guards_no_share_of_nothing(self) -> None:
        first = change({}, {"nats": 3})
        guard_increase(first, at_most(percent="5"))
        [warning] = budget_warnings(first, at_most(percent="5"))
        assert warning.startswith("the limit of 5% guards nothing here")
        assert budget_warnings(first, at_most(usd="500")) == ()
        assert budget_warnings(change({"nats": 3}, {"nats": 3}), at_most(percent="5")) == ()
        with pytest.raises(CostGuard):  # a bucket is there, and has no fixed cost
            guard_increase(change({"buckets": 1}, {"buckets": 1, "nats": 1}), at_most(percent="5"))

    def test_holds_every_limit(self) -> None:
        limits = CostLimits((Increase(usd=usd("100")), Increase(percent=usd("1"))))
        with pytest.raises(CostGuard, match="1 %"):
            guard_increase(change({"nats": 10}, {"nats": 11}), limits)

    def test_counts_what_depends_on_use_only_if_asked(self) -> None:
        more = change({}, {"nats": 1})
        guard_increase(more, at_most(usd="33"))
        with pytest.raises(CostGuard, match=r"\$37\.35 a month more"):
            guard_increase(more, CostLimits((Increase(usd=usd("33")),), count_usage=True))

    @settings(max_examples=60)
    @given(*[st.integers(0, 4)] * 4, st.integers(0, 200))
    def test_never_lets_more_pass_than_allowed(
        self, was: int, now: int, old: int, new: int, limit: int
    ) -> None:
        diff = change({"nats": was, "unpriced": old}, {"nats": now, "unpriced": new})
        try:
            guard_increase(diff, at_most(usd=str(limit)))
        except CostGuard:
            assert diff.delta_monthly > limit or new > old
        else:
            assert diff.delta_monthly <= limit
            assert new <= old


class TestWhatIsBounded:
    def test_passes_where_the_most_it_costs_does(self) -> None:
        guard_increase(change({}, {"spots": 1}), at_most(usd="70.88"))

    def test_stops_where_the_most_it_costs_is_more(self) -> None:
        with pytest.raises(
            CostGuard, match=r"may cost up to \$70\.88 a month more, and at most \$70\.87"
        ) as caught:
            guard_increase(change({}, {"spots": 1}), at_most(usd="70.87"))
        assert caught.value.details["delta_monthly_at_most"] == "70.880000000000"

    def test_counts_only_what_comes(self) -> None:
        guard_increase(change({"spots": 3}, {"spots": 4}), at_most(usd="70.88"))
        guard_increase(change({"spots": 4}, {"spots": 3}), at_most(usd="0"))

    def test_is_not_known_beside_what_is_not(self) -> None:
        with pytest.raises(CostGuard, match=r"nothing bounds what x\.Y 0 costs") as caught:
            guard_increase(change({}, {"spots": 1, "unpriced": 1}), at_most(usd="1000"))
        assert caught.value.details["unbounded"] == ["x.Y 0"]
        assert "cygni-usage.yaml" in str(caught.value.hint)

    def test_is_named_up_to_three_times(self) -> None:
        with pytest.raises(CostGuard, match=r"x\.Y 0, x\.Y 1, x\.Y 2 and 2 more cost, "):
            guard_increase(change({}, {"unpriced": 5}), at_most(usd="1000"))

    @pytest.mark.parametrize(("limit", "stops"), [("600", False), ("499", True)])
    def test_is_also_what_somebody_says(self, limit: str, stops: bool) -> None:
        said = Usage(at_most=usd("500"))
        diff = cost_diff(estimate([], BOOK, said), estimate(resources(unpriced=1), BOOK, said))
        assert diff.at_most.monthly == 500
        if stops:
            with pytest.raises(CostGuard, match=r"up to \$500\.00"):
                guard_increase(diff, at_most(usd=limit))
        else:
            guard_increase(diff, at_most(usd=limit))

    def test_counts_in_a_budget_as_somebody_says(self) -> None:
        said = Usage(at_most=usd("500"))
        diff = cost_diff(estimate([], BOOK, said), estimate(resources(unpriced=1), BOOK, said))
        guard_budgets(diff, CostLimits(budget=usd("500")))
        with pytest.raises(CostGuard, match=r"may cost unknown .*, up to \$500\.00 with what is bounded"):
            guard_budgets(diff, CostLimits(budget=usd("499")))

    def test_counts_in_a_budget_whether_it_comes_or_stays(self) -> None:
        limits = CostLimits(budget=usd("100"))
        guard_budgets(change({}, {"spots": 1}), limits)
        told = r"this environment may cost at least \$33\.65 .*, up to \$103\.73 with what is bounded"
        for before in ({}, {"spots": 1}):
            with pytest.raises(CostGuard, match=told):
                guard_budgets(change(before, {"spots": 1, "nats": 1}), limits)

    def test_is_warned_of_before(self) -> None:
        [warning] = budget_warnings(change({}, {"spots": 1}), CostLimits(budget=usd("80")))
        assert warning.startswith("this environment uses 89 % of its budget")
        [warning] = budget_warnings(change({}, {"spots": 1}), CostLimits(budget=usd("60")))
        assert warning.startswith("this environment may exceed its budget")

    def test_counts_in_other_environments(self) -> None:
        limits = CostLimits(project_budget=usd("100"))
        guard_budgets(change({}, {"nats": 1}), limits, Elsewhere(usd("50"), beyond=usd("17.15")))
        with pytest.raises(CostGuard, match="the project may cost"):
            guard_budgets(change({}, {"nats": 1}), limits, Elsewhere(usd("50"), beyond=usd("17.16")))


class TestGuardBudgets:
    BUDGET = CostLimits(budget=usd("100"))

    def test_lets_pass_what_stays_within(self) -> None:
        guard_budgets(change({"nats": 1}, {"nats": 3}), self.BUDGET)

    def test_stops_what_would_exceed_it(self) -> None:
        with pytest.raises(
            CostGuard, match=r"this environment would cost \$131\.40 a month of its budget of \$100\.00"
        ) as caught:
            guard_budgets(change({"nats": 3}, {"nats": 4}), self.BUDGET)
        assert caught.value.code == "cost_guard"
        assert "cost.budget" in str(caught.value.hint)

    @pytest.mark.parametrize("after", [{"nats": 5}, {"nats": 4}, {}])
    def test_never_stops_what_costs_no_more_than_now(self, after: dict[str, int]) -> None:
        diff = change({"nats": 5}, after)
        guard_budgets(diff, self.BUDGET)
        assert bool(budget_warnings(diff, self.BUDGET)) == (len(after) > 0)

    def test_stops_where_it_cannot_know(self) -> None:
        with pytest.raises(CostGuard, match=r"nothing bounds what x\.Y 0 costs"):
            guard_budgets(change({}, {"nats": 1, "unpriced": 1}), self.BUDGET)
        guard_budgets(change({"unpriced": 1}, {"nats": 1, "unpriced": 1}), self.BUDGET)

    def test_adds_the_other_environments_for_the_project(self) -> None:
        limits = CostLimits(project_budget=usd("100"))
        diff = change({}, {"nats": 1})
        guard_budgets(diff, limits, Elsewhere(usd("67.15")))
        with pytest.raises(CostGuard, match=r"the project would cost \$100\.01"):
            guard_budgets(diff, limits, Elsewhere(usd("67.16")))
        guard_budgets(diff, limits, Elsewhere(usd("60"), usd("50")))
        with pytest.raises(CostGuard):
            guard_budgets(
                diff, CostLimits(project_budget=usd("100"), count_usage=True), Elsewhere(usd("60"), usd("50"))
            )


class TestBudgetWarnings:
    @pytest.mark.parametrize(
        ("nats", "says"),
        [
            (2, []),
            (3, ["this environment uses 99 % of its budget: $98.55 a month of its budget of $100.00"]),
            (4, ["this environment exceeds its budget: $131.40 a month of its budget of $100.00"]),
        ],
    )
    def test_begin_at_four_fifths(self, nats: int, says: list[str]) -> None:
        assert list(budget_warnings(change({}, {"nats": nats}), CostLimits(budget=usd("100")))) == says

    def test_begin_exactly_there(self) -> None:
        diff = change({}, {"nats": 1})
        assert budget_warnings(diff, CostLimits(budget=usd("32.85") / usd("0.8")))
        assert not budget_warnings(diff, CostLimits(budget=usd("32.86") / usd("0.8")))

    def test_tell_what_could_not_be_read(self) -> None:
        found = budget_warnings(
            change({}, {}), CostLimits(project_budget=usd("9")), Elsewhere(unread=("staging",))
        )
        assert found == ("the cost of staging is not known, so not in the budget of the project",)

    def test_are_none_without_a_budget(self) -> None:
        assert budget_warnings(change({}, {"nats": 9}), CostLimits()) == ()


class TestWorthTelling:
    def test_is_more_than_a_threshold_up_or_down_fixed_or_by_use(self) -> None:
        nat, bucket = change({}, {"nats": 1}), change({}, {"buckets": 1})
        assert worth_telling(nat, usd("32.84"))
        assert not worth_telling(nat, usd("32.85"))
        assert worth_telling(change({"nats": 1}, {}), usd("30"))
        assert worth_telling(bucket, usd("0.01"))
        assert not worth_telling(bucket, usd("10"))

    def test_is_always_what_may_be_more(self) -> None:
        assert worth_telling(change({}, {"unpriced": 1}), usd("1000"))
        assert not worth_telling(change({"unpriced": 1}, {}), usd("1000"))
