"""An invoice as Stripe is to have it, as values."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cygni.billing.invoices import InvoiceState
from platform_api.stripe.invoice_lines import Step, next_step, units

S = InvoiceState


class TestUnits:
    @pytest.mark.parametrize(
        ("amount", "currency", "found"),
        [
            ("12.34", "EUR", 1234),
            ("-0.5", "USD", -50),
            ("1200", "JPY", 1200),
            ("5", "ISK", 500),
            ("1.234", "KWD", 1234),
        ],
    )
    def test_are_the_smallest_that_stripe_has(self, amount: str, currency: str, found: int) -> None:
        assert units(Decimal(amount), currency) == found

    def test_nothing_is_rounded(self) -> None:
        with pytest.raises(ValueError, match="no amount that Stripe can have"):
            units(Decimal("1.005"), "EUR")


class TestNextStep:
    @pytest.mark.parametrize("ours", [S.FINAL, S.OVERDUE])
    def test_what_is_to_be_paid_follows_stripe(self, ours: InvoiceState) -> None:
        found = {theirs: next_step(ours, theirs) for theirs in (None, "draft", "open", "paid", "void")}
        assert found == {
            None: Step.PUSH,
            "draft": Step.PUSH,
            "open": Step.NOTHING,
            "paid": Step.PAY_HERE,
            "void": Step.VOID_HERE,
        }

    @pytest.mark.parametrize(("ours", "step"), [(S.PAID, Step.PAY_THERE), (S.VOID, Step.VOID_THERE)])
    def test_what_is_over_here_is_not_collected_there(self, ours: InvoiceState, step: Step) -> None:
        assert next_step(ours, "open") is step
        assert {next_step(ours, theirs) for theirs in (None, "draft", "paid", "void")} == {Step.NOTHING}
