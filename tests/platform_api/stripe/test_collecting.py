"""What Cygni bills, Stripe collects: with the same lines and the same total, once; and both learn of each other."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from platform_api.database.roles import url_as
from platform_api.database.transactions import Database, Scope
from platform_api.invoices import changes
from platform_api.invoices.repository import Invoices
from platform_api.stripe.work import StripeWork
from tests.platform_api.server_key import KEY
from tests.platform_api.stripe.conftest import Collecting
from tests.stripe_stand_in.account import Account, Fault, Sent
from tests.stripe_stand_in.customers import finish_checkout
from tests.stripe_stand_in.invoices import collect, debit, void_invoice

DOCUMENT: dict[str, Any] = {
    "currency": "EUR",
    "period": {"start": "2026-02-01T00:00:00+00:00", "end": "2026-03-01T00:00:00+00:00"},
    "lines": [
        {"name": "Builds", "amount": "12.34"},
        {"name": "Requests", "amount": "0.00"},
    ],
    "adjustments": [{"name": "Builds", "amount": "-1.00"}],
    "carried": "-0.50",
    "credits": [{"grant": "a", "amount": "2.00"}],
    "tax_rate": "19",
    "tax": "1.68",
    "total": "10.52",
}
FIRST, SECOND = "CN-2026-000001", "CN-2026-000002"
UNITS = [1234, 0, -100, -50, -200, 168]


class Billed:
    """An invoice of `acme` that is final."""

    def __init__(self, collecting: Collecting, total: str = "10.52") -> None:
        self.collecting = collecting
        self.id = uuid.uuid4()
        now = collecting.now
        document = {**DOCUMENT, "total": total}
        for one in (*document["lines"], *document["adjustments"]):
            one["period"] = document["period"]
        with psycopg.connect(collecting.control_plane.owner_url) as owner:
            row = owner.execute("SELECT id FROM organizations WHERE slug = 'acme'").fetchone()
            assert row is not None
            [organization] = row
            self.organization: uuid.UUID = organization
            subscription = uuid.uuid4()
            owner.execute(
                """INSERT INTO subscriptions (organization_id, id, currency, anchor, zone, months, tax_rate, version,
                    created_at) VALUES (%s, %s, 'EUR', '2026-01-01', 'UTC', 1, 19, 1, %s)""",
                (organization, subscription, now),
            )
            owner.execute(
                """INSERT INTO invoices (organization_id, id, subscription_id, period_number, period_start, period_end,
                    currency, state, number, subtotal, carried, total, document, content, digest, created_at,
                    finalized_at, due_at, version)
                VALUES (%s, %s, %s, 1, '2026-02-01', '2026-03-01', 'EUR', 'final', 'INV-1', 0, 0, %s, %s, '', '', %s, %s,
                    %s, 1)""",
                (organization, self.id, subscription, Decimal(total), json.dumps(document), now, now,
                 now + timedelta(days=30)),
            )  # fmt: skip

    @property
    def state(self) -> str:
        with psycopg.connect(self.collecting.control_plane.owner_url) as owner:
            row = owner.execute("SELECT state FROM invoices WHERE id = %s", (self.id,)).fetchone()
        assert row is not None
        return str(row[0])

    @property
    def failed_at(self) -> datetime | None:
        with psycopg.connect(self.collecting.control_plane.owner_url) as owner:
            [(found,)] = owner.execute("SELECT failed_at FROM stripe_invoices").fetchall()
        return found

    def becomes(self, state: str, moment: str) -> None:
        with psycopg.connect(self.collecting.control_plane.owner_url) as owner:
            owner.execute(
                f"UPDATE invoices SET state = %s, {moment} = %s, version = version + 1 WHERE id = %s".encode(),
                (state, self.collecting.now, self.id),
            )

    def is_credited(self, amount: str, number: str, reason: str = "it was down") -> None:
        """By an operator."""

        async def credit() -> None:
            plane = self.collecting.control_plane
            database = Database(url_as(plane.owner_url, plane.roles.application, KEY))
            async with database.transaction(Scope(organization=self.organization)) as session:
                invoices = Invoices(session, self.organization)
                row, notes = (
                    await invoices.existing(self.id, for_update=True),
                    await invoices.notes([self.id]),
                )
                made = await changes.credit(session, row, notes, Decimal(amount), reason, self.collecting.now)
                assert made.number == number
            await database.close()

        asyncio.run(credit())

    def work(self) -> None:
        """All that is due, also what Stripe has told by now, each event twice."""
        clock = self.collecting.control_plane.clock

        async def act(work: StripeWork) -> None:
            while await work.events.make_due() + await work.invoices.make_due():
                clock.move(timedelta(seconds=1))

        self.collecting.work(act)

    def gets_a_card(self) -> None:
        """What Stripe tells of it is not heard yet."""
        account = self.account

        async def set_up(work: StripeWork) -> None:
            customer = await work.invoices._accounts.of(self.organization)
            await work.invoices._gateway.open_checkout(customer, "https://a.example", "https://a.example")
            [session] = account.sessions
            await work.invoices._gateway.use_payment_method(customer, finish_checkout(account, session))

        self.collecting.work(set_up)

    def told(self, family: str = "invoice") -> None:
        account = self.account
        with psycopg.connect(self.collecting.control_plane.owner_url) as owner:
            for event in account.told:
                if event["type"].startswith(f"{family}."):
                    owner.execute(
                        """INSERT INTO stripe_events (id, type, object, received_at, due_at, attempts)
                            VALUES (%s, %s, %s, %s, %s, 0) ON CONFLICT DO NOTHING""",
                        (event["id"], event["type"], event["data"]["object"]["id"], self.collecting.now,
                         self.collecting.now),
                    )  # fmt: skip

    @property
    def account(self) -> Account:
        return self.collecting.stripe.account

    @property
    def theirs(self) -> dict[str, Any]:
        [found] = self.account.invoices.values()
        return found


@pytest.fixture
def billed(collecting: Collecting) -> Billed:
    return Billed(collecting)


def once(path: str, fault: Fault) -> Callable[[Sent], Fault | None]:
    left = [fault]
    return lambda sent: left.pop() if left and sent.method == "POST" and sent.path.startswith(path) else None


class TestCollecting:
    def test_stripe_gets_the_same_lines_and_the_same_total(self, billed: Billed) -> None:
        billed.work()
        assert [one["amount"] for one in billed.account.items.values()] == UNITS
        assert (billed.theirs["total"], billed.theirs["currency"], billed.theirs["status"]) == (
            1052,
            "eur",
            "open",
        )
        assert (billed.theirs["collection_method"], billed.theirs["days_until_due"]) == ("send_invoice", "30")

    def test_it_is_collected_by_the_payment_method_where_there_is_one(self, billed: Billed) -> None:
        billed.gets_a_card()
        billed.work()
        assert billed.theirs["collection_method"] == "charge_automatically"

    @pytest.mark.parametrize("fault", [Fault.CUT_AFTER, Fault.ERROR_AFTER, Fault.CUT_BEFORE])
    def test_wherever_it_is_broken_off_there_is_one_invoice(self, billed: Billed, fault: Fault) -> None:
        for path in ("/v1/invoices", "/v1/invoiceitems", "/v1/invoices/in_"):
            billed.account.script = once(path, fault)
            billed.work()
            billed.collecting.pass_by(hours=30)  # the idempotency keys are forgotten meanwhile
        billed.work()
        assert len(billed.account.invoices) == 1
        assert [one["amount"] for one in billed.account.items.values()] == UNITS
        assert billed.theirs["status"] == "open"

    def test_what_does_not_add_up_is_not_collected(self, collecting: Collecting) -> None:
        billed = Billed(collecting, total="10.53")
        billed.work()
        assert billed.account.invoices == {}
        status = collecting.team.owner.get("/v1/organizations/acme/billing").json()
        assert status["invoice_problems"] == [
            {
                "number": "INV-1",
                "error": "the lines of the invoice do not add up to its total",
                "next_attempt_at": None,
            }
        ]

    def test_what_is_tried_again_is_told_with_when(self, billed: Billed) -> None:
        billed.account.script = once("/v1/invoices", Fault.BUSY)
        billed.collecting.work(lambda work: work.invoices.make_due())
        status = billed.collecting.team.owner.get("/v1/organizations/acme/billing").json()
        [problem] = status["invoice_problems"]
        assert (problem["number"], problem["error"]) == ("INV-1", "Stripe is asked too often")
        assert problem["next_attempt_at"] is not None
        billed.collecting.pass_by(minutes=2)
        billed.work()
        assert (
            billed.collecting.team.owner.get("/v1/organizations/acme/billing").json()["invoice_problems"]
            == []
        )

    def test_what_was_refused_is_tried_again_a_day_later(self, billed: Billed) -> None:
        billed.account.script = once("/v1/invoices", Fault.REFUSED)
        billed.work()
        [problem] = billed.collecting.team.owner.get("/v1/organizations/acme/billing").json()[
            "invoice_problems"
        ]
        assert problem["error"] == "The customer has no email address."
        assert problem["next_attempt_at"] is not None
        billed.collecting.pass_by(hours=24)
        billed.work()
        assert billed.account.invoices == {}
        billed.collecting.pass_by(hours=2)
        billed.work()
        assert billed.theirs["status"] == "open"

    def test_what_was_refused_is_tried_again_as_soon_as_there_is_a_card(self, billed: Billed) -> None:
        billed.account.script = once("/v1/invoices", Fault.REFUSED)
        billed.work()
        billed.gets_a_card()
        billed.told("customer")
        billed.work()
        assert (billed.theirs["status"], billed.theirs["collection_method"]) == (
            "open",
            "charge_automatically",
        )

    def test_a_paid_one_is_paid_here(self, billed: Billed) -> None:
        billed.work()
        collect(billed.account, billed.theirs["id"], paid=True)
        billed.told()
        billed.work()
        assert billed.state == "paid"

    def test_one_that_could_not_be_collected_is_still_to_be_paid(self, billed: Billed) -> None:
        billed.work()
        collect(billed.account, billed.theirs["id"], paid=False)
        billed.told()
        billed.work()
        assert billed.state == "final"
        assert billed.failed_at is not None

    def test_a_direct_debit_has_not_failed_before_the_bank_says_so(self, billed: Billed) -> None:
        billed.work()
        debit(billed.account, billed.theirs["id"])
        billed.told()
        billed.work()
        assert (billed.state, billed.failed_at) == ("final", None)
        billed.collecting.pass_by(hours=5 * 24)
        collect(billed.account, billed.theirs["id"], paid=False)
        billed.told()
        billed.work()
        assert billed.failed_at is not None

    def test_one_that_is_void_there_is_void_here(self, billed: Billed) -> None:
        billed.work()
        void_invoice(billed.account, {}, billed.theirs["id"])
        billed.told()
        billed.work()
        assert billed.state == "void"

    @pytest.mark.parametrize(
        ("state", "moment", "theirs"), [("paid", "paid_at", "paid"), ("void", "voided_at", "void")]
    )
    def test_what_became_of_it_here_is_told_to_stripe(
        self, billed: Billed, state: str, moment: str, theirs: str
    ) -> None:
        billed.work()
        billed.becomes(state, moment)
        billed.collecting.pass_by(minutes=2)
        billed.work()
        assert billed.theirs["status"] == theirs
        assert billed.state == state


class TestCreditNotes:
    """The invoice is over 10.52 EUR."""

    def test_that_were_there_before_lower_what_stripe_collects(self, billed: Billed) -> None:
        billed.is_credited("2.50", FIRST)
        billed.work()
        assert [one["amount"] for one in billed.account.items.values()] == [*UNITS, -250]
        assert (billed.theirs["total"], billed.theirs["status"]) == (802, "open")
        assert billed.account.credit_notes == {}

    def test_that_come_later_are_credit_notes_there(self, billed: Billed) -> None:
        billed.is_credited("2.50", FIRST)
        billed.work()
        billed.is_credited("1.00", SECOND, "it was slow")
        for _ in range(2):
            billed.collecting.pass_by(minutes=2)
            billed.work()
        [note] = billed.account.credit_notes.values()
        assert (note["amount"], note["memo"]) == (100, f"Credit note {SECOND}: it was slow")
        assert (billed.theirs["status"], billed.state) == ("open", "final")

    @pytest.mark.parametrize("fault", [Fault.CUT_AFTER, Fault.ERROR_AFTER, Fault.CUT_BEFORE])
    def test_are_there_once_wherever_it_is_broken_off(self, billed: Billed, fault: Fault) -> None:
        billed.work()
        billed.is_credited("1.00", FIRST)
        billed.account.script = once("/v1/credit_notes", fault)
        for _ in range(2):
            billed.collecting.pass_by(hours=30)  # the idempotency keys are forgotten meanwhile
            billed.work()
        assert [one["amount"] for one in billed.account.credit_notes.values()] == [100]

    def test_of_all_that_is_left_leave_nothing_to_collect(self, billed: Billed) -> None:
        billed.work()
        billed.is_credited("10.52", FIRST)
        billed.collecting.pass_by(minutes=2)
        billed.work()
        assert (billed.theirs["status"], billed.state) == ("paid", "paid")
        assert [one["amount"] for one in billed.account.credit_notes.values()] == [1052]
        assert not any(one.path.endswith("/pay") for one in billed.account.received)

    def test_of_what_was_paid_are_told_as_money_that_stripe_does_not_move(self, billed: Billed) -> None:
        billed.work()
        collect(billed.account, billed.theirs["id"], paid=True)
        billed.told()
        billed.work()
        billed.is_credited("10.52", FIRST)
        billed.collecting.pass_by(minutes=2)
        billed.work()
        [note] = billed.account.credit_notes.values()
        assert (note["amount"], note["out_of_band_amount"]) == (1052, "1052")

    def test_keep_what_is_void_at_stripe_from_being_void_here(self, billed: Billed) -> None:
        billed.work()
        billed.is_credited("1.00", FIRST)
        void_invoice(billed.account, {}, billed.theirs["id"])
        billed.told()
        billed.work()
        assert billed.state == "final"
        with psycopg.connect(billed.collecting.control_plane.owner_url) as owner:
            rows = owner.execute("SELECT last_error FROM stripe_invoices").fetchall()
        assert rows == [(f"the invoice has the credit note {FIRST}",)]
