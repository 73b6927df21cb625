"""What runs from when to when, put together from looks at it (pure).

A look tells all that runs, since when, and what has ended not long ago. Two looks that see the same run make one
stretch of it, however much time lies between them: nothing is lost while nobody looked. What was there and is gone
without a trace ended at some time in between. It is taken to have ended when what stands for it began, and where there
is nothing that does, when it was last seen: so nobody is billed for what may not have run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from cygni.billing.periods import Period
from cygni.metering.hours import HOUR, hours_in

Rates = Mapping[str, Decimal]
"""Units by meter."""
_HOUR_MICROSECONDS = HOUR // timedelta(microseconds=1)


class Spot(NamedTuple):
    """Where an amount belongs: a meter, what of an environment it is of, and when its hour begins."""

    meter: str
    subject: str
    hour: datetime


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a look tells of one run: since when it runs, and since when it does not any more, if so."""

    id: str
    subject: str
    rates: Rates
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Uses `rates` in each hour, from `start` until `end`; where that is None it ran when it was last `seen`."""

    id: str
    subject: str
    rates: Rates
    start: datetime
    seen: datetime
    end: datetime | None = None

    @property
    def known(self) -> Period:
        """When it ran for sure."""
        return Period(self.start, max(self.start, self.end or self.seen))


def followed(known: Iterable[Run], sightings: Sequence[Sighting], at: datetime) -> list[Run]:
    """The runs that a look at `at` tells more of, as they are then: those that were seen, and those that are gone.
    `known` are at least those that had not ended, and those that are seen again."""
    before = {run.id: run for run in known}
    seen = {one.id for one in sightings}
    gone = [run for run in before.values() if run.end is None and run.id not in seen]
    new = [one for one in sightings if one.id not in before]
    now = [
        Run(one.id, one.subject, one.rates, one.start, one.end or max(at, one.start), one.end)
        for one in sightings
    ]
    return [*now, *_ended(gone, new)]


def _ended(gone: Sequence[Run], new: Sequence[Sighting]) -> Iterator[Run]:
    """Each gives way to another one of what is new of its subject, in the order of their times."""
    begins: defaultdict[str, list[datetime]] = defaultdict(list)
    for one in sorted(new, key=lambda one: one.start, reverse=True):
        begins[one.subject].append(one.start)
    for run in sorted(gone, key=lambda run: (run.seen, run.id)):
        following = begins[run.subject]
        while following and following[-1] < run.seen:
            following.pop()
        yield replace(run, end=following.pop() if following else run.seen)


def amounts(runs: Iterable[Run], window: Period) -> dict[Spot, Fraction]:
    """What the runs used in each hour of `window`, which is of whole hours."""
    found: defaultdict[Spot, Fraction] = defaultdict(Fraction)
    for run in runs:
        part = run.known.overlap(window)
        for hour in hours_in(part) if part is not None else ():
            within = run.known.overlap(hour)
            assert within is not None
            for meter, rate in run.rates.items():
                share = Fraction(within.microseconds, _HOUR_MICROSECONDS)
                found[Spot(meter, run.subject, hour.start)] += Fraction(rate) * share
    return dict(found)
