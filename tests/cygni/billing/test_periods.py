from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.billing.periods import BillingCycle, Period

HOUR = timedelta(hours=1)
ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "America/Havana", "America/Santiago", "Asia/Beirut", "Asia/Kolkata",
    "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "Africa/Casablanca",
]  # fmt: skip


def at(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


class TestPeriod:
    def test_has_its_start_and_not_its_end(self) -> None:
        period = Period(at(2026, 1, 1), at(2026, 2, 1))
        assert at(2026, 1, 1) in period
        assert at(2026, 2, 1) not in period

    def test_has_in_common_with_another_what_lies_in_both(self) -> None:
        january, mid = Period(at(2026, 1, 1), at(2026, 2, 1)), Period(at(2026, 1, 16), at(2026, 3, 1))
        assert january.overlap(mid) == Period(at(2026, 1, 16), at(2026, 2, 1))
        assert january.overlap(Period(at(2026, 2, 1), at(2026, 3, 1))) is None

    def test_is_a_share_of_another_by_time(self) -> None:
        assert Period(at(2026, 1, 1), at(2026, 1, 2)).share_of(
            Period(at(2026, 1, 1), at(2026, 2, 1))
        ) == Fraction(1, 31)

    def test_cannot_end_before_it_begins(self) -> None:
        with pytest.raises(ValueError, match="cannot end before"):
            Period(at(2026, 2, 1), at(2026, 1, 1))

    def test_needs_time_zones(self) -> None:
        with pytest.raises(ValueError, match="time zone"):
            Period(datetime(2026, 1, 1), at(2026, 2, 1))  # noqa: DTZ001


class TestBillingCycle:
    def test_begins_on_the_last_day_of_months_that_lack_its_day(self) -> None:
        cycle = BillingCycle(date(2028, 1, 31))
        starts = [cycle.period(number).start for number in range(4)]
        assert starts == [at(2028, 1, 31), at(2028, 2, 29), at(2028, 3, 31), at(2028, 4, 30)]

    def test_of_29_february_begins_on_28_in_other_years(self) -> None:
        cycle = BillingCycle(date(2028, 2, 29), months=12)
        assert [cycle.period(number).start for number in range(5)] == [
            at(2028, 2, 29), at(2029, 2, 28), at(2030, 2, 28), at(2031, 2, 28), at(2032, 2, 29),
        ]  # fmt: skip

    @pytest.mark.parametrize(("month", "hours"), [(3, 31 * 24 - 1), (10, 31 * 24 + 1), (5, 31 * 24)])
    def test_is_shorter_or_longer_where_clocks_change(self, month: int, hours: int) -> None:
        period = BillingCycle(date(2026, month, 1), "Europe/Berlin").period(0)
        assert period.end - period.start == hours * HOUR

    def test_begins_with_the_first_moment_of_a_day_without_midnight(self) -> None:
        # In Beirut clocks went from 0:00 to 1:00 on 26 March 2028, the last Sunday of the month.
        period = BillingCycle(date(2028, 3, 26), "Asia/Beirut").period(0)
        assert period.start == at(2028, 3, 25, 22)

    def test_begins_with_the_first_of_two_midnights(self) -> None:
        # In Havana clocks go from 1:00 back to 0:00 on the first Sunday of November.
        period = BillingCycle(date(2026, 11, 1), "America/Havana").period(0)
        assert period.start == at(2026, 11, 1, 4)

    def test_refuses_periods_of_no_month_and_zones_that_are_not_known(self) -> None:
        with pytest.raises(ValueError, match="at least a month"):
            BillingCycle(date(2026, 1, 1), months=0)
        with pytest.raises(KeyError):
            BillingCycle(date(2026, 1, 1), "Europe/Atlantis")

    @given(
        st.dates(date(2020, 1, 1), date(2032, 12, 31)),
        st.sampled_from(ZONES),
        st.sampled_from([1, 3, 12]),
        st.datetimes(datetime(2015, 1, 1), datetime(2040, 1, 1)),  # noqa: DTZ001
    )
    def test_has_each_moment_in_exactly_one_period(
        self, anchor: date, zone: str, months: int, moment: datetime
    ) -> None:
        cycle = BillingCycle(anchor, zone, months)
        number = cycle.number_at(moment.replace(tzinfo=UTC))
        assert moment.replace(tzinfo=UTC) in cycle.period(number)
        assert cycle.period(number).end == cycle.period(number + 1).start
        assert cycle.period(number).start < cycle.period(number).end
