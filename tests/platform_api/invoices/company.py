"""A company of tenants, made up from a seed: what each subscribed to, what it uses and when that is heard of."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from cygni.billing.credits import Grant
from cygni.billing.meters import Aggregation
from cygni.billing.periods import BillingCycle
from cygni.billing.plans import PlanVersion
from cygni.billing.subscriptions import Phase, Subscription
from tests.cygni.billing.histories import ALL_METERS, ZONES, plan
from tests.cygni.billing.oracle import Event

MONTHS = 12
DAY = timedelta(days=1)
BEGINS = [date(2027, 3, 29), date(2027, 4, 30), date(2027, 5, 31), date(2027, 7, 1), date(2027, 8, 30)]
"""Days that some months lack; the leap day of 2028 is within a year of each."""


@dataclass(frozen=True)
class Correction:
    """At `moment` the event is taken back, and `instead` stands for it if there is something."""

    moment: datetime
    event: Event
    instead: Decimal | None


@dataclass
class Heard:
    """An event that was known from `since` until before `until`."""

    event: Event
    since: datetime
    until: datetime | None = None


@dataclass
class Tenant:
    """`events` are those it will have, by when they are heard of; `heard` fills as time goes by."""

    slug: str
    subscription: Subscription
    tax_rate: Decimal
    grants: list[Grant]
    events: list[Event]
    corrections: list[Correction]
    heard: list[Heard] = field(default_factory=list)
    organization: uuid.UUID = field(default_factory=lambda: uuid.UUID(int=0))
    id: uuid.UUID = field(default_factory=lambda: uuid.UUID(int=0))

    def known(self, moment: datetime) -> list[Event]:
        return [
            one.event
            for one in self.heard
            if one.since <= moment and (one.until is None or moment < one.until)
        ]


def company(seed: int, tenants: int, events_a_month: int) -> list[Tenant]:
    random = Random(seed)
    return [_tenant(random, number, events_a_month * MONTHS) for number in range(tenants)]


def _tenant(random: Random, number: int, events: int) -> Tenant:
    cycle = BillingCycle(BEGINS[number % len(BEGINS)], ZONES[number % len(ZONES)])
    start = cycle.period(0).start
    currency = random.choice(["USD", "USD", "JPY", "KWD"])
    begin = start + random.choice([timedelta(0), _moment(random, 20)])
    changes = sorted({begin, *(begin + _moment(random, 330) for _ in range(random.randrange(4)))})
    subscription = Subscription(
        cycle,
        tuple(Phase(at, _plan(random, currency, number, one)) for one, at in enumerate(changes, 1)),
        trial_end=begin + _moment(random, 40) if random.random() < 0.4 else None,
        end=begin + timedelta(days=100) + _moment(random, 230) if random.random() < 0.2 else None,
    )
    told = sorted(_events(random, start, events), key=lambda event: event.received)
    taken_back = random.sample(told, events // 20)
    return Tenant(
        f"tenant-{number}",
        subscription,
        Decimal(random.choice(["0", "19", "8.875", "7.7"])),
        [_grant(random, start) for _ in range(random.randrange(3))],
        told,
        sorted((_correction(random, one) for one in taken_back), key=lambda one: one.moment),
    )


def _moment(random: Random, days: int) -> timedelta:
    return timedelta(microseconds=random.randrange(days * 86_400_000_000))


def _plan(random: Random, currency: str, tenant: int, version: int) -> PlanVersion:
    grace = random.choice([timedelta(0), DAY, 3 * DAY])
    return replace(plan(random, currency, version), key=f"team_{tenant}", grace=grace)


def _grant(random: Random, start: datetime) -> Grant:
    begin = start + _moment(random, 200)
    end = begin + DAY + _moment(random, 200) if random.random() < 0.5 else None
    amount = Decimal(random.randrange(1, 300))
    return Grant("", amount, begin, end, random.choice([10, 50]), random.random() < 0.5)


def _events(random: Random, start: datetime, count: int) -> Iterator[Event]:
    """Most are heard of at once; some are days late, some tell of months before, some take back."""
    for number in range(count):
        meter = random.choice(list(ALL_METERS))
        at = (start - 3 * DAY + _moment(random, 366)).astimezone(UTC)
        late = random.choice(
            [timedelta(0), timedelta(0), timedelta(0), _moment(random, 3), _moment(random, 60)]
        )
        sign = -1 if random.random() < 0.1 and ALL_METERS[meter].aggregation is Aggregation.SUM else 1
        quantity = sign * Decimal(random.randrange(1, 2_000_000)).scaleb(-random.randrange(6))
        yield Event(f"{number:05}", meter, at, at + late, quantity, random.choice(["a", "b", "c"]))


def _correction(random: Random, event: Event) -> Correction:
    instead = Decimal(random.randrange(1, 5_000)) if random.random() < 0.5 else None
    return Correction(event.received + DAY + _moment(random, 45), event, instead)
