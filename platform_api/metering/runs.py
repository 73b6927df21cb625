"""Keeps what runs from look to look."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.billing.periods import Period
from cygni.metering.runs import Run, Sighting, followed
from platform_api.metering.models import MeteredRun
from platform_api.metering.recording import Measured

PREVIEW = "preview "
"""What the ids of runs begin with that are no task, but a preview environment that stands."""


class Runs:
    """Of one place, in a transaction of the workers' role."""

    def __init__(self, session: AsyncSession, place: Measured) -> None:
        self._session = session
        self._place = place

    async def follow(self, sightings: Sequence[Sighting], at: datetime) -> datetime:
        """Keeps what a look tells; since when that is more than was known before it, `at` where it is nothing."""
        before = {run.id: run for run in await self._open([one.id for one in sightings])}
        found = followed(before.values(), sightings, at)
        if found:
            rows = insert(MeteredRun).values([self._row(run) for run in found])
            told = {name: rows.excluded[name] for name in ("started_at", "seen_at", "ended_at", "rates")}
            await self._session.execute(rows.on_conflict_do_update(index_elements=_KEY, set_=told))
        return min((_changed(before.get(run.id), run) for run in found), default=at)

    async def within(self, window: Period) -> list[Run]:
        """All that ran in it."""
        until = sa.func.coalesce(col(MeteredRun.ended_at), col(MeteredRun.seen_at))
        asked = select(MeteredRun).where(
            *self._mine(), col(MeteredRun.started_at) < window.end, until > window.start
        )
        return _runs(await self._session.scalars(asked))

    async def last_preview(self) -> Run | None:
        """The last stretch in which it stood, where it is a preview environment."""
        asked = select(MeteredRun).where(*self._mine(), col(MeteredRun.id).startswith(PREVIEW))
        found = _runs(await self._session.scalars(asked.order_by(col(MeteredRun.started_at).desc()).limit(1)))
        return found[0] if found else None

    async def _open(self, seen: Collection[str]) -> list[Run]:
        there = sa.or_(col(MeteredRun.ended_at).is_(None), col(MeteredRun.id).in_(seen))
        return _runs(await self._session.scalars(select(MeteredRun).where(*self._mine(), there)))

    def _row(self, run: Run) -> dict[str, Any]:
        return {
            "organization_id": self._place.organization,
            "project": self._place.project,
            "environment": self._place.environment,
            "id": run.id,
            "subject": run.subject,
            "rates": {meter: f"{rate:f}" for meter, rate in run.rates.items()},
            "started_at": run.start,
            "seen_at": run.seen,
            "ended_at": run.end,
        }

    def _mine(self) -> list[sa.ColumnElement[bool]]:
        return [
            col(MeteredRun.organization_id) == self._place.organization,
            col(MeteredRun.project) == self._place.project,
            col(MeteredRun.environment) == self._place.environment,
        ]


_KEY = ("organization_id", "project", "environment", "id")


def _changed(before: Run | None, now: Run) -> datetime:
    return now.start if before is None else min(before.known.end, now.known.end)


def _runs(rows: Iterable[MeteredRun]) -> list[Run]:
    return [
        Run(
            row.id, row.subject, {meter: Decimal(rate) for meter, rate in row.rates.items()},
            row.started_at, row.seen_at, row.ended_at,
        )
        for row in rows
    ]  # fmt: skip
