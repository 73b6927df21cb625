"""What is billed for projects in a period, as far as it has passed."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime
from fractions import Fraction

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cygni.billing.margin import billed_by_project
from cygni.billing.periods import Period
from cygni.billing.rating import Line, rate
from platform_api.invoices.composing import Composing
from platform_api.subscriptions.repository import Subscribed
from platform_api.usage.measured import measured
from platform_api.usage.models import UsageHour
from platform_api.usage.store import Place, PostgresMeterStore


async def billed_until(
    session: AsyncSession, organization: uuid.UUID, subscribed: Subscribed, moment: datetime, now: datetime
) -> tuple[Period, dict[str, Fraction]]:
    """The part that has passed of the period with `moment`, and what is billed for it by project."""
    subscription = subscribed.subscription
    period = subscription.cycle.period_at(moment)
    passed = Period(period.start, max(period.start, min(period.end, now)))
    composing, store = Composing(session, organization, subscribed), PostgresMeterStore(session, organization)
    meters = await composing.meters()
    lines: list[Line] = []
    for segment in subscription.segments(period):
        part = segment.span.overlap(passed)
        if part is not None:
            cut = replace(segment, span=part)
            lines += rate(cut, await composing.usage(cut, meters))
    projects = await _projects(session, organization, passed)
    used = {
        (line.meter, line.span): {
            project: await measured(store, meters[line.meter], line.span, period, Place(project))
            for project in projects
        }
        for line in lines
        if line.meter in meters
    }
    return passed, billed_by_project(lines, lambda line: used.get((line.meter or "", line.span), {}))


async def _projects(session: AsyncSession, organization: uuid.UUID, span: Period) -> list[str]:
    """Those that anything was told of, also before: what is kept goes on."""
    asked = sa.select(col(UsageHour.project)).where(
        col(UsageHour.organization_id) == organization, col(UsageHour.hour) < span.end
    )
    return sorted(await session.scalars(asked.distinct()))
