"""`/v1/organizations/{organization}/usage` and its meters."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from cygni.billing.entitlements import Limit
from cygni.billing.exact import fraction_text
from cygni.billing.periods import Period
from cygni.errors import UsageError
from platform_api.access.allowed import Allowed
from platform_api.access.caller import Access, Transaction
from platform_api.access.permissions import Permission
from platform_api.audit.service import Audit
from platform_api.cursors import LARGEST_PAGE
from platform_api.operators.access import Corrected, auditing, require_operator
from platform_api.plans.schemas import Moment
from platform_api.usage.corrections import Corrections
from platform_api.usage.measured import measured
from platform_api.usage.meters import Meters
from platform_api.usage.models import CustomMeter
from platform_api.usage.schemas import (
    Correction,
    MeterCreate,
    MeterList,
    MeterPublic,
    UsageEventList,
    UsageEventPublic,
    UsageSummary,
    UsageTotal,
)
from platform_api.usage.store import Place, PostgresMeterStore
from platform_api.wiring import entitlements, wiring

router = APIRouter(prefix="/v1/organizations/{organization}", tags=["usage"])

Reading = Annotated[Access, Depends(Allowed(Permission.USAGE_READ))]
Billing = Annotated[Access, Depends(Allowed(Permission.BILLING_MANAGE))]
Part = Annotated[str | None, Query(max_length=40)]


async def _span(start: Moment, end: Moment) -> Period:
    if end <= start:
        raise UsageError("`end` is not after `start`")
    return Period(start.astimezone(UTC), end.astimezone(UTC))


Span = Annotated[Period, Depends(_span)]


@router.get("/meters")
async def list_meters(session: Transaction, reading: Reading) -> MeterList:
    found = await Meters(session, reading.organization.id).all()
    return MeterList(items=[MeterPublic.model_validate(meter) for meter in found])


@router.post("/meters", status_code=201)
async def create_meter(
    request: Request, session: Transaction, billing: Billing, audit: Audit, wanted: MeterCreate
) -> MeterPublic:
    made = CustomMeter(
        organization_id=billing.organization.id, created_at=wiring(request).clock.now(), **wanted.model_dump()
    )
    meters = Meters(session, billing.organization.id)
    await entitlements(request, session, billing.organization.id).require_place(Limit.METERS, meters.count)
    await meters.add(made)
    await audit.record("meter.create", made.key, after=wanted.model_dump(mode="json"))
    return MeterPublic.model_validate(made)


@router.get("/usage")
async def read_usage(
    session: Transaction, reading: Reading, span: Span, project: Part = None, environment: Part = None
) -> UsageSummary:
    """What was used from `start` until before `end`, of each meter."""
    store = PostgresMeterStore(session, reading.organization.id)
    place = Place(project, environment)
    totals = [
        UsageTotal(
            meter=meter.key,
            unit=meter.unit,
            quantity=fraction_text(await measured(store, meter, span, span, place)),
        )
        for meter in await Meters(session, reading.organization.id).all()
    ]
    return UsageSummary(start=span.start, end=span.end, totals=totals)


@router.get("/usage/events")
async def list_usage_events(
    request: Request,
    session: Transaction,
    reading: Reading,
    span: Span,
    meter: Annotated[str, Query(max_length=63)],
    project: Part = None,
    environment: Part = None,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 50,
) -> UsageEventList:
    """The events behind a figure, in the order of their times; those that were taken back too."""
    cursors = wiring(request).cursors
    listing = f"usage {reading.organization.id} {meter} {span.start} {span.end} {project} {environment}"
    after = _place_in_list(cursors.read(listing, cursor)) if cursor else None
    store = PostgresMeterStore(session, reading.organization.id)
    rows = await store.events(
        (await Meters(session, reading.organization.id).existing(meter)).key,
        span,
        after,
        limit + 1,
        Place(project, environment),
    )
    page, more = cursors.cut(listing, rows, limit, lambda row: f"{row.at.isoformat()} {row.number}")
    return UsageEventList(items=[UsageEventPublic.model_validate(row) for row in page], next=more)


def _place_in_list(text: str) -> tuple[datetime, int]:
    at, _, number = text.partition(" ")
    return datetime.fromisoformat(at), int(number)


@router.post("/usage/corrections", status_code=201)
async def correct_usage(
    request: Request, session: Transaction, found: Corrected, wanted: Correction
) -> UsageEventPublic:
    """Takes an event back, which stays in the list; answers with what stands for it, or with it where nothing does.
    What Cygni measured itself is taken back by operators of the server alone."""
    now = wiring(request).clock.now()
    corrections = Corrections(session, found.organization.id)
    if await corrections.is_of_cygni(wanted.source, wanted.id):
        await require_operator(request, session, found)
    row, stands = await corrections.take_back(wanted.source, wanted.id, wanted.quantity, now)
    await auditing(request, session, found).record(
        "usage.correct",
        f"{row.source} {row.id}",
        before={"meter": row.meter, "quantity": f"{row.quantity:f}"},
        after={"quantity": None if stands is None else f"{stands.quantity:f}", "reason": wanted.reason},
    )
    return UsageEventPublic.model_validate(stands or row)
