"""When something runs: the expressions of EventBridge Scheduler, and crontab's translated into them (pure).

Sources: EventBridge Scheduler user guide, "Schedule types"; crontab(5).
"""

from __future__ import annotations

import re
from calendar import Calendar, monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final

HOURS_PER_MONTH: Final = Decimal(730)
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MINUTES: Final = {"minute": 1, "hour": 60, "day": 24 * 60}
_CYCLE: Final = range(2024, 2028)
"""Four years with one leap year: their weekdays and lengths of months stand for all."""
_ANY_DAY: Final = date(2024, 1, 1)


class ScheduleMistake(ValueError):
    """What is wrong with a schedule, and what would be right."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a cron expression: what it is called, its range, and the words that stand for numbers.

    `twice` is a highest number that means the same as the lowest, which `*` leaves out.
    """

    name: str
    low: int
    high: int
    words: Mapping[str, int]
    twice: bool = False

    def number(self, text: str) -> int:
        """Raises ScheduleMistake for what is no number of this field."""
        found = self.words.get(text.upper())
        if found is None and re.fullmatch("[0-9]{1,4}", text):
            found = int(text)
        if found is None or not self.low <= found <= self.high:
            known = f", or {next(iter(self.words))} to {list(self.words)[-1]}" if self.words else ""
            raise ScheduleMistake(
                f'"{text}" is no {self.name}', f"use {self.low} to {self.high}{known} for the {self.name}"
            )
        return found

    def values(self, text: str) -> frozenset[int]:
        """The numbers that a list of numbers, ranges and steps stands for; `*` is all of them."""
        found: set[int] = set()
        for part in text.split(","):
            span, slash, step = part.partition("/")
            if slash and not re.fullmatch("[1-9][0-9]{0,3}", step):
                raise ScheduleMistake(f'"{part}" has no step', "a step is a number from 1: `*/15`")
            first, dash, last = span.partition("-")
            if span == "*":
                low, high = self.low, self.high - self.twice
            elif dash:
                low, high = self.number(first), self.number(last)
                if low > high:
                    raise ScheduleMistake(
                        f'"{span}" runs backwards',
                        f"write two ranges instead, up to {self.high} and from {self.low}",
                    )
            else:
                low = self.number(span)
                high = self.high if slash else low
            found.update(range(low, high + 1, int(step) if slash else 1))
        return frozenset(found)


_MINUTE: Final = Field("minute", 0, 59, {})
_HOUR: Final = Field("hour", 0, 23, {})
_DAY: Final = Field("day of the month", 1, 31, {})
_MONTH: Final = Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)})
# crontab counts weekdays from 0 (Sunday) and takes 7 for Sunday too, EventBridge from 1.
_CRONTAB_WEEKDAY: Final = Field(
    "day of the week", 0, 7, {name: number for number, name in enumerate(_DAYS)}, True
)
_WEEKDAY: Final = Field("day of the week", 1, 7, {name: number for number, name in enumerate(_DAYS, 1)})
_YEAR: Final = Field("year", 1970, 2199, {})


def schedule_expression(text: str) -> str:
    """What EventBridge Scheduler takes for `text`: cron(...) and rate(...) as they are, five crontab fields translated.

    Raises ScheduleMistake.
    """
    written = " ".join(text.split())
    expression = written if "(" in written or ")" in written else _from_crontab(text, written.split(" "))
    runs_per_month(expression)  # for what it raises
    return expression


def _from_crontab(text: str, fields: list[str]) -> str:
    if len(fields) != 5:
        raise ScheduleMistake(
            f'"{text}" has {len(fields)} fields, and crontab has five' if fields != [""] else "is empty",
            "write minute, hour, day, month, weekday (`0 3 * * *`), rate(5 minutes), or cron(0 3 * * ? *)",
        )
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        raise ScheduleMistake(
            f'"{" ".join(fields)}" names days of the month and of the week',
            "crontab runs on either, EventBridge knows only one of them: write two services, or `*` for one",
        )
    days = set() if weekday == "*" else {number % 7 for number in _CRONTAB_WEEKDAY.values(weekday)}
    return _cron(
        _listed(_MINUTE, minute),
        _listed(_HOUR, hour),
        "?" if days else _listed(_DAY, day),
        _listed(_MONTH, month),
        ",".join(_DAYS[number] for number in sorted(days)) if days else "?",
    )


def _cron(*fields: str) -> str:
    return f"cron({' '.join(fields)} *)"


def _listed(field: Field, text: str) -> str:
    """The field's numbers one by one, as both dialects read them alike; `*` if they are all there."""
    found = field.values(text)
    if len(found) == field.high - field.low + 1:
        return "*"
    return ",".join(str(number) for number in sorted(found))


def runs_per_month(expression: str) -> Decimal:
    """How often a cron(...) or rate(...) expression runs in an average month (730 hours, 1/12 year).

    Years are not looked at: it is the month of a year in which it runs. Raises ScheduleMistake.
    """
    match = re.fullmatch(r"(cron|rate)\((.*)\)", expression)
    if match is None:
        raise ScheduleMistake(
            f'"{expression}" is neither cron(...) nor rate(...)',
            "write rate(5 minutes), cron(0 3 * * ? *), or five crontab fields; what runs once is `kind: job`",
        )
    if match[1] == "cron":
        return Cron.parse(match[2]).runs_per_month
    rate = re.fullmatch(r"([1-9][0-9]{0,5}) (minute|hour|day)(s?)", match[2])
    if rate is None or (rate[1] == "1") == bool(rate[3]):
        raise ScheduleMistake(
            f'"{expression}" is not a rate',
            "write rate(1 minute), rate(5 minutes), rate(1 hour), rate(12 hours), rate(1 day), rate(7 days)",
        )
    return HOURS_PER_MONTH * 60 / (int(rate[1]) * _MINUTES[rate[2]])


@dataclass(frozen=True)
class Cron:
    """The six fields of cron(...), read."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: str
    months: frozenset[int]
    weekdays: str
    years: frozenset[int]

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Raises ScheduleMistake."""
        fields = text.split()
        if len(fields) != 6:
            raise ScheduleMistake(
                f'"cron({text})" has {len(fields)} fields, and EventBridge\'s cron has six',
                "they are minute, hour, day of the month, month, day of the week, year: cron(0 3 * * ? *)",
            )
        minute, hour, day, month, weekday, year = fields
        if (day == "?") == (weekday == "?"):
            raise ScheduleMistake(
                f'"cron({text})" needs one `?`',
                "exactly one of day of the month and day of the week is `?`: cron(0 3 * * ? *), cron(0 3 ? * MON *)",
            )
        cron = cls(
            _MINUTE.values(minute), _HOUR.values(hour), day, _MONTH.values(month), weekday, _YEAR.values(year)
        )
        for part in cron._parts[1]:
            (_on_day if weekday == "?" else _on_weekday)(part, _ANY_DAY)  # for what it raises
        if not cron.dates:
            raise ScheduleMistake(f'"cron({text})" never runs', "no month of its months has such a day")
        return cron

    @property
    def runs_per_month(self) -> Decimal:
        runs = len(self.minutes) * len(self.hours) * len(self.dates)
        return Decimal(runs) / (12 * len(_CYCLE))

    def runs_at(self, day: date, hour: int, minute: int) -> bool:
        """Whether it runs at that time of its time zone."""
        return hour in self.hours and minute in self.minutes and self.runs_on(day)

    def runs_on(self, day: date) -> bool:
        """Whether it runs on that day of its time zone."""
        return day.year in self.years and self._falls_on(day)

    @cached_property
    def dates(self) -> list[date]:
        """The days of the cycle on which it runs."""
        calendar = Calendar()
        return [
            day
            for year in _CYCLE
            for month in sorted(self.months)
            for day in calendar.itermonthdates(year, month)
            if day.month == month and self._falls_on(day)
        ]

    def _falls_on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        plain, special = self._parts
        if self.weekdays != "?":
            return day.isoweekday() % 7 + 1 in plain or any(_on_weekday(part, day) for part in special)
        return day.day in plain or any(_on_day(part, day) for part in special)

    @cached_property
    def _parts(self) -> tuple[frozenset[int], list[str]]:
        """The days that are numbers, and those that hang on the month they are in."""
        by_weekday = self.weekdays != "?"
        parts = (self.weekdays if by_weekday else self.days).split(",")
        ends = "L" if by_weekday else "W"
        special = [
            part for part in parts if part == "L" or part.endswith(ends) or (by_weekday and "#" in part)
        ]
        numbers = [part for part in parts if part not in special]
        field = _WEEKDAY if by_weekday else _DAY
        return (field.values(",".join(numbers)) if numbers else frozenset()), special


def _on_day(part: str, day: date) -> bool:
    """`L` is the last day of the month, `15W` the weekday nearest to the 15th within the month."""
    last = monthrange(day.year, day.month)[1]
    if part == "L":
        return day.day == last
    wanted = last if part == "LW" else min(_DAY.number(part[:-1]), last)
    return day == _nearest_weekday(day.replace(day=wanted), last)


def _nearest_weekday(day: date, last: int) -> date:
    if day.isoweekday() == 6:
        return day.replace(day=day.day - 1 if day.day > 1 else day.day + 2)
    if day.isoweekday() == 7:
        return day.replace(day=day.day + 1 if day.day < last else day.day - 2)
    return day


def _on_weekday(part: str, day: date) -> bool:
    """`3#2` is the second Tuesday, `6L` the last Friday of the month."""
    today = day.isoweekday() % 7 + 1
    if "#" in part:
        name, _, which = part.partition("#")
        if which not in ("1", "2", "3", "4", "5"):
            raise ScheduleMistake(
                f'"{part}" has no week', "write 3#2 for the second Tuesday; there are up to five"
            )
        return today == _WEEKDAY.number(name) and (day.day - 1) // 7 == int(which) - 1
    if part == "L":
        return today == 7
    last = monthrange(day.year, day.month)[1]
    return today == _WEEKDAY.number(part[:-1]) and day.day > last - 7
