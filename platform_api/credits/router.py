"""`/v1/organizations/{organization}/credits`: what pays its invoices before tax. Operators give them."""

from __future__ import annotations

import uuid
from datetime import UTC
from decimal import Decimal

from fastapi import APIRouter, Request

from cygni.errors import UsageError, WrongState
from cygni.pricing.exchange import decimal_places
from platform_api.access.caller import Transaction
from platform_api.credits.models import CreditGrant
from platform_api.credits.repository import Credits
from platform_api.credits.schemas import CreditCreate, CreditList, CreditPublic
from platform_api.invoices.repository import Invoices
from platform_api.operators.access import Billed, Operated, OperatorAudit
from platform_api.subscriptions.repository import Subscriptions
from platform_api.subscriptions.service import living
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/credits", tags=["billing"])

MOST = 1000
"""Credits of an organisation."""
_NOTHING = Decimal(0)


@router.get("")
async def list_credits(session: Transaction, billed: Billed) -> CreditList:
    """The oldest first; those that were voided too."""
    found = await Credits(session, billed.organization.id).all()
    used = await Invoices(session, billed.organization.id).credit_used()
    return CreditList(items=[_public(one, used.get(one.id, _NOTHING)) for one in found])


@router.post("", status_code=201)
async def give_credit(
    request: Request, session: Transaction, operated: Operated, audit: OperatorAudit, wanted: CreditCreate
) -> CreditPublic:
    now, organization = wiring(request).clock.now(), operated.organization.id
    start = wanted.start.astimezone(UTC) if wanted.start else now
    end = wanted.end.astimezone(UTC) if wanted.end else None
    if end is not None and end <= start:
        raise UsageError("`end` is not after `start`", hint="`start` is now where none is given.")
    if -int(wanted.amount.normalize().as_tuple().exponent) > (places := decimal_places(wanted.currency)):
        raise UsageError(f"`amount` has more than the {places} decimal places of {wanted.currency}")
    held = living(await Subscriptions(session, organization).domain(), now)
    if held is not None and held.subscription.currency != wanted.currency:
        raise UsageError(
            f"the organization is billed in {held.subscription.currency}, not in {wanted.currency}",
            hint="A credit pays invoices of its own currency alone.",
        )
    credits = Credits(session, organization)
    if len(await credits.all()) >= MOST:
        raise UsageError(f"an organization has {MOST} credits at most")
    made = CreditGrant(
        organization_id=organization, amount=wanted.amount, currency=wanted.currency, start_at=start, end_at=end,
        priority=wanted.priority, prepaid=wanted.prepaid, reason=wanted.reason, created_at=now,
    )  # fmt: skip
    credits.add(made)
    said = {"amount": f"{made.amount:f}", "currency": made.currency, "reason": made.reason}
    await audit.record("credit.give", str(made.id), after=said)
    return _public(made, _NOTHING)


@router.post("/{credit}/void")
async def void_credit(
    request: Request, session: Transaction, operated: Operated, audit: OperatorAudit, credit: uuid.UUID
) -> CreditPublic:
    """What is left of it pays nothing any more; what it paid stays paid."""
    found = await Credits(session, operated.organization.id).existing(credit)
    if found.voided_at is not None:
        raise WrongState("the credit was voided before")
    found.voided_at = wiring(request).clock.now()
    used = await Invoices(session, operated.organization.id).credit_used()
    await audit.record("credit.void", str(found.id), before={"amount": f"{found.amount:f}"})
    return _public(found, used.get(found.id, _NOTHING))


def _public(row: CreditGrant, used: Decimal) -> CreditPublic:
    return CreditPublic(
        id=row.id, amount=row.amount, remaining=row.amount - used, currency=row.currency,
        start=row.start_at, end=row.end_at, priority=row.priority, prepaid=row.prepaid, reason=row.reason,
        voided_at=row.voided_at, created_at=row.created_at,
    )  # fmt: skip
