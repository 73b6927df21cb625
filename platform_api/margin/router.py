"""`/v1/organizations/{organization}/margin`: for who runs the server."""

from __future__ import annotations

from datetime import UTC
from fractions import Fraction
from typing import Annotated

from fastapi import APIRouter, Query, Request

from cygni.billing.exact import fraction_text
from cygni.billing.margin import WHOLE, Margin, margins
from cygni.errors import NotFound
from cygni.pricing.exchange import USD
from platform_api.access.caller import Transaction
from platform_api.margin.billed import billed_until
from platform_api.margin.costs import cost_by_project
from platform_api.margin.schemas import MarginPublic, ProjectMargin
from platform_api.operators.access import Operated
from platform_api.plans.schemas import Moment
from platform_api.subscriptions.repository import Subscriptions
from platform_api.subscriptions.schemas import PeriodPublic
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}", tags=["billing"])

_ZERO = Fraction(0)
At = Annotated[Moment | None, Query(description="Any time in the period; now where it is left out.")]


@router.get("/margin")
async def read_margin(
    request: Request, session: Transaction, operated: Operated, at: At = None
) -> MarginPublic:
    """What is billed for each project, beside what it was estimated to cost on AWS: of a period that is over, or of the
    part that has passed of the one that goes on, fees and minimums by their share of it."""
    now = wiring(request).clock.now()
    moment = min(now, at.astimezone(UTC)) if at is not None else now
    organization = operated.organization.id
    found = [one for one in await Subscriptions(session, organization).domain() if one.holds(moment)]
    if not found:
        raise NotFound("the organization was not subscribed to a plan at that time")
    subscription = found[-1].subscription
    span, billed = await billed_until(session, organization, found[-1], moment, now)
    cost = await cost_by_project(session, organization, span)
    whole = Margin(WHOLE, sum(billed.values(), _ZERO), sum(cost.values(), _ZERO))
    return MarginPublic(
        period=PeriodPublic(start=span.start, end=span.end),
        currency=subscription.currency,
        cost_currency=USD,
        projects=[_public(one, subscription.currency) for one in margins(billed, cost)],
        total=_public(whole, subscription.currency),
    )


def _public(one: Margin, currency: str) -> ProjectMargin:
    comparable = currency == USD
    percent = one.percent if comparable else None
    return ProjectMargin(
        project=one.project or None,
        billed=fraction_text(one.billed),
        cost=fraction_text(one.cost),
        margin=fraction_text(one.amount) if comparable else None,
        percent=None if percent is None else fraction_text(percent),
    )
