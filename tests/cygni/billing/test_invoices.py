from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from cygni.billing.adjustments import Adjustment
from cygni.billing.credits import CreditUse, Grant
from cygni.billing.invoices import InvoiceState, canonical_bytes, digest, document, invoice, may_become
from cygni.billing.periods import BillingCycle
from cygni.billing.plans import PlanVersion, UsageCharge
from cygni.billing.prices import Graduated, Tier
from cygni.billing.rating import Line, rate
from cygni.billing.subscriptions import Segment

CYCLE = BillingCycle(date(2026, 4, 1))
MARCH, APRIL = CYCLE.period(-1), CYCLE.period(0)
PRICE = Graduated((Tier(Decimal(100), Decimal("0.10")), Tier(None, Decimal("0.05"))))
PLAN = PlanVersion("team", 3, "USD", (UsageCharge("cpu", "Processors", "vcpu_hours", PRICE, Decimal(10)),))
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def lines(hours: str) -> tuple[Line, ...]:
    return rate(Segment(APRIL, APRIL, PLAN), {"vcpu_hours": Fraction(hours)})


def late(amount: int) -> Adjustment:
    return Adjustment("cpu", "Processors", MARCH, Decimal(amount))


class TestInvoice:
    def test_is_taxed_after_credits(self) -> None:
        billed = invoice(
            "USD", APRIL, lines("310"), grants=[Grant("gift", Decimal(5), BEGINNING)], tax_rate=Decimal(19)
        )
        assert (billed.subtotal, billed.taxable, billed.tax, billed.total) == tuple(
            map(Decimal, ("20.00", "15.00", "2.85", "17.85"))
        )

    def test_has_what_came_late_and_what_was_carried(self) -> None:
        billed = invoice("USD", APRIL, lines("310"), adjustments=[late(3)], carried=Decimal(-1))
        assert billed.total == Decimal("22.00")

    def test_below_zero_is_nothing_and_is_carried_over(self) -> None:
        gift = Grant("gift", Decimal(5), BEGINNING)
        billed = invoice(
            "USD", APRIL, lines("310"), adjustments=[late(-50)], grants=[gift], tax_rate=Decimal(19)
        )
        assert (billed.total, billed.carried_over, billed.credits) == (Decimal(0), Decimal("-30.00"), ())

    def test_of_nothing_is_nothing(self) -> None:
        assert invoice("USD", APRIL, ()).total == 0

    def test_uses_grants_that_are_in_force_when_its_period_ends(self) -> None:
        billed = invoice("USD", APRIL, lines("310"), grants=[Grant("gift", Decimal(50), BEGINNING)])
        assert (billed.credits, billed.total) == ((CreditUse("gift", Decimal("20.00")),), Decimal(0))


class TestDocument:
    @pytest.fixture
    def told(self) -> dict[str, Any]:
        return document(
            invoice("USD", APRIL, lines("161/3"), adjustments=[late(3)], tax_rate=Decimal("8.875"))
        )

    def test_explains_every_line(self, told: dict[str, Any]) -> None:
        assert told["lines"] == [
            {
                "key": "cpu", "name": "Processors", "kind": "usage", "plan": "team", "plan_version": 3,
                "period": {"start": "2026-04-01T00:00:00+00:00", "end": "2026-05-01T00:00:00+00:00"},
                "meter": "vcpu_hours", "quantity": "53.666666666667", "included": "10",
                "steps": [{"quantity": "43.666666666667", "unit_price": "0.10", "fee": "0", "amount": "4.366666666667"}],
                "at_least": "0", "on_trial": False, "exact": "4.366666666667", "amount": "4.37",
            }
        ]  # fmt: skip
        assert (told["subtotal"], told["tax"], told["total"]) == ("7.37", "0.65", "8.02")

    def test_has_one_sequence_of_bytes_and_one_digest(self, told: dict[str, Any]) -> None:
        shuffled = dict(reversed(told.items()))
        assert canonical_bytes(shuffled) == canonical_bytes(told)
        assert digest(shuffled) == digest(told)
        assert digest(told | {"total": "8.01"}) != digest(told)
        assert json.loads(canonical_bytes(told)) == told


class TestStates:
    def test_lead_from_a_draft_to_what_is_paid(self) -> None:
        way = [
            InvoiceState.DRAFT,
            InvoiceState.GRACE,
            InvoiceState.FINAL,
            InvoiceState.OVERDUE,
            InvoiceState.PAID,
        ]
        assert all(may_become(state, following) for state, following in pairwise(way))

    @pytest.mark.parametrize("state", [InvoiceState.PAID, InvoiceState.VOID])
    def test_end_with_what_is_paid_or_void(self, state: InvoiceState) -> None:
        assert not any(may_become(state, following) for following in InvoiceState)

    @pytest.mark.parametrize("state", [InvoiceState.FINAL, InvoiceState.OVERDUE, InvoiceState.PAID])
    def test_never_lead_back_to_what_may_change(self, state: InvoiceState) -> None:
        assert not may_become(state, InvoiceState.DRAFT)
        assert not may_become(state, InvoiceState.GRACE)
