from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field


class StripePage(BaseModel):
    """A page of Stripe's, for one person to open soon."""

    url: str = Field(examples=["https://checkout.stripe.com/c/pay/cs_test_a1"])


class MeterEventCounts(BaseModel):
    """Meter events by what became of them. Of `refused`, `too_late` and `disputed` ones somebody has to take care."""

    waiting: int = Field(examples=[3])
    unknown: int = Field(examples=[0])
    sent: int = Field(examples=[512])
    refused: int = Field(examples=[0])
    too_late: int = Field(examples=[0])
    disputed: int = Field(examples=[0])


class InvoiceProblem(BaseModel):
    """An invoice that Stripe does not have as it is here, and why."""

    number: str = Field(examples=["2026-000017"])
    error: str = Field(examples=["Stripe makes it 1052 in place of 1053, and is not told to collect it"])
    next_attempt_at: datetime | None = Field(
        description="None where somebody has to take care.", examples=["2026-11-22T12:00:00Z"]
    )


class BillingStatus(BaseModel):
    """Whether Stripe collects here, and what it knows of the organization."""

    stripe: bool = Field(examples=[True])
    customer: str | None = Field(examples=["cus_NciAYcXfLnqBoz"])
    payment_method: str | None = Field(
        description="By which invoices are collected.", examples=["visa ending in 4242"]
    )
    meter_events: MeterEventCounts
    invoice_problems: list[InvoiceProblem] = Field(description="The last error of each, the newest first.")


class Received(BaseModel):
    """That it was written down."""

    received: bool = Field(examples=[True])
