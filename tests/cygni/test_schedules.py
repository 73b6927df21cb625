from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cygni.schedules import Cron, ScheduleMistake, runs_per_month, schedule_expression

FIRST, LAST = datetime(2024, 1, 1), datetime(2027, 12, 31)  # noqa: DTZ001  # of whatever zone a schedule is in
THE_LONG = {1, 3, 5, 7, 8, 10, 12}  # months with every day that there can be
WORDS = {"SUN": 0, "MON": 1, "TUE": 2, "WED": 3, "THU": 4, "FRI": 5, "SAT": 6}


class TestCrontab:
    @pytest.mark.parametrize(
        ("crontab", "expression"),
        [
            ("0 3 * * *", "cron(0 3 * * ? *)"),
            ("*/15 * * * *", "cron(0,15,30,45 * * * ? *)"),
            ("30 8-10 * * 1-5", "cron(30 8,9,10 ? * MON,TUE,WED,THU,FRI *)"),
            ("0 0 1 */6 *", "cron(0 0 1 1,7 ? *)"),
            ("0 0 * * 7", "cron(0 0 ? * SUN *)"),
            ("0 0 * jan sun,3", "cron(0 0 ? 1 SUN,WED *)"),
            ("  5  4 * *  * ", "cron(5 4 * * ? *)"),
            ("0 0 * * */2", "cron(0 0 ? * SUN,TUE,THU,SAT *)"),
        ],
    )
    def test_becomes_what_eventbridge_takes(self, crontab: str, expression: str) -> None:
        assert schedule_expression(crontab) == expression

    @pytest.mark.parametrize(
        ("crontab", "message"),
        [
            ("", "is empty"),
            ("0 3 * *", "has 4 fields"),
            ("60 3 * * *", '"60" is no minute'),
            ("0 24 * * *", '"24" is no hour'),
            ("0 3 0 * *", '"0" is no day of the month'),
            ("0 3 * 13 *", '"13" is no month'),
            ("0 3 * * 8", '"8" is no day of the week'),
            ("*/0 * * * *", "has no step"),
            ("5-1 * * * *", "runs backwards"),
            ("0 3 1 * 1", "days of the month and of the week"),
            ("@daily", "has 1 fields"),
            ("0 3 30 2 *", "never runs"),
            ("0 3 * * MON#2", "is no day of the week"),
            ("1,,2 * * * *", '"" is no minute'),
        ],
    )
    def test_that_is_none_is_refused_with_a_reason_and_a_way_out(self, crontab: str, message: str) -> None:
        with pytest.raises(ScheduleMistake) as refused:
            schedule_expression(crontab)
        assert message in refused.value.message
        assert refused.value.hint


class TestExpressions:
    @pytest.mark.parametrize(
        "expression",
        [
            "rate(1 minute)",
            "rate(5 minutes)",
            "rate(1 day)",
            "cron(0/15 8-17 ? * MON-FRI *)",
            "cron(0 3 L * ? *)",
            "cron(0 3 LW * ? 2026-2030)",
            "cron(0 3 15W * ? *)",
            "cron(0 3 ? * 3#2 *)",
            "cron(0 3 ? * 6L *)",
        ],
    )
    def test_of_eventbridge_stay_as_they_are(self, expression: str) -> None:
        assert schedule_expression(expression) == expression

    @pytest.mark.parametrize(
        ("expression", "message"),
        [
            ("rate(1 minutes)", "is not a rate"),
            ("rate(5 minute)", "is not a rate"),
            ("rate(0 minutes)", "is not a rate"),
            ("rate(5 weeks)", "is not a rate"),
            ("at(2026-01-01T00:00:00)", "neither cron(...) nor rate(...)"),
            ("cron(0 3 * * *)", "has 5 fields"),
            ("cron(0 3 * * * *)", "needs one `?`"),
            ("cron(0 3 ? * ? *)", "needs one `?`"),
            ("cron(0 3 1-31,32 * ? *)", '"32" is no day of the month'),
            ("cron(0 3 ? * 3#6 *)", "has no week"),
            ("cron(0 3 ? * 0 *)", '"0" is no day of the week'),
            ("cron(0 3 * * ? 1969)", '"1969" is no year'),
        ],
    )
    def test_that_eventbridge_refuses_are_refused(self, expression: str, message: str) -> None:
        with pytest.raises(ScheduleMistake) as refused:
            schedule_expression(expression)
        assert message in refused.value.message
        assert refused.value.hint


class TestRuns:
    @pytest.mark.parametrize(
        ("expression", "runs"),
        [
            ("rate(1 hour)", 730),
            ("rate(5 minutes)", 8760),
            ("rate(1 day)", Decimal(730) / 24),
            ("cron(0 3 1 * ? *)", 1),
            ("cron(0 3 31 * ? *)", Decimal(7) / 12),
            ("cron(0 3 L * ? *)", 1),
            ("cron(0,30 3,4 LW * ? *)", 4),
            ("cron(0 3 ? * 2#1 *)", 1),
            ("cron(0 3 ? * 6L *)", 1),
            ("cron(0 3 * * ? *)", Decimal(1461) / 48),
            ("cron(0 3 29 2 ? *)", Decimal(1) / 48),
        ],
    )
    def test_are_counted_for_an_average_month(self, expression: str, runs: Decimal | int) -> None:
        assert runs_per_month(expression) == runs

    @pytest.mark.parametrize(
        ("expression", "day"),
        [
            ("0 3 15W * ? *", date(2026, 8, 14)),  # the 15th is a Saturday
            ("0 3 1W * ? *", date(2026, 8, 3)),  # the 1st is a Saturday, and no other month is touched
            ("0 3 1W * ? *", date(2026, 11, 2)),  # the 1st is a Sunday
            ("0 3 LW * ? *", date(2026, 5, 29)),  # the 31st is a Sunday
            ("0 3 ? * 3#2 *", date(2026, 11, 10)),
            ("0 3 ? * FRIL *", date(2026, 11, 27)),
        ],
    )
    def test_fall_on_the_day_that_eventbridge_means(self, expression: str, day: date) -> None:
        cron = Cron.parse(expression)
        around = [day + timedelta(days) for days in range(-3, 4)]
        assert [one for one in around if cron.runs_at(one, 3, 0)] == [day]


def crontab_field(low: int, high: int) -> st.SearchStrategy[str]:
    number = st.integers(low, high)
    span = st.tuples(number, number).map(lambda two: f"{min(two)}-{max(two)}")
    step = st.integers(1, high).map(str)
    stepped = st.tuples(st.one_of(st.just("*"), span), step).map("/".join)
    part = st.one_of(number.map(str), span, stepped)
    return st.one_of(st.just("*"), st.lists(part, min_size=1, max_size=3).map(",".join))


def crontab_means(field: str, low: int, high: int) -> set[int]:
    """What crontab(5) says of a field without words."""
    found = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, _, last = (f"{low}-{high}" if span == "*" else span).partition("-")
        found |= set(range(int(first), int(last or first) + 1, int(step or 1)))
    return found


def eventbridge_means(field: str, low: int, high: int) -> set[int]:
    """What EventBridge says of a field: `?` and `*` are all, `,` lists."""
    if field in ("*", "?"):
        return set(range(low, high + 1))
    return {WORDS[part] if part in WORDS else int(part) for part in field.split(",")}


@given(
    fields=st.tuples(
        crontab_field(0, 59),
        crontab_field(0, 23),
        crontab_field(1, 31),
        crontab_field(1, 12),
        crontab_field(0, 7),
    ),
    by_weekday=st.booleans(),
    times=st.lists(st.datetimes(FIRST, LAST), min_size=20, max_size=20),
)
def test_a_translated_crontab_runs_when_the_crontab_would(
    fields: tuple[str, ...], by_weekday: bool, times: list[datetime]
) -> None:
    minute, hour, day, month, weekday = fields
    day, weekday = ("*", weekday) if by_weekday else (day, "*")
    days = crontab_means(day, 1, 31)
    assume(any(first <= 28 or month_ in THE_LONG for first in days for month_ in crontab_means(month, 1, 12)))
    expression = schedule_expression(f"{minute} {hour} {day} {month} {weekday}")
    match = re.fullmatch(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) \*\)", expression)
    assert match is not None
    read = Cron.parse(expression[5:-1])
    for at in times:
        # `*/2` and the like of a weekday count from Sunday to Saturday; 7 is Sunday again
        weekdays = {number % 7 for number in crontab_means(weekday.replace("*", "0-6"), 0, 7)}
        wanted = (
            at.minute in crontab_means(minute, 0, 59)
            and at.hour in crontab_means(hour, 0, 23)
            and at.day in crontab_means(day, 1, 31)
            and at.month in crontab_means(month, 1, 12)
            and at.isoweekday() % 7 in weekdays
        )
        said = (
            at.minute in eventbridge_means(match[1], 0, 59)
            and at.hour in eventbridge_means(match[2], 0, 23)
            and at.day in eventbridge_means(match[3], 1, 31)
            and at.month in eventbridge_means(match[4], 1, 12)
            and at.isoweekday() % 7 in eventbridge_means(match[5], 0, 6)
        )
        assert said == wanted == read.runs_at(at.date(), at.hour, at.minute)
