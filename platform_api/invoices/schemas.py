from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from cygni.billing.invoices import InvoiceState
from cygni.billing.rating import LineKind
from platform_api.text import Name
from platform_api.usage.schemas import MeterPublic


class InvoiceSpan(BaseModel):
    start: datetime
    end: datetime


class InvoiceStep(BaseModel):
    """`quantity` at `unit_price`, and a `fee`, come to `amount`."""

    quantity: str
    unit_price: str
    fee: str
    amount: str


class InvoiceLine(BaseModel):
    """What a charge comes to in `period`: `quantity` was used, of which `included` cost nothing; the rest went through
    `steps`. It is lifted to `at_least`; `exact` is the amount before `amount` was rounded."""

    key: str
    name: str
    kind: LineKind
    plan: str
    plan_version: int
    period: InvoiceSpan
    meter: str | None
    quantity: str
    included: str
    steps: list[InvoiceStep]
    at_least: str
    on_trial: bool
    exact: str
    amount: str


class InvoiceAdjustment(BaseModel):
    """`amount` more, or less, for a `period` that an earlier invoice was about."""

    key: str
    name: str
    period: InvoiceSpan
    amount: str


class InvoiceCredit(BaseModel):
    grant: uuid.UUID
    amount: str


class InvoicedOrganization(BaseModel):
    """Who is billed."""

    slug: str
    name: str


def _is_unknown(zone: str | None) -> bool:
    return zone is None


class InvoiceDocument(BaseModel):
    """All that an invoice says. `subtotal` is of lines, adjustments and what was `carried`; credits go off before tax,
    `tax_rate` is in percent. The next invoice begins with `carried_over`. Days begin in the time zone `zone`, which an
    invoice that was final before that was told lacks: in UTC. What is null is not known of a draft."""

    invoice: uuid.UUID
    subscription: uuid.UUID
    organization: InvoicedOrganization
    number: str | None
    issued: datetime | None
    due: datetime | None
    currency: str
    period: InvoiceSpan
    zone: Annotated[str | None, Field(exclude_if=_is_unknown, examples=["Europe/Berlin"])] = None
    lines: list[InvoiceLine]
    adjustments: list[InvoiceAdjustment]
    carried: str
    subtotal: str
    credits: list[InvoiceCredit]
    tax_rate: str
    tax: str
    total: str
    carried_over: str


class CreditNotePublic(BaseModel):
    """`amount`, with its tax, of an invoice that need not be paid, or is given back."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    number: str
    amount: Decimal
    currency: str
    reason: str
    created_at: datetime


class InvoicePublic(BaseModel):
    """`total` and all that follows it but `version` is null until it is final."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    subscription_id: uuid.UUID
    state: InvoiceState
    currency: str
    period_start: datetime
    period_end: datetime
    number: str | None
    total: Decimal | None
    digest: str | None
    finalized_at: datetime | None
    due_at: datetime | None
    paid_at: datetime | None
    voided_at: datetime | None
    version: int


class InvoiceList(BaseModel):
    items: list[InvoicePublic]
    next: str | None


class InvoiceRead(InvoicePublic):
    """`digest` is that of `document`, written with sorted keys and without spaces. Of a draft the document says what it
    came to if nothing more was used. `amount_due` is what is to be paid still."""

    document: InvoiceDocument
    credit_notes: list[CreditNotePublic]
    amount_due: str | None


class HourOfUsage(BaseModel):
    """What was used from `hour` on, until the next one."""

    hour: datetime
    count: int
    total: str
    largest: str | None


class ExplainedLine(BaseModel):
    """A line, how what it is about is measured, what was used in each hour as it is known now, and where its `events`
    are listed. `quantity_now` differs from the line's where events came late or were taken back."""

    line: InvoiceLine
    meter: MeterPublic | None
    quantity_now: str | None
    hours: list[HourOfUsage]
    events: str | None


class InvoiceExplanation(BaseModel):
    """All that an invoice says of one charge. Days begin in the time zone `zone`."""

    key: str
    zone: Annotated[str, Field(examples=["Europe/Berlin"])]
    lines: list[ExplainedLine]
    adjustments: list[InvoiceAdjustment]


class InvoiceVoid(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Name


class CreditNoteCreate(BaseModel):
    """`amount` with its tax, in the currency of the invoice."""

    model_config = ConfigDict(extra="forbid")

    amount: Annotated[Decimal, Field(gt=0, le=10**15, decimal_places=4)]
    reason: Name
