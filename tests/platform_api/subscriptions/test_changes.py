from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.billing.periods import BillingCycle
from cygni.billing.plans import PlanVersion
from cygni.billing.subscriptions import Phase, Subscription
from cygni.errors import CygniError, UsageError, WrongState
from platform_api.subscriptions.changes import Wanted, begun, cancelled, changed, earliest
from platform_api.subscriptions.repository import Subscribed

ONE, TWO, DOLLARS = PlanVersion("one", 1, "EUR"), PlanVersion("two", 1, "EUR"), PlanVersion("us", 1, "USD")
TRIED = PlanVersion("tried", 1, "EUR", trial_days=14)
START = datetime(2027, 1, 10, 12, tzinfo=UTC)
NOW = datetime(2027, 3, 20, tzinfo=UTC)
THIS_PERIOD, NEXT_PERIOD = datetime(2027, 3, 10, tzinfo=UTC), datetime(2027, 4, 10, tzinfo=UTC)
DAY = timedelta(days=1)


def held(*phases: Phase, **over: Any) -> Subscription:
    return Subscription(BillingCycle(date(2027, 1, 10)), phases or (Phase(START, ONE),), **over)


def ended(end: datetime) -> Subscribed:
    return Subscribed(uuid.uuid4(), held(end=end), Decimal(0))


class TestBegun:
    def test_has_periods_from_the_day_on_in_its_zone_and_the_plans_trial(self) -> None:
        late = datetime(2027, 3, 20, 23, 30, tzinfo=UTC)  # the 21st in Berlin
        found = begun(Wanted(TRIED, late, zone="Europe/Berlin", months=3), [], late)
        assert found.cycle == BillingCycle(date(2027, 3, 21), "Europe/Berlin", 3)
        assert (found.phases, found.trial_end, found.end) == ((Phase(late, TRIED),), late + 14 * DAY, None)

    def test_has_the_trial_that_is_said(self) -> None:
        assert begun(Wanted(TRIED, NOW, trial_days=0), [], NOW).trial_end is None

    def test_follows_the_one_before(self) -> None:
        before = [ended(NOW - DAY)]
        assert begun(Wanted(ONE, NOW - DAY), before, NOW).phases[0].start == NOW - DAY
        with pytest.raises(WrongState, match="ended 2027-03-19"):
            begun(Wanted(ONE, NOW - 2 * DAY), before, NOW)

    @pytest.mark.parametrize(
        "wanted",
        [
            Wanted(ONE, NOW - 36 * DAY),
            Wanted(ONE, NOW + 367 * DAY),
            Wanted(ONE, NOW, anchor=date(2028, 4, 1)),
        ],
    )
    def test_is_not_far_away(self, wanted: Wanted) -> None:
        with pytest.raises(UsageError):
            begun(wanted, [], NOW)


class TestChanged:
    def test_has_the_plan_from_the_moment_on_and_the_one_before_until_then(self) -> None:
        found = changed(held(), Wanted(TWO, NOW), NOW)
        assert found.phases == (Phase(START, ONE), Phase(NOW, TWO))

    def test_has_it_in_place_of_what_was_planned_for_later(self) -> None:
        planned = held(Phase(START, ONE), Phase(NOW + 9 * DAY, TRIED))
        assert changed(planned, Wanted(TWO, NOW), NOW).phases == (Phase(START, ONE), Phase(NOW, TWO))
        assert changed(planned, Wanted(ONE, NOW), NOW).phases == (Phase(START, ONE),)

    def test_goes_on_where_it_was_cancelled(self) -> None:
        assert changed(held(end=NEXT_PERIOD), Wanted(ONE, NOW), NOW) == held()

    def test_may_be_from_the_begin_of_the_period_on(self) -> None:
        assert earliest(held(), NOW) == THIS_PERIOD
        found = changed(held(), Wanted(TWO, THIS_PERIOD), NOW)
        assert found.phases[-1] == Phase(THIS_PERIOD, TWO)

    def test_is_not_in_a_period_that_may_be_billed(self) -> None:
        with pytest.raises(WrongState, match="before 2027-03-10T00:00:00"):
            changed(held(), Wanted(TWO, THIS_PERIOD - timedelta(microseconds=1)), NOW)

    def test_is_not_before_it_begins(self) -> None:
        with pytest.raises(WrongState):
            changed(held(Phase(NOW + DAY, ONE)), Wanted(TWO, NOW), NOW)

    def test_is_not_in_another_currency(self) -> None:
        with pytest.raises(UsageError, match="in EUR, and the plan 'us' in USD") as caught:
            changed(held(), Wanted(DOLLARS, NOW), NOW)
        assert "cx subscription cancel" in (caught.value.hint or "")

    @pytest.mark.parametrize(
        "other", [{"zone": "Asia/Tokyo"}, {"anchor": date(2027, 1, 11)}, {"months": 2}, {"trial_days": 3}]
    )
    def test_keeps_its_periods(self, other: dict[str, Any]) -> None:
        with pytest.raises(UsageError, match=f"`{next(iter(other))}` is said where"):
            changed(held(), Wanted(TWO, NOW, **other), NOW)
        same = Wanted(TWO, NOW, zone="UTC", months=1, anchor=date(2027, 1, 10))
        assert changed(held(), same, NOW).cycle == held().cycle


class TestCancelled:
    def test_ends_with_the_period(self) -> None:
        found = cancelled(held(Phase(START, ONE), Phase(NEXT_PERIOD, TWO)), NOW)
        assert (found.end, found.phases) == (NEXT_PERIOD, (Phase(START, ONE),))

    def test_ends_with_the_first_period_where_it_has_not_begun(self) -> None:
        later = held(Phase(NEXT_PERIOD + DAY, ONE))
        assert cancelled(later, NOW).end == datetime(2027, 5, 10, tzinfo=UTC)


@given(
    st.lists(st.tuples(st.integers(-10, 60), st.sampled_from([ONE, TWO, TRIED])), max_size=6),
    st.integers(0, 60),
)
def test_what_was_before_the_period_never_changes(changes: list[tuple[int, PlanVersion]], days: int) -> None:
    now = NOW + days * DAY
    before = found = held(Phase(START, ONE), Phase(START + 20 * DAY, TWO))
    for offset, plan in changes:
        try:
            found = changed(found, Wanted(plan, now + offset * DAY), now)
        except CygniError:
            continue
    first = earliest(before, now)
    for number in range(before.cycle.number_at(first)):
        period = before.cycle.period(number)
        assert found.segments(period) == before.segments(period)
