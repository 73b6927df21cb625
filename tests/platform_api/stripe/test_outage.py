"""Five thousand meter events through an outage of thirty hours, which is longer than Stripe remembers identifiers."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import psycopg
import pytest

from platform_api.stripe.work import StripeWork
from tests.platform_api.stripe.conftest import Collecting, sent_all
from tests.stripe_stand_in.account import Fault

ROWS = 5_000
METERS = (
    "vcpu_hours",
    "memory_gb_hours",
    "build_minutes",
    "egress_gb",
    "requests",
    "preview_hours",
    "deployments",
)
ORGANIZATIONS = ("acme", "globex", "initech")
HOURS = 240
FLAKY = (
    [None] * 4 + [Fault.CUT_AFTER] * 2 + [Fault.ERROR_AFTER, Fault.ERROR_BEFORE, Fault.CUT_BEFORE, Fault.BUSY]
)
"""Four of ten requests go well before all fail."""


@pytest.mark.slow
@pytest.mark.timeout(1800)
class TestAnOutage:
    def test_totals_are_equal_and_nothing_is_counted_twice(self, collecting: Collecting) -> None:
        used = self.use(collecting, random.Random(20261122))
        assert collecting.export() == ROWS
        states, in_vain = collecting.work(lambda work: self.through_it(collecting, work))
        assert states["unknown"] > 2_000  # nobody knows of these, and a third of them was counted
        assert in_vain < 5_000  # a Stripe that is silent is not asked for each of them again and again
        self.compare(collecting, used)

    def use(self, collecting: Collecting, chance: random.Random) -> dict[tuple[str, str], Fraction]:
        """What each organisation used of each meter: an event in each of the hours."""
        team, now = collecting.metering, collecting.now
        programs = {"acme": team.program}
        for slug in ORGANIZATIONS[1:]:
            assert team.owner.post("/v1/organizations", slug=slug, name=slug.title()).status_code == 201
            programs[slug] = collecting.program_of(slug)
        places = [
            (slug, meter, ago) for slug in ORGANIZATIONS for meter in METERS for ago in range(2, HOURS + 2)
        ]
        used: dict[tuple[str, str], Fraction] = {}
        told: dict[str, list[object]] = {slug: [] for slug in ORGANIZATIONS}
        for number, (slug, meter, ago) in enumerate(places[:ROWS]):
            quantity = Decimal(chance.randrange(1, 10**9)) / 10**6
            told[slug].append(team.event(str(number), f"{quantity}", ago=ago, type=meter))
            counted = Fraction(1) if meter == "deployments" else Fraction(quantity)
            used[slug, meter] = used.get((slug, meter), Fraction(0)) + counted
        for slug, events in told.items():
            for start in range(0, len(events), 500):
                team.tell(*events[start : start + 500], by=programs[slug])
        assert team.now == now
        return used

    async def through_it(self, collecting: Collecting, work: StripeWork) -> tuple[Counter[str], int]:
        """The states of rows when all had been tried once, and how often Stripe was asked in vain after."""
        account, flaky = collecting.stripe.account, random.Random(7)
        account.script = lambda sent: flaky.choice(FLAKY) if sent.path.endswith("/meter_events") else None
        while self.states(collecting, attempts=0):
            made = await work.sender.make_due()
            collecting.pass_by(minutes=0 if made else 1)  # sixteen went wrong in a row, and the rest waits
        states, before = self.states(collecting), len(account.received)
        account.script = lambda sent: Fault.CUT_BEFORE
        for _ in range(30 * 4):
            await work.sender.make_due()
            collecting.pass_by(minutes=15)
        in_vain = len(account.received) - before
        account.script = lambda sent: None
        for _ in range(60):
            await sent_all(work)
            collecting.pass_by(minutes=30)
        return states, in_vain

    def states(self, collecting: Collecting, attempts: int | None = None) -> Counter[str]:
        """How many rows are in each state; of those with so many attempts."""
        with psycopg.connect(collecting.control_plane.owner_url) as owner:
            query = """
                SELECT state, count(*) FROM stripe_usage WHERE attempts = %(attempts)s OR %(attempts)s::int IS NULL
                GROUP BY state
                """
            return Counter(dict(owner.execute(query, {"attempts": attempts}).fetchall()))

    def compare(self, collecting: Collecting, used: dict[tuple[str, str], Fraction]) -> None:
        account = collecting.stripe.account
        states = self.states(collecting)
        assert set(states) == {"sent", "replaced"}
        assert states["sent"] == ROWS
        assert states["replaced"] > 500
        with psycopg.connect(collecting.control_plane.owner_url) as owner:
            query = "SELECT slug, customer FROM stripe_customers JOIN organizations ON id = organization_id"
            slugs = {customer: slug for slug, customer in owner.execute(query).fetchall()}
        counted: dict[tuple[str, str], int] = {}
        for event in account.meter_events:
            payload = event["payload"]
            key = slugs[payload["stripe_customer_id"]], event["event_name"].removeprefix("cygni_")
            counted[key] = counted.get(key, 0) + int(payload["value"])
        wanted = {
            key: quantity if key[1] == "deployments" else quantity * 10**6 for key, quantity in used.items()
        }
        assert counted == wanted
        places = Counter(
            (event["payload"]["stripe_customer_id"], event["event_name"], event["timestamp"])
            for event in account.meter_events
        )
        assert len(places) == ROWS
        assert set(places.values()) == {1}
