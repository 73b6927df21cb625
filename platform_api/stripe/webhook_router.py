"""`POST /v1/stripe/webhooks`: what Stripe tells. It is written down, and a worker asks Stripe what is true by then."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request
from sqlalchemy.dialects.postgresql import insert

from platform_api.access.caller import Transaction
from platform_api.stripe.models import StripeEvent
from platform_api.stripe.router import configured
from platform_api.stripe.schemas import Received
from platform_api.stripe.told import noted
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/stripe", tags=["billing"])


@router.post("/webhooks", responses={404: {"description": "No Stripe is set up here."}})
async def receive_stripe_event(
    request: Request,
    session: Transaction,
    stripe_signature: Annotated[str, Header(max_length=2000)] = "",
) -> Received:
    """For Stripe alone, which signs what it sends. An event that was received before is taken and forgotten."""
    event = noted(configured(request).opened(await request.body(), stripe_signature))
    if event is not None:
        now = wiring(request).clock.now()
        new = insert(StripeEvent).values(
            id=event.id,
            type=event.type,
            object=event.object,
            received_at=now,
            due_at=now + event.after,
            attempts=0,
        )
        await session.execute(new.on_conflict_do_nothing())
    return Received(received=True)
