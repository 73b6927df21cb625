from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.local_cloud.ecs.due import Timing, next_run
from cygni.schedules import ScheduleMistake


def at(text: str, zone: str = "UTC") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


class TestOnce:
    def test_runs_at_its_time_in_its_zone(self) -> None:
        timing = Timing("at(2030-07-01T08:00:30)", "Europe/Berlin")
        assert next_run(timing, at("2030-07-01T05:00:00")) == at("2030-07-01T06:00:30")

    def test_never_runs_again(self) -> None:
        timing = Timing("at(2030-07-01T08:00:00)")
        assert next_run(timing, at("2030-07-01T08:00:00")) is None


class TestRate:
    def test_runs_at_once_and_then_in_its_rhythm(self) -> None:
        timing = Timing("rate(5 minutes)", created=1000.0)
        assert [next_run(timing, moment) for moment in (999.0, 1000.0, 1299.0, 1300.0)] == [
            1000,
            1300,
            1300,
            1600,
        ]

    def test_counts_from_its_start_date(self) -> None:
        timing = Timing("rate(1 hour)", created=1000.0, start=5000.0)
        assert [next_run(timing, moment) for moment in (1000.0, 5000.0)] == [5000.0, 8600.0]

    def test_ends_with_its_end_date(self) -> None:
        timing = Timing("rate(1 day)", created=0.0, end=86400.0 * 2)
        assert next_run(timing, 86400.0) == 86400.0 * 2
        assert next_run(timing, 86400.0 * 2) is None


class TestCron:
    @pytest.mark.parametrize(
        ("expression", "after", "run"),
        [
            ("cron(0 3 * * ? *)", "2026-01-01T03:00:00", "2026-01-02T03:00:00"),
            ("cron(0/15 * * * ? *)", "2026-01-01T03:14:59", "2026-01-01T03:15:00"),
            ("cron(0 8 ? * MON-FRI *)", "2026-01-02T08:00:00", "2026-01-05T08:00:00"),
            ("cron(0 0 29 2 ? *)", "2026-01-01T00:00:00", "2028-02-29T00:00:00"),
            ("cron(0 0 29 2 ? *)", "2096-03-01T00:00:00", "2104-02-29T00:00:00"),
            ("cron(0 0 1 1 ? 2030)", "2026-01-01T00:00:00", "2030-01-01T00:00:00"),
        ],
    )
    def test_runs_next_when_its_fields_say(self, expression: str, after: str, run: str) -> None:
        assert next_run(Timing(expression), at(after)) == at(run)

    def test_has_no_run_after_its_last_year(self) -> None:
        assert next_run(Timing("cron(0 0 1 1 ? 2026)"), at("2026-01-01T00:00:00")) is None

    def test_does_not_run_before_its_start_date(self) -> None:
        timing = Timing("cron(0 3 * * ? *)", start=at("2026-05-01T00:00:00"))
        assert next_run(timing, at("2026-01-01T00:00:00")) == at("2026-05-01T03:00:00")

    def test_leaves_out_a_time_that_the_clock_skips(self) -> None:
        timing = Timing("cron(30 2 * * ? *)", "Europe/Berlin")
        assert next_run(timing, at("2026-03-28T02:30:00", "Europe/Berlin")) == at(
            "2026-03-30T02:30:00", "Europe/Berlin"
        )

    def test_runs_once_at_a_time_that_the_clock_shows_twice(self) -> None:
        timing = Timing("cron(30 2 * * ? *)", "Europe/Berlin")
        first = next_run(timing, at("2026-10-25T00:00:00"))
        assert first == at("2026-10-25T00:30:00")  # 02:30 of summer time
        assert next_run(timing, first or 0) == at("2026-10-26T01:30:00")

    @given(after=st.integers(0, 4_000_000_000), minute=st.integers(0, 59), hour=st.integers(0, 23))
    def test_runs_within_a_day_where_it_runs_daily(self, after: int, minute: int, hour: int) -> None:
        run = next_run(Timing(f"cron({minute} {hour} * * ? *)"), after)
        assert run is not None
        assert after < run <= after + 86400
        found = datetime.fromtimestamp(run, UTC)
        assert (found.hour, found.minute, found.second) == (hour, minute, 0)


@pytest.mark.parametrize(
    ("expression", "zone"),
    [
        ("at(tomorrow)", "UTC"),
        ("rate(5)", "UTC"),
        ("cron(1)", "UTC"),
        ("5 minutes", "UTC"),
        ("cron(0 3 * * ? *)", "Mars"),
    ],
)
def test_a_mistake_is_said(expression: str, zone: str) -> None:
    with pytest.raises(ScheduleMistake):
        next_run(Timing(expression, zone), 0.0)
