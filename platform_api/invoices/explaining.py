"""How a line of an invoice came about, down to where its events are listed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cygni.billing.exact import fraction_text
from cygni.billing.meters import Meter
from cygni.billing.periods import Period
from cygni.billing.shown import zone_of
from cygni.errors import NotFound
from platform_api.invoices.schemas import (
    ExplainedLine,
    HourOfUsage,
    InvoiceAdjustment,
    InvoiceExplanation,
    InvoiceLine,
)
from platform_api.organizations.models import FoundOrganization
from platform_api.usage.measured import measured
from platform_api.usage.meters import Meters
from platform_api.usage.models import UsageHour
from platform_api.usage.schemas import MeterPublic
from platform_api.usage.store import PostgresMeterStore


async def explained(
    session: AsyncSession, organization: FoundOrganization, document: Mapping[str, Any], key: str
) -> InvoiceExplanation:
    """What `document` says of the charge `key`. Raises NotFound where it says nothing of it."""
    lines = [InvoiceLine.model_validate(one) for one in document["lines"] if one["key"] == key]
    late = [InvoiceAdjustment.model_validate(one) for one in document["adjustments"] if one["key"] == key]
    if not (lines or late):
        known = sorted({one["key"] for one in (*document["lines"], *document["adjustments"])})
        hint = f"It has lines of {', '.join(known)}." if known else "It has no lines."
        raise NotFound(f"the invoice has no line of {key!r}", hint=hint)
    whole = _period(document["period"])
    parts = [await _line(session, organization, line, whole) for line in lines]
    return InvoiceExplanation(key=key, zone=zone_of(document), lines=parts, adjustments=late)


async def _line(
    session: AsyncSession, organization: FoundOrganization, line: InvoiceLine, whole: Period
) -> ExplainedLine:
    if line.meter is None:
        return ExplainedLine(line=line, meter=None, quantity_now=None, hours=[], events=None)
    meter = await Meters(session, organization.id).existing(line.meter)
    span = Period(line.period.start, line.period.end)
    now = await measured(PostgresMeterStore(session, organization.id), meter, span, whole)
    return ExplainedLine(
        line=line,
        meter=MeterPublic.model_validate(meter),
        quantity_now=fraction_text(now),
        hours=await _hours(session, organization.id, meter, span),
        events=_events(organization.slug, meter, span),
    )


async def _hours(
    session: AsyncSession, organization: uuid.UUID, meter: Meter, span: Period
) -> list[HourOfUsage]:
    """Those of the whole organisation that have events, also those that the span begins or ends in."""
    first = span.start.replace(minute=0, second=0, microsecond=0)
    asked = (
        sa.select(
            col(UsageHour.hour), sa.func.sum(UsageHour.count), sa.func.sum(UsageHour.total),
            sa.func.max(UsageHour.largest),
        )
        .where(
            col(UsageHour.organization_id) == organization, col(UsageHour.meter) == meter.key,
            col(UsageHour.hour) >= first, col(UsageHour.hour) < span.end, col(UsageHour.count) > 0,
        )
        .group_by(col(UsageHour.hour))
        .order_by(col(UsageHour.hour))
    )  # fmt: skip
    return [_hour(*row) for row in await session.execute(asked)]


def _hour(hour: datetime, count: int, total: Any, largest: Any) -> HourOfUsage:
    most = None if largest is None else fraction_text(Fraction(largest))
    return HourOfUsage(hour=hour, count=int(count), total=fraction_text(Fraction(total)), largest=most)


def _events(organization: str, meter: Meter, span: Period) -> str:
    """The path of the list."""
    asked = {"meter": meter.key, "start": span.start.isoformat(), "end": span.end.isoformat()}
    return f"/v1/organizations/{organization}/usage/events?{urlencode(asked)}"


def _period(told: Mapping[str, str]) -> Period:
    return Period(datetime.fromisoformat(told["start"]), datetime.fromisoformat(told["end"]))
