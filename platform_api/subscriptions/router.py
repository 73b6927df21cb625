"""`/v1/organizations/{organization}/subscription`: what it is billed by. Operators set it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Request, Response

from platform_api.access.caller import Transaction
from platform_api.etags import IfMatch, etag
from platform_api.operators.access import Billed, Operated, OperatorAudit
from platform_api.subscriptions.changes import Wanted
from platform_api.subscriptions.repository import Subscribed
from platform_api.subscriptions.schemas import (
    PeriodPublic,
    PhasePublic,
    SubscriptionPublic,
    SubscriptionSet,
)
from platform_api.subscriptions.service import Subscribing
from platform_api.wiring import wiring

router = APIRouter(prefix="/v1/organizations/{organization}/subscription", tags=["billing"])


@router.get("")
async def read_subscription(
    request: Request, response: Response, session: Transaction, billed: Billed
) -> SubscriptionPublic:
    """The one that has not ended."""
    now = wiring(request).clock.now()
    row, found = await Subscribing(session, billed.organization.id, now).existing()
    response.headers["ETag"] = etag(row.version)
    return _public(found, now)


@router.put("")
async def set_subscription(
    request: Request,
    response: Response,
    session: Transaction,
    operated: Operated,
    audit: OperatorAudit,
    wanted: SubscriptionSet,
    if_match: IfMatch = None,
) -> SubscriptionPublic:
    """Subscribes the organization, or lets the plan change from a moment on, in place of what was planned for later.
    One that was cancelled and has not ended goes on. What is billed already does not change."""
    now = wiring(request).clock.now()
    subscribing = Subscribing(session, operated.organization.id, now)
    plan = await subscribing.plan(wanted.plan, wanted.version)
    said = wanted.model_dump(include={"zone", "anchor", "months", "trial_days", "tax_rate"})
    at = now if wanted.at is None else wanted.at.astimezone(UTC)
    row, before, found = await subscribing.set(Wanted(plan, at, **said), if_match)
    if before != found:
        told = _said(before) if before else None
        await audit.record("subscription.set", operated.organization.slug, before=told, after=_said(found))
    response.headers["ETag"] = etag(row.version)
    return _public(found, now)


@router.post("/cancel")
async def cancel_subscription(
    request: Request,
    response: Response,
    session: Transaction,
    operated: Operated,
    audit: OperatorAudit,
    if_match: IfMatch = None,
) -> SubscriptionPublic:
    """It ends with the period that goes on."""
    now = wiring(request).clock.now()
    row, before, found = await Subscribing(session, operated.organization.id, now).cancel(if_match)
    if before != found:
        await audit.record(
            "subscription.cancel", operated.organization.slug, before=_said(before), after=_said(found)
        )
    response.headers["ETag"] = etag(row.version)
    return _public(found, now)


def _public(found: Subscribed, now: datetime) -> SubscriptionPublic:
    held = found.subscription
    moment = max(now, found.start)
    plan = [phase.plan for phase in held.phases if phase.start <= moment][-1]
    period = held.cycle.period_at(moment)
    return SubscriptionPublic(
        id=found.id, plan=plan.key, version=plan.version, currency=held.currency,
        on_trial=held.trial_end is not None and moment < held.trial_end, trial_end=held.trial_end,
        start=found.start, end=held.end, zone=held.cycle.zone, anchor=held.cycle.anchor, months=held.cycle.months,
        tax_rate=f"{found.tax_rate:f}", period=PeriodPublic(start=period.start, end=period.end),
        phases=[
            PhasePublic(start=phase.start, plan=phase.plan.key, version=phase.plan.version) for phase in held.phases
        ],
        limits=dict(plan.limits),
    )  # fmt: skip


def _said(found: Subscribed) -> dict[str, Any]:
    """For the log."""
    held = found.subscription
    return {
        "phases": [[phase.start.isoformat(), phase.plan.key, phase.plan.version] for phase in held.phases],
        "trial_end": held.trial_end and held.trial_end.isoformat(),
        "end": held.end and held.end.isoformat(),
        "tax_rate": f"{found.tax_rate:f}",
    }
