"""Invoices as PDF, read back."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from cygni.billing.adjustments import Adjustment
from cygni.billing.credits import Grant
from cygni.billing.invoices import invoice
from cygni.billing.periods import BillingCycle
from cygni.billing.plans import FlatFee, PlanVersion, UsageCharge
from cygni.billing.prices import Graduated, Tier
from cygni.billing.rating import rate
from cygni.billing.subscriptions import Segment
from platform_api.invoices.documents import Heading, invoice_document
from platform_api.invoices.pdf import invoice_pdf

CYCLE = BillingCycle(date(2026, 4, 1), "Europe/Berlin")
MARCH, APRIL = CYCLE.period(-1), CYCLE.period(0)
PRICE = Graduated((Tier(Decimal(100), Decimal("0.10")), Tier(None, Decimal("0.05"), Decimal(2))))
GIFT = Grant("01957a3c-5b10-7c7e-9f4e-2d1c6a7b8e99", Decimal(5), datetime(2026, 1, 1, tzinfo=UTC))


def document(name: str = "Acme", charges: int = 1, number: str | None = "2026-000017") -> dict[str, Any]:
    usage = [
        UsageCharge(f"cpu_{one}", f"Processors {one}", "vcpu_hours", PRICE, Decimal(10), Decimal(1))
        for one in range(charges)
    ]
    plan = PlanVersion("team", 3, "EUR", (FlatFee("base", "Base fee", Decimal(20)), *usage))
    lines = rate(Segment(APRIL, APRIL, plan), {"vcpu_hours": Fraction(931, 3)})
    late = [Adjustment("cpu_0", "Processors 0", MARCH, Decimal("-3.21"))]
    billed = invoice(
        "EUR", APRIL, lines,
        adjustments=late, carried=Decimal("-0.50"), grants=[GIFT], tax_rate=Decimal(19), zone=CYCLE.zone,
    )  # fmt: skip
    issued = datetime(2026, 5, 2, tzinfo=UTC) if number else None
    due = datetime(2026, 6, 1, tzinfo=UTC) if number else None
    of = Heading(uuid.UUID(int=7), uuid.UUID(int=8), "acme", name, number, issued, due)
    return invoice_document(of, billed)


def read(pdf: bytes) -> str:
    """The words, with single spaces between them."""
    pages = [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]
    return " ".join(" ".join(pages).split())


class TestInvoicePdf:
    def test_says_what_the_document_says(self) -> None:
        told = document()
        text = read(invoice_pdf(told))
        assert text.startswith("Invoice 2026-000017 Billed to Acme (acme) ")
        assert "Issued 2026-05-02 Due 2026-06-01 " in text
        for line in told["lines"]:
            assert line["name"] in text
            assert line["amount"] in text
            assert all(step["unit_price"] in text for step in line["steps"])
        assert told["lines"][1]["quantity"] in text
        assert "Processors 0, late or corrected 2026-03-01 to 2026-04-01 -3.21 " in text
        assert "Period 2026-04-01 to 2026-05-01 " in text
        assert "Days and times are those of Europe/Berlin." in text
        assert "Carried over from before -0.50 " in text
        assert f"Subtotal {told['subtotal']} " in text
        assert f"Credit {GIFT.id} -5" in text
        assert f"Tax, 19 % {told['tax']} Total {told['total']} " in text

    def test_is_the_same_bytes_each_time(self) -> None:
        assert invoice_pdf(document()) == invoice_pdf(document())
        assert invoice_pdf(document()) != invoice_pdf(document(number="2026-000018"))

    def test_goes_on_over_pages(self) -> None:
        pdf = invoice_pdf(document(charges=60))
        assert len(PdfReader(BytesIO(pdf)).pages) > 1
        assert all(f"Processors {one}" in read(pdf) for one in range(60))

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("Łódź Çağrı €", "Łódź Çağrı €"),
            ("Αθήνα Київ", "Αθήνα Київ"),
            ("北京 Labs", "?? Labs"),
            ("שלום عربي 🚀 a\u0301\u200b", None),
            ("\U0010ffff \ud7ff %s <b> \\n ) >>", None),
        ],
    )
    def test_takes_any_script(self, name: str, shown: str | None) -> None:
        text = read(invoice_pdf(document(name)))
        assert "Invoice 2026-000017" in text
        assert shown is None or shown in text

    def test_of_a_draft_says_so(self) -> None:
        text = read(invoice_pdf(document(number=None)))
        assert text.startswith("Draft of an invoice ")
        assert "Due" not in text
