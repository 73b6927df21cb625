"""`/v1/organizations/{organization}/billing`: how an organisation pays, on Stripe's own pages."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Annotated, TypeVar

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.errors import NotFound, Unreachable, UsageError
from platform_api.access.allowed import Allowed
from platform_api.access.caller import Access, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit
from platform_api.invoices.models import InvoiceRow
from platform_api.stripe.gateway import NoAnswer, NotDone, Refused
from platform_api.stripe.meter_events import State
from platform_api.stripe.models import StripeCustomerRow, StripeInvoiceRow, StripeUsage
from platform_api.stripe.schemas import BillingStatus, InvoiceProblem, MeterEventCounts, StripePage
from platform_api.wiring import wiring

if TYPE_CHECKING:
    from platform_api.stripe.side import StripeSide

router = APIRouter(prefix="/v1/organizations/{organization}/billing", tags=["billing"])

Billing = Annotated[Access, Depends(Allowed(Permission.BILLING_MANAGE))]
T = TypeVar("T")
_PROBLEMS = 50
"""So many invoices that went wrong are told at most."""


def configured(request: Request) -> StripeSide:
    """Raises NotFound where no Stripe is set up."""
    found = wiring(request).stripe
    if found is None:
        raise NotFound(
            "no Stripe is set up here",
            hint="Invoices are made without it. Who runs the server sets CYGNI_SERVER_STRIPE_KEY.",
        )
    return found


@router.get("")
async def read_billing_status(request: Request, session: Transaction, billing: Billing) -> BillingStatus:
    organization = billing.organization.id
    customer = await session.get(StripeCustomerRow, organization)
    counts = await _counts(session, organization)
    return BillingStatus(
        stripe=wiring(request).stripe is not None,
        customer=customer.customer if customer else None,
        payment_method=customer.payment_method if customer else None,
        meter_events=MeterEventCounts(**counts),
        invoice_problems=await _problems(session, organization),
    )


@router.post("/checkout", status_code=201)
async def open_checkout(request: Request, session: Transaction, billing: Billing, audit: Audit) -> StripePage:
    """A page of Stripe on which somebody sets up how the organization pays."""
    side, back = configured(request), _back(request)
    await audit.record("billing.checkout", billing.organization.slug)
    await session.commit()  # nothing is held while Stripe is asked
    customer = await _asked(side.accounts.of(billing.organization.id))
    return StripePage(
        url=await _asked(side.gateway.open_checkout(customer, f"{back}/ready", f"{back}/ready"))
    )


@router.post("/portal", status_code=201)
async def open_portal(request: Request, session: Transaction, billing: Billing, audit: Audit) -> StripePage:
    """The page of Stripe on which somebody sees its invoices, and changes how the organization pays."""
    side, back = configured(request), _back(request)
    await audit.record("billing.portal", billing.organization.slug)
    await session.commit()
    customer = await _asked(side.accounts.of(billing.organization.id))
    return StripePage(url=await _asked(side.gateway.open_portal(customer, f"{back}/ready")))


def _back(request: Request) -> str:
    """Where Stripe's pages lead back to."""
    return wiring(request).public_url or str(request.base_url).rstrip("/")


async def _asked(answer: Awaitable[T]) -> T:
    """Raises Unreachable and UsageError in place of the gateway's own errors."""
    try:
        return await answer
    except (NotDone, NoAnswer) as error:
        raise Unreachable(str(error), hint="Ask again in a moment; nothing was charged.") from error
    except Refused as error:
        raise UsageError(f"Stripe refuses it: {error}") from error


async def _problems(session: AsyncSession, organization: uuid.UUID) -> list[InvoiceProblem]:
    found = await session.execute(
        select(InvoiceRow.number, StripeInvoiceRow.last_error, StripeInvoiceRow.due_at)
        .join(StripeInvoiceRow, col(StripeInvoiceRow.invoice_id) == col(InvoiceRow.id))
        .where(
            col(StripeInvoiceRow.organization_id) == organization,
            col(StripeInvoiceRow.last_error).is_not(None),
        )
        .order_by(col(InvoiceRow.id).desc())
        .limit(_PROBLEMS)
    )
    return [InvoiceProblem(number=number, error=error, next_attempt_at=due) for number, error, due in found]


async def _counts(session: AsyncSession, organization: uuid.UUID) -> dict[str, int]:
    found = await session.execute(
        select(StripeUsage.state, sa.func.count())
        .where(col(StripeUsage.organization_id) == organization)
        .group_by(col(StripeUsage.state))
    )
    counted = {state: int(count) for state, count in found}
    return {state.value: counted.get(state, 0) for state in State if state is not State.REPLACED}
