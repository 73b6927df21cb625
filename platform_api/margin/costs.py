"""What projects were estimated to cost, by the plans that their deployments carried out."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from cygni.billing.periods import Period
from cygni.pricing.money import HOURS_PER_MONTH
from platform_api.deployments.lifecycle import Status
from platform_api.deployments.models import Deployment
from platform_api.projects.models import Project

_HOUR_MICROSECONDS = 3600 * 10**6


def accrued(estimates: Sequence[tuple[datetime, Decimal]], span: Period) -> Fraction:
    """USD in `span`, where each estimate, in USD a month of 730 hours, holds from its moment until the next (pure).
    They are in the order of time."""
    ends = [at for at, _ in estimates[1:]] + [span.end]
    total = Fraction(0)
    for (start, monthly), end in zip(estimates, ends, strict=False):
        held = Period(start, max(start, end)).overlap(span)
        if held is not None:
            hours = Fraction(held.microseconds, _HOUR_MICROSECONDS)
            total += Fraction(monthly) * hours / Fraction(HOURS_PER_MONTH)
    return total


async def cost_by_project(
    session: AsyncSession, organization: uuid.UUID, span: Period
) -> dict[str, Fraction]:
    """USD by the slugs of projects that are there: what has a price, and what depends on use as it was assumed."""
    after = col(Deployment.plan)["cost"]["after"]["totals"]
    asked = (
        sa.select(
            col(Project.slug), col(Deployment.environment_id), col(Deployment.finished_at),
            after["monthly"].astext, after["usage_monthly"].astext,
        )
        .join(Project, col(Project.id) == col(Deployment.project_id))
        .where(
            col(Deployment.organization_id) == organization,
            col(Deployment.status) == Status.SUCCEEDED.value,
            col(Deployment.plan_only).is_(False),
            col(Deployment.finished_at) < span.end,
            after["monthly"].astext.is_not(None),
        )
        .order_by(col(Deployment.environment_id), col(Deployment.finished_at))
    )  # fmt: skip
    found: defaultdict[str, Fraction] = defaultdict(Fraction)
    rows = (await session.execute(asked)).all()
    for (slug, _), deployments in groupby(rows, key=lambda row: (row[0], row[1])):
        estimates = [(row[2], Decimal(row[3]) + Decimal(row[4] or 0)) for row in deployments]
        found[slug] += accrued(estimates, span)
    return dict(found)
