"""Looks at what runs are put together to what ran."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from cygni.billing.periods import Period
from cygni.metering.due import Told, due, rounded
from cygni.metering.hours import settled
from cygni.metering.runs import Run, Sighting, Spot, amounts, followed

BEGIN = datetime(2026, 3, 1, 10, tzinfo=UTC)
RATES = {"vcpu_hours": Decimal("0.25"), "memory_gb_hours": Decimal("0.5")}
REMEMBERED = timedelta(hours=1)
"""How long ECS tells of a task that has stopped."""
DELAY = timedelta(minutes=10)


def at(minutes: float) -> datetime:
    return BEGIN + timedelta(minutes=minutes)


def sighting(id: str, start: float, end: float | None = None, subject: str = "web") -> Sighting:
    return Sighting(id, subject, RATES, at(start), None if end is None else at(end))


def looked(*looks: tuple[float, Sequence[Sighting]]) -> dict[str, Run]:
    """What is known after looks at those minutes."""
    known: dict[str, Run] = {}
    for minute, seen in looks:
        known |= {run.id: run for run in followed(known.values(), seen, at(minute))}
    return known


def hours(runs: Mapping[str, Run]) -> Fraction:
    """Task hours."""
    found = amounts(runs.values(), Period(BEGIN, at(60 * 1000)))
    return sum((value for spot, value in found.items() if spot.meter == "memory_gb_hours"), Fraction(0)) * 2


class TestWhatWasSeen:
    def test_ran_from_its_start_until_it_was_seen_last(self) -> None:
        assert hours(looked((30, [sighting("a", 0)]), (45, [sighting("a", 0)]))) == Fraction(45, 60)

    def test_ran_all_the_time_between_two_looks_however_far_apart(self) -> None:
        assert hours(looked((1, [sighting("a", 0)]), (6000, [sighting("a", 0)]))) == 100

    def test_ran_until_it_stopped_where_that_is_told(self) -> None:
        assert hours(looked((10, [sighting("a", 0)]), (50, [sighting("a", 0, 30)]))) == Fraction(1, 2)

    def test_counts_too_where_it_came_and_went_between_two_looks(self) -> None:
        assert hours(looked((0, []), (50, [sighting("a", 10, 40)]))) == Fraction(1, 2)

    def test_is_gone_without_a_trace_and_ran_until_it_was_seen_last(self) -> None:
        found = looked((30, [sighting("a", 0)]), (600, []), (900, []))
        assert (found["a"].end, hours(found)) == (at(30), Fraction(1, 2))

    def test_is_gone_without_a_trace_and_ran_until_another_took_its_place(self) -> None:
        found = looked((30, [sighting("a", 0)]), (600, [sighting("b", 120)]))
        assert (found["a"].end, found["b"].known) == (at(120), Period(at(120), at(600)))

    def test_gives_way_to_nothing_of_another_service(self) -> None:
        found = looked((30, [sighting("a", 0)]), (600, [sighting("b", 120, subject="worker")]))
        assert found["a"].end == at(30)

    def test_gives_way_one_by_one(self) -> None:
        first = [sighting("a", 0), sighting("b", 0), sighting("c", 0)]
        found = looked((30, first), (600, [sighting("d", 200), sighting("e", 100)]))
        assert [found[id].end for id in "abc"] == [at(100), at(200), at(30)]

    def test_is_there_again_after_a_look_that_missed_it(self) -> None:
        found = looked((30, [sighting("a", 0)]), (40, []), (60, [sighting("a", 0)]))
        assert hours(found) == 1

    def test_does_not_run_backwards_where_clocks_differ(self) -> None:
        assert hours(looked((30, [sighting("a", 31)]))) == 0


class TestAmounts:
    def test_go_to_the_hours_they_are_of_by_meter(self) -> None:
        found = amounts([Run("a", "web", RATES, at(30), at(150))], Period(BEGIN, at(180)))
        assert found == {
            Spot(meter, "web", at(60 * hour)): Fraction(rate) * share
            for meter, rate in RATES.items()
            for hour, share in ((0, Fraction(1, 2)), (1, 1), (2, Fraction(1, 2)))
        }

    def test_sum_what_runs_side_by_side(self) -> None:
        runs = [Run(id, "web", RATES, at(0), at(60)) for id in "abc"]
        assert amounts(runs, Period(BEGIN, at(60)))[Spot("vcpu_hours", "web", BEGIN)] == Fraction(3, 4)

    def test_leave_out_what_is_outside_the_window(self) -> None:
        found = amounts([Run("a", "web", RATES, at(0), at(600))], Period(at(60), at(120)))
        assert {spot.hour for spot in found} == {at(60)}


@dataclass
class Ledger:
    """Tells hours that are over, as a worker does; a batch may be told again."""

    told: dict[Spot, Told] = field(default_factory=dict)
    events: dict[tuple[Spot, int], Decimal] = field(default_factory=dict)

    def tell(self, runs: Mapping[str, Run], since: datetime, now: datetime) -> None:
        window = settled(since, now, DELAY)
        for one in due(amounts(runs.values(), window), self.told):
            self.events.setdefault((one.spot, one.number), one.quantity)
        found: defaultdict[Spot, list[Decimal]] = defaultdict(list)
        for (spot, _), quantity in self.events.items():
            found[spot].append(quantity)
        self.told = {spot: Told(len(all_of), sum(all_of, Decimal(0))) for spot, all_of in found.items()}


@st.composite
def tasks(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Seconds at which tasks start and stop."""
    starts = draw(st.lists(st.integers(0, 6 * 3600), min_size=1, max_size=6))
    return [(start, start + draw(st.integers(1, 4 * 3600))) for start in starts]


@given(tasks(), st.lists(st.integers(900, 3600), min_size=1, max_size=10))
def test_any_looks_an_hour_apart_at_most_sum_up_to_the_same_task_seconds(
    all_tasks: list[tuple[int, int]], pauses: list[int]
) -> None:
    known: dict[str, Run] = {}
    ledger, second, number = Ledger(), 0, 0
    while second < 12 * 3600:
        second, number = second + pauses[number % len(pauses)], number + 1
        now = BEGIN + timedelta(seconds=second)
        seen = [
            Sighting(
                str(id), "web", RATES, BEGIN + timedelta(seconds=start),
                BEGIN + timedelta(seconds=stop) if stop <= second else None,
            )
            for id, (start, stop) in enumerate(all_tasks)
            if start <= second < stop + REMEMBERED.total_seconds()
        ]  # fmt: skip
        known |= {run.id: run for run in followed(known.values(), seen, now)}
        ledger.tell(known, BEGIN, now)
        ledger.tell(known, BEGIN, now)
    seconds = {
        hour: sum(max(0, min(stop, hour + 3600) - max(start, hour)) for start, stop in all_tasks)
        for hour in range(0, 12 * 3600, 3600)
    }
    found: defaultdict[datetime, Decimal] = defaultdict(Decimal)
    for (spot, _), quantity in ledger.events.items():
        if spot.meter == "vcpu_hours":
            found[spot.hour] += quantity
    assert found == {
        BEGIN + timedelta(seconds=hour): rounded(Fraction(ran, 4 * 3600))
        for hour, ran in seconds.items()
        if ran
    }


@given(tasks(), st.lists(st.integers(1, 8 * 3600), min_size=1, max_size=8))
def test_looks_that_are_far_apart_never_tell_more_than_there_was(
    all_tasks: list[tuple[int, int]], pauses: list[int]
) -> None:
    """Of services of one task each: nothing takes the place of anything."""
    known: dict[str, Run] = {}
    second = 0
    for pause in pauses:
        second += pause
        seen = [
            Sighting(str(id), str(id), RATES, BEGIN + timedelta(seconds=start))
            for id, (start, stop) in enumerate(all_tasks)
            if start <= second < stop
        ]
        known |= {run.id: run for run in followed(known.values(), seen, BEGIN + timedelta(seconds=second))}
    for id, run in known.items():
        start, stop = all_tasks[int(id)]
        assert run.known.microseconds <= (stop - start) * 10**6
