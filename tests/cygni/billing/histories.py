"""Random histories of organizations: what they subscribed to, what they used, and when that was heard of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from cygni.billing.meters import METERS, Aggregation, Meter
from cygni.billing.periods import BillingCycle
from cygni.billing.plans import Charge, FlatFee, PlanVersion, UsageCharge
from cygni.billing.prices import Graduated, Package, PerUnit, Price, Tier, Volume
from cygni.billing.subscriptions import Phase, Subscription
from tests.cygni.billing.oracle import Event

ACTIVE_USERS = Meter("active_users", "Active users", "user", Aggregation.UNIQUE_COUNT)
ALL_METERS = {meter.key: meter for meter in (*METERS, ACTIVE_USERS)}
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
]
MONTHS = 3


@dataclass(frozen=True)
class History:
    """Three months and more of one organization. `events` are in the order in which they were heard of."""

    subscription: Subscription
    events: tuple[Event, ...]


def history(random: Random) -> History:
    """Begins on any day from 2027 to 2029: leap days and changes of clocks come along."""
    anchor = date(2027, 1, 1) + timedelta(days=random.randrange(1000))
    cycle = BillingCycle(anchor, random.choice(ZONES))
    start = cycle.period(0).start
    currency = random.choice(["USD", "USD", "JPY", "KWD"])
    begin = start + random.choice([timedelta(0), _moment(random, 20)])
    phases = [Phase(begin, plan(random, currency, 1))]
    if random.random() < 0.5:
        phases.append(Phase(begin + timedelta(seconds=1) + _moment(random, 70), plan(random, currency, 2)))
    subscription = Subscription(
        cycle,
        tuple(phases),
        trial_end=begin + _moment(random, 14) if random.random() < 0.3 else None,
        end=begin + timedelta(days=40) + _moment(random, 40) if random.random() < 0.2 else None,
    )
    events = [_event(random, start, number) for number in range(random.randrange(40))]
    return History(subscription, tuple(sorted(events, key=lambda event: event.received)))


def _moment(random: Random, days: int) -> timedelta:
    return timedelta(microseconds=random.randrange(days * 86_400_000_000))


def _event(random: Random, start: datetime, number: int) -> Event:
    """Most are heard of at once; some are days late, some tell of what was long ago, some take back."""
    meter = random.choice(list(ALL_METERS))
    at = (start - timedelta(days=3) + _moment(random, 96)).astimezone(UTC)
    late = random.choice([timedelta(0), timedelta(0), _moment(random, 3), _moment(random, 45)])
    sign = -1 if random.random() < 0.1 and ALL_METERS[meter].aggregation is Aggregation.SUM else 1
    quantity = sign * Decimal(random.randrange(1, 2_000_000)).scaleb(-random.randrange(6))
    return Event(f"{number:04}", meter, at, at + late, quantity, random.choice(["a", "b", "c"]))


def plan(random: Random, currency: str, version: int) -> PlanVersion:
    """With some of all there is to charge for, at prices of all models."""
    charges: list[Charge] = [FlatFee("base", "Base", _money(random, 100))] if random.random() < 0.5 else []
    for meter in random.sample(list(ALL_METERS), random.randrange(1, 6)):
        included = Decimal(random.randrange(500)) if random.random() < 0.4 else Decimal(0)
        minimum = _money(random, 50) if random.random() < 0.2 else Decimal(0)
        charges.append(UsageCharge(meter, ALL_METERS[meter].name, meter, _price(random), included, minimum))
    least = _money(random, 500) if random.random() < 0.3 else Decimal(0)
    return PlanVersion("team", version, currency, tuple(charges), least)


def _money(random: Random, most: int) -> Decimal:
    return Decimal(random.randrange(most * 10_000)).scaleb(-4)


def _price(random: Random) -> Price:
    bounds = sorted(random.sample(range(1, 5000), random.randrange(1, 4)))
    tiers = [Tier(Decimal(bound), _money(random, 1), _money(random, 5)) for bound in bounds]
    last = Tier(None, _money(random, 1), _money(random, 5) if random.random() < 0.3 else Decimal(0))
    models: list[Price] = [
        PerUnit(_money(random, 2)),
        Graduated((*tiers, last)),
        Volume((*tiers, last)),
        Package(Decimal(random.randrange(500, 5000)), _money(random, 20)),
    ]
    return random.choice(models)
