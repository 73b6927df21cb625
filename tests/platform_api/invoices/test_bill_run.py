"""Bill runs as the clock moves on: drafts, grace, what comes late, credits, and who does not pay."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest

from cygni.billing.invoices import canonical_bytes, digest
from cygni.billing.periods import BillingCycle
from cygni.billing.plans import FlatFee, PlanVersion, UsageCharge
from cygni.billing.prices import PerUnit
from cygni.billing.subscriptions import Phase, Subscription
from tests.cygni.billing.oracle import Event
from tests.platform_api.invoices.billed import Billing, amounts, late, sequence

BUILDS = UsageCharge("builds", "Builds", "build_minutes", PerUnit(Decimal("0.10")))
STORAGE = UsageCharge("storage", "Storage", "storage_gb_months", PerUnit(Decimal(1)))
PLAN = PlanVersion("team", 1, "USD", (FlatFee("base", "Base fee", Decimal(20)), BUILDS))
CYCLE = BillingCycle(date(2026, 3, 1))
MARCH, APRIL, MAY, JUNE = (CYCLE.period(number) for number in range(4))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def subscription(plan: PlanVersion = PLAN, end: datetime | None = None) -> Subscription:
    return Subscription(CYCLE, (Phase(MARCH.start, plan),), end=end)


def used(id: str, at: datetime, quantity: int, meter: str = "build_minutes") -> Event:
    return Event(id, meter, at, at, Decimal(quantity), "-")


@pytest.fixture
def acme(billing: Billing) -> uuid.UUID:
    return billing.organization("acme")


class TestAnInvoice:
    def test_is_a_draft_then_waits_then_is_final(self, billing: Billing, acme: uuid.UUID) -> None:
        billing.subscribe(acme, subscription(), tax_rate="19")
        billing.run()
        assert [row["state"] for row in billing.invoices(final=False)] == ["draft"]
        billing.at(MARCH.end)
        billing.run()
        assert [row["state"] for row in billing.invoices(final=False)] == ["grace", "draft"]
        billing.at(MARCH.end + DAY - HOUR)
        billing.run()
        assert billing.invoices() == []
        billing.at(MARCH.end + DAY)
        billing.run()
        [made] = billing.invoices()
        assert (made["state"], made["number"], made["total"]) == ("final", "2026-000001", Decimal("23.80"))
        assert made["due_at"] == billing.clock.now() + timedelta(days=30)

    def test_is_final_when_its_period_ends_where_the_plan_waits_for_nothing(
        self, billing: Billing, acme: uuid.UUID
    ) -> None:
        billing.subscribe(acme, subscription(replace(PLAN, grace=timedelta(0))))
        billing.at(MARCH.end - HOUR)
        billing.run()
        assert billing.invoices() == []
        billing.at(MARCH.end)
        billing.run(workers=3)
        [made] = billing.invoices()
        assert (made["state"], made["finalized_at"]) == ("final", MARCH.end)
        billing.tell(acme, used("late", MARCH.end - HOUR, 10))
        billing.at(APRIL.end)
        billing.run()
        adjusted = billing.invoices()[1]["document"]["adjustments"]
        assert [(one["key"], one["period"]["end"]) for one in adjusted] == [("builds", MARCH.end.isoformat())]

    def test_has_the_bytes_that_its_digest_is_of(self, billing: Billing, acme: uuid.UUID) -> None:
        billing.subscribe(acme, subscription())
        billing.at(APRIL.start + DAY)
        billing.run()
        [made] = billing.invoices()
        assert made["content"] == canonical_bytes(made["document"])
        assert made["digest"] == digest(made["document"])
        assert made["document"]["organization"] == {"slug": "acme", "name": "Acme"}
        assert made["document"]["number"] == made["number"]

    def test_is_overdue_when_nobody_pays_it(self, billing: Billing, acme: uuid.UUID) -> None:
        billing.subscribe(acme, subscription())
        billing.at(MARCH.end + DAY)
        billing.run()
        billing.at(MARCH.end + 31 * DAY - HOUR)
        billing.run()
        assert billing.invoices()[0]["state"] == "final"
        billing.at(MARCH.end + 31 * DAY)
        billing.run()
        assert billing.invoices()[0]["state"] == "overdue"

    def test_of_nothing_is_paid(self, billing: Billing, acme: uuid.UUID) -> None:
        billing.subscribe(acme, subscription(PlanVersion("free", 1, "USD", (BUILDS,))))
        billing.at(MARCH.end + DAY)
        billing.run()
        [made] = billing.invoices()
        assert (made["state"], made["total"], made["step_at"]) == ("paid", 0, None)

    def test_follows_however_long_no_worker_ran(self, billing: Billing, acme: uuid.UUID) -> None:
        billing.subscribe(acme, subscription())
        billing.tell(acme, used("a", APRIL.start, 10))
        billing.at(JUNE.start + DAY)
        billing.run()
        assert [row["document"]["period"]["start"][:7] for row in billing.invoices()] == [
            "2026-03",
            "2026-04",
            "2026-05",
        ]
        assert [row["total"] for row in billing.invoices()] == [20, 21, 20]

    def test_cannot_be_changed_or_deleted_by_the_owner_of_the_tables_even(
        self, billing: Billing, acme: uuid.UUID
    ) -> None:
        billing.subscribe(acme, subscription())
        billing.at(MARCH.end + DAY)
        billing.run()
        for statement in (
            "UPDATE invoices SET content = 'x' WHERE number IS NOT NULL",
            "UPDATE invoices SET digest = 'x' WHERE number IS NOT NULL",
            'UPDATE invoices SET document = document || \'{"total": "0"}\' WHERE number IS NOT NULL',
            "UPDATE invoices SET number = '7' WHERE number IS NOT NULL",
            "UPDATE invoices SET total = 0 WHERE number IS NOT NULL",
            "UPDATE invoices SET subtotal = 0 WHERE number IS NOT NULL",
            "UPDATE invoices SET due_at = now() WHERE number IS NOT NULL",
            "DELETE FROM invoices WHERE number IS NOT NULL",
            "UPDATE billed_amounts SET amount = 0",
            "DELETE FROM billed_periods",
        ):
            with psycopg.connect(billing.url) as owner, pytest.raises(psycopg.errors.RestrictViolation):
                owner.execute(statement.encode())
        assert billing.invoices()[0]["total"] == 20


class TestWhatCameLate:
    def test_within_grace_is_on_the_invoice_itself(self, billing: Billing, acme: uuid.UUID) -> None:
        billing.subscribe(acme, subscription())
        billing.at(MARCH.end)
        billing.run()
        billing.tell(acme, used("a", MARCH.end - HOUR, 30))
        billing.at(MARCH.end + DAY)
        billing.run()
        assert amounts(billing.invoices()[0]["document"]) == {"base": 20, "builds": 3}

    def test_is_on_the_next_one_and_names_its_period(self, billing: Billing, acme: uuid.UUID) -> None:
        billing.subscribe(acme, subscription())
        billing.tell(acme, used("a", MARCH.start, 10))
        billing.at(MARCH.end + DAY)
        billing.run()
        billing.tell(acme, used("b", MARCH.start, 30))
        billing.at(APRIL.end + DAY)
        billing.run()
        billing.at(MAY.end + DAY)
        billing.run()
        assert [late(row["document"]) for row in billing.invoices()] == [
            [],
            [("builds", "2026-03-01", Decimal(3))],
            [],
        ]

    def test_or_was_taken_back_is_paid_back(self, billing: Billing, acme: uuid.UUID) -> None:
        billing.subscribe(acme, subscription())
        billing.tell(acme, used("a", MARCH.start, 500), used("b", MARCH.start, 10))
        billing.at(MARCH.end + DAY)
        billing.run()
        billing.take_back(acme, "a", Decimal(100))
        billing.at(APRIL.end + DAY)
        billing.run()
        second = billing.invoices()[1]
        assert late(second["document"]) == [("builds", "2026-03-01", Decimal(-40))]
        assert (second["total"], second["document"]["carried_over"]) == (0, "-20.00")
        billing.at(MAY.end + DAY)
        billing.run()
        third = billing.invoices()[2]
        assert (third["carried"], third["total"], third["state"]) == (-20, 0, "paid")

    def test_as_a_level_is_on_every_later_period_too(self, billing: Billing, acme: uuid.UUID) -> None:
        billing.subscribe(acme, subscription(PlanVersion("team", 1, "USD", (STORAGE,))))
        billing.at(APRIL.end + DAY)
        billing.run()
        billing.tell(acme, used("a", MARCH.start - DAY, 5, "storage_gb_months"))
        billing.at(MAY.end + DAY)
        billing.run()
        made = billing.invoices()
        assert late(made[2]["document"]) == [
            ("storage", "2026-03-01", Decimal(5)),
            ("storage", "2026-04-01", Decimal(5)),
        ]
        assert amounts(made[2]["document"]) == {"storage": 5}

    def test_after_the_end_gets_an_invoice_of_its_own(self, billing: Billing, acme: uuid.UUID) -> None:
        billing.subscribe(acme, subscription(end=MARCH.end))
        billing.at(MAY.end + DAY)
        billing.run()
        assert len(billing.invoices()) == 1
        billing.tell(acme, used("a", MARCH.start, 30))
        billing.at(JUNE.end + 2 * DAY)
        billing.run()
        assert [row["total"] for row in billing.invoices()] == [20, 3]
        assert late(billing.invoices()[1]["document"]) == [("builds", "2026-03-01", Decimal(3))]


class TestCredits:
    def test_are_used_once_and_what_is_left_stays(self, billing: Billing, acme: uuid.UUID) -> None:
        billing.subscribe(acme, subscription(), tax_rate="10")
        billing.credit(acme, "25", MARCH.start)
        billing.credit(acme, "100", MARCH.start, currency="EUR")
        billing.at(MAY.end + DAY)
        billing.run()
        assert [row["total"] for row in billing.invoices()] == [0, Decimal("16.50"), 22]


class TestManyWorkers:
    def test_make_each_invoice_once(self, billing: Billing) -> None:
        for name in "abcdefgh":
            billing.subscribe(billing.organization(f"org-{name}"), subscription())
        billing.at(MAY.end + DAY)
        billing.run(workers=4)
        made = billing.invoices()
        assert len(made) == 24
        assert sequence([row["number"] for row in made]) == list(range(1, 25))
        assert {row["total"] for row in made} == {20}

    def test_are_not_held_up_by_an_invoice_that_cannot_be_made(self, billing: Billing) -> None:
        broken, fine = billing.organization("broken"), billing.organization("fine")
        billing.subscribe(broken, subscription(PlanVersion("odd", 1, "USD", (BUILDS,))))
        billing.subscribe(fine, subscription())
        billing.run()
        with psycopg.connect(billing.url) as owner:
            owner.execute("UPDATE plan_versions SET terms = '{\"charges\": 7}' WHERE plan_key = 'odd'")
        billing.at(MARCH.end + DAY)
        billing.run()
        assert [row["organization_id"] for row in billing.invoices()] == [fine]
        with psycopg.connect(billing.url) as owner:
            owner.execute("UPDATE plan_versions SET terms = '{}' WHERE plan_key = 'odd'")
        billing.clock.move(HOUR)
        billing.run()
        assert {row["organization_id"] for row in billing.invoices()} == {fine, broken}
