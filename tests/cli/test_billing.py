"""`cx billing status` says what is to be done, in sentences."""

from __future__ import annotations

from typing import Any

from cli.billing import _lines

NONE = dict.fromkeys(("waiting", "unknown", "sent", "refused", "too_late", "disputed"), 0)


def lines(**more: Any) -> list[str]:
    found = {
        "stripe": True,
        "customer": "cus_1",
        "payment_method": "visa ending in 4242",
        "meter_events": NONE,
        "invoice_problems": [],
    }
    return _lines({**found, **more})


class TestLines:
    def test_without_stripe_invoices_are_made_all_the_same(self) -> None:
        assert lines(stripe=False) == ["No Stripe is set up here: invoices are made without it."]

    def test_who_has_no_payment_method_is_told_how_to_set_one_up(self) -> None:
        assert lines(payment_method=None) == ["There is no payment method. Set one up: cx billing checkout"]

    def test_what_somebody_has_to_take_care_of_is_told(self) -> None:
        assert lines(meter_events={**NONE, "sent": 7, "waiting": 1, "unknown": 2, "disputed": 3}) == [
            "Stripe collects by visa ending in 4242.",
            "Usage at Stripe: 7 sent, 3 to come.",
            "3 fit nothing that Stripe has counted.",
        ]

    def test_an_invoice_that_stripe_refuses_is_told_with_what_comes_next(self) -> None:
        refused = {"number": "AC-7", "error": "No such customer", "next_attempt_at": None}
        later = {"number": "AC-8", "error": "Stripe answers 503", "next_attempt_at": "2026-11-22T12:00:00Z"}
        assert lines(invoice_problems=[refused, later])[1:] == [
            "Invoice AC-7 at Stripe: No such customer. Somebody has to take care.",
            "Invoice AC-8 at Stripe: Stripe answers 503. It is tried again.",
        ]
