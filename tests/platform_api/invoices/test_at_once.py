"""Usage that is told while it is billed, and bill runs that are killed."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import textwrap
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal

import psycopg
import pytest

from platform_api.database.roles import url_as
from platform_api.database.transactions import Database, Scope
from platform_api.usage.store import PostgresMeterStore
from tests.cygni.billing.oracle import Event
from tests.platform_api.invoices.billed import Billing, amounts, late, reported, sequence
from tests.platform_api.invoices.test_bill_run import APRIL, DAY, HOUR, JUNE, MARCH, MAY, subscription, used
from tests.platform_api.server_key import KEY

KILLS = 5
SEED = 11


@pytest.fixture
def acme(billing: Billing) -> uuid.UUID:
    return billing.organization("acme")


@contextmanager
def telling(billing: Billing, organization: uuid.UUID, *events: Event) -> Iterator[None]:
    """Events that are told in a transaction which commits when the block ends."""
    with asyncio.Runner() as runner:
        database = Database(url_as(billing.url, billing.roles.application, KEY), size=1)
        transaction = database.transaction(Scope(organization=organization))
        session = runner.run(transaction.__aenter__())
        store = PostgresMeterStore(session, organization)
        runner.run(store.record([reported(event) for event in events], billing.clock.now()))
        yield
        runner.run(transaction.__aexit__(None, None, None))
        runner.run(database.close())


class TestUsageThatCommitsWhileItIsBilled:
    def test_is_on_the_next_invoice_though_its_numbers_are_lower(
        self, billing: Billing, acme: uuid.UUID
    ) -> None:
        billing.subscribe(acme, subscription())
        billing.run()
        billing.at(MARCH.end + DAY)
        with telling(billing, acme, used("early", MARCH.start, 10)):
            billing.tell(acme, used("later", MARCH.start + DAY, 20))
            billing.run()
        assert amounts(billing.invoices()[0]["document"]) == {"base": 20, "builds": 2}
        [early] = billing.rows(b"SELECT number FROM usage_events WHERE id = 'early'")
        [last] = billing.rows(b"SELECT max(revision) FROM usage_hours WHERE hour > '2026-03-01T12:00Z'")
        assert early["number"] < last["max"]
        billing.at(APRIL.end + DAY)
        billing.run()
        assert late(billing.invoices()[1]["document"]) == [("builds", "2026-03-01", Decimal(1))]
        billing.at(MAY.end + DAY)
        billing.run()
        assert late(billing.invoices()[2]["document"]) == []

    def test_in_an_hour_that_was_billed_already_is_seen(self, billing: Billing, acme: uuid.UUID) -> None:
        """The hour's revision goes down then: the later transaction has written it first."""
        billing.subscribe(acme, subscription())
        billing.run()
        billing.at(MARCH.end + DAY)
        with telling(billing, acme, used("early", MARCH.start + HOUR, 10)):
            billing.tell(acme, used("later", MARCH.start, 20))
            billing.run()
        billing.take_back(acme, "later", Decimal(40))
        billing.at(APRIL.end + DAY)
        billing.run()
        assert late(billing.invoices()[1]["document"]) == [("builds", "2026-03-01", Decimal(3))]

    @pytest.mark.parametrize("seed", range(3))
    def test_is_billed_once_in_whatever_order(self, billing: Billing, acme: uuid.UUID, seed: int) -> None:
        """Each month some transactions are open while the invoice before is made."""
        chosen = random.Random(seed)
        billing.subscribe(acme, subscription())
        billing.run()
        quantities = [chosen.randrange(1, 100) for _ in range(12)]
        events = [
            used(str(number), MARCH.start + chosen.randrange(720) * HOUR, quantity)
            for number, quantity in enumerate(quantities)
        ]
        for month in (MARCH, APRIL, MAY):
            billing.at(month.end + DAY)
            now, open_still, events = events[:2], events[2:4], events[4:]
            with telling(billing, acme, *open_still):
                billing.tell(acme, *now)
                billing.run(workers=2)
        billing.at(JUNE.end + DAY)
        billing.run()
        query = b"SELECT sum(amount) FROM billed_amounts WHERE key = 'builds' AND period_number = 0"
        [billed] = billing.rows(query)
        assert billed["sum"] == Decimal(sum(quantities)) / 10


BEGIN_AND_GO_ON = """
    import asyncio, sys
    from datetime import datetime
    from platform_api.database.transactions import Database
    from platform_api.invoices.bill_run import BillRun

    class Standing:
        def now(self):
            return datetime.fromisoformat(sys.argv[2])

    async def work():
        run = BillRun(Database(sys.argv[1]), Standing())
        while await run.make_due():
            print("a step", flush=True)

    asyncio.run(work())
"""


@pytest.mark.slow
class TestABillRunThatIsKilled:
    def test_leaves_whole_invoices_and_no_gap(self, billing: Billing) -> None:
        chosen = random.Random(SEED)
        for number in range(12):
            organization = billing.organization(f"org-{number}")
            billing.subscribe(organization, subscription())
            billing.tell(organization, used("a", MARCH.start, 10), used("b", APRIL.start, 20))
        billing.at(JUNE.end + DAY)
        for _ in range(KILLS):
            with self.worker(billing) as worker:
                assert worker.stdout is not None
                for _ in range(chosen.randrange(6, 16)):
                    assert worker.stdout.readline() == "a step\n"
                time.sleep(chosen.uniform(0, 0.1))
                worker.kill()
        assert 0 < len(billing.invoices()) < 48, "nothing was under way"
        with self.worker(billing) as worker:
            worker.communicate(timeout=120)
        made = billing.invoices()
        assert sequence([row["number"] for row in made]) == list(range(1, 49))
        assert sorted(row["total"] for row in made) == [20] * 24 + [21] * 12 + [22] * 12
        [billed] = billing.rows(b"SELECT sum(amount) FROM billed_amounts")
        assert billed["sum"] == sum(row["subtotal"] for row in made)

    def worker(self, billing: Billing) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", textwrap.dedent(BEGIN_AND_GO_ON), billing.of_workers]
        command += [billing.clock.now().isoformat()]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_a_transaction_that_freezes_does_not_keep_others_from_reading(billing: Billing) -> None:
    """What has the table of numbers holds up bill runs and credit notes, and nothing else."""
    billing.subscribe(billing.organization("acme"), subscription())
    billing.run()
    billing.at(MARCH.end + timedelta(days=2))
    with psycopg.connect(billing.of_workers) as frozen:
        frozen.execute("LOCK TABLE invoice_numbers IN SHARE ROW EXCLUSIVE MODE")
        with psycopg.connect(billing.of_workers) as other:
            found = other.execute("SELECT state FROM invoices").fetchall()
        assert found == [("draft",)]
    billing.run()
    assert len(billing.invoices()) == 1
