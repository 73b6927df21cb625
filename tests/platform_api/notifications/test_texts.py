from __future__ import annotations

from typing import Any

import pytest

from platform_api.deployments.lifecycle import Status
from platform_api.notifications.occasions import TEST, Occasion, occasion_of
from platform_api.notifications.texts import slack_message, text_of

SHOP = {"project": "shop", "environment": "production", "deployment": "0190"}
INVOICE = {
    "invoice": "INV-1", "amount": "20 EUR", "since": "2026-03-01T00:00:00+00:00", "notice": "week",
    "held_at": "2026-03-15T00:00:00+00:00",
}  # fmt: skip
FINAL = {
    "number": "INV-2", "state": "open", "currency": "EUR", "total": "20.00", "due_at": "2026-04-15T00:00:00+00:00",
    "period_start": "2026-03-01T00:00:00+00:00", "period_end": "2026-04-01T00:00:00+00:00",
}  # fmt: skip
BUDGET = {
    "budget": "monthly", "threshold": "80", "used": "8", "amount": "10", "unit": "deployments", "forecast": "12.4",
    "start": "2026-03-01T00:00:00+00:00", "end": "2026-04-01T00:00:00+00:00", "hard_limit": True,
}  # fmt: skip


class TestOccasions:
    @pytest.mark.parametrize(
        ("status", "kind", "error", "occasion"),
        [
            (Status.AWAITING_APPROVAL, "deploy", None, Occasion.NEEDS_APPROVAL),
            (Status.SUCCEEDED, "deploy", None, Occasion.SUCCEEDED),
            (Status.SUCCEEDED, "rollback", None, Occasion.ROLLED_BACK),
            (Status.FAILED, "deploy", {"code": "gate_failed"}, Occasion.ROLLED_BACK),
            (Status.FAILED, "deploy", {"code": "resource_failed"}, Occasion.FAILED),
            (Status.FAILED, "deploy", None, Occasion.FAILED),
            (Status.NEEDS_ATTENTION, "deploy", None, Occasion.FAILED),
            (Status.CANCELLED, "deploy", None, None),
            (Status.QUEUED, "deploy", None, None),
            (Status.APPLYING, "rollback", None, None),
        ],
    )
    def test_are_what_people_care_for(
        self, status: str, kind: str, error: dict[str, Any] | None, occasion: Occasion | None
    ) -> None:
        assert occasion_of(status, kind, error) == occasion


class TestTexts:
    def test_of_what_waits_tell_what_it_costs(self) -> None:
        text = text_of(Occasion.NEEDS_APPROVAL, {**SHOP, "monthly_delta": "12.34", "error": None})
        assert text.subject == "shop/production needs approval"
        assert text.body.splitlines() == [
            "Its plan is made and waits for somebody who may approve it.",
            "Cost: +12.34 USD a month.",
            "See it with: cx attach 0190 --project shop -e production",
        ]

    def test_of_what_failed_tell_why_in_bounds(self) -> None:
        text = text_of(Occasion.FAILED, {**SHOP, "monthly_delta": "-1.00", "error": "x" * 5000})
        assert "Cost: -1.00 USD a month." in text.body
        assert len(text.body) < 2000

    @pytest.mark.parametrize("occasion", [*Occasion, TEST])
    def test_there_is_one_for_each_occasion(self, occasion: str) -> None:
        known: dict[str, dict[str, Any]] = {
            TEST: {},
            Occasion.PAYMENT_OVERDUE: INVOICE,
            Occasion.INVOICE_FINALIZED: FINAL,
            Occasion.BUDGET_ALERT: BUDGET,
            Occasion.BUDGET_EXCEEDED: BUDGET,
        }
        text = text_of(occasion, known.get(occasion, SHOP))
        assert text.subject
        assert text.body
        assert "\n" not in text.subject

    def test_of_budgets_tell_how_much_is_used_and_what_follows(self) -> None:
        text = text_of(Occasion.BUDGET_ALERT, BUDGET)
        assert text.subject == "The budget monthly is used to 80 %"
        assert text.body.splitlines() == [
            "Used: 8 of 10 deployments, since 2026-03-01.",
            "Expected by 2026-04-01, by the pace so far: 12.4 deployments.",
            "See it with: cx budget show monthly",
        ]
        used_up = text_of(Occasion.BUDGET_EXCEEDED, {**BUDGET, "threshold": "100"})
        assert used_up.subject == "The budget monthly is used up"
        assert "New deployments are refused" in used_up.body
        coming = text_of(Occasion.BUDGET_ALERT, {**BUDGET, "threshold": "forecast"})
        assert coming.subject == "The budget monthly is expected to reach 12.4 of 10 deployments"

    def test_of_a_new_invoice_tell_what_is_due_and_when(self) -> None:
        text = text_of(Occasion.INVOICE_FINALIZED, FINAL)
        assert text.subject == "The invoice INV-2 of 20.00 EUR"
        assert text.body.splitlines() == [
            "20.00 EUR for 2026-03-01 to 2026-04-01. It is due on 2026-04-15.",
            "See it with: cx invoices show INV-2",
        ]
        nothing = text_of(Occasion.INVOICE_FINALIZED, {**FINAL, "state": "paid", "total": "0.00"})
        assert "Nothing is to be paid." in nothing.body

    def test_of_invoices_tell_what_follows_and_when(self) -> None:
        assert "If it is not by 2026-03-15, new" in text_of(Occasion.PAYMENT_OVERDUE, INVOICE).body
        held = text_of(Occasion.PAYMENT_OVERDUE, {**INVOICE, "notice": "held"})
        assert "are refused and previews are paused until it is" in held.body

    def test_are_no_markup_for_slack(self) -> None:
        text = text_of(Occasion.FAILED, {**SHOP, "error": "<!channel> & <https://evil.example|here>"})
        told = slack_message(text)["text"]
        assert "&lt;!channel&gt; &amp; &lt;https" in told
        assert "<" not in told
