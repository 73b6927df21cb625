"""Taking events back: nothing is deleted, and tallies are made again from what is left."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from cygni.errors import NotFound, UsageError, WrongState
from platform_api.identifiers import new_id
from platform_api.usage.cloud_events import OF_CYGNI, OWN_SOURCES, Reported
from platform_api.usage.models import UsageEvent

SOURCE = "cygni:correction"
"""Of events that stand for what was taken back."""

_AGAIN = sa.text(
    """
    UPDATE usage_hours SET
        count = left_over.count, total = left_over.total, largest = left_over.largest,
        revision = nextval('usage_revisions')
    FROM (
        SELECT count(*) AS count, coalesce(sum(quantity), 0) AS total, max(quantity) AS largest
        FROM usage_events
        WHERE organization_id = :organization AND meter = :meter AND at >= :hour
            AND at < CAST(:hour AS timestamptz) + interval '1 hour'
            AND project = :project AND environment = :environment AND void_at IS NULL
    ) AS left_over
    WHERE organization_id = :organization AND meter = :meter AND hour = :hour
        AND project = :project AND environment = :environment
    """
)
_HOLD = sa.text(
    """
    SELECT FROM usage_hours WHERE organization_id = :organization AND meter = :meter AND hour = :hour
        AND project = :project AND environment = :environment FOR UPDATE
    """
)


class Corrections:
    def __init__(self, session: AsyncSession, organization: uuid.UUID) -> None:
        self._session = session
        self._organization = organization

    async def is_of_cygni(self, source: str, id: str) -> bool:
        """Whether Cygni measured the event itself, or what it stands for."""
        while source == SOURCE:
            row = await self._session.get(UsageEvent, (self._organization, source, id))
            if row is None or row.corrects_source is None or row.corrects_id is None:
                return False
            source, id = row.corrects_source, row.corrects_id
        return source.startswith(OWN_SOURCES)

    async def take_back(
        self, source: str, id: str, quantity: Decimal | None, now: datetime
    ) -> tuple[UsageEvent, UsageEvent | None]:
        """The event, and what stands for it where a `quantity` is given. Raises NotFound, and WrongState for one that
        was taken back before, UsageError for what no quantity of its meter is."""
        row = await self._session.get(UsageEvent, (self._organization, source, id), with_for_update=True)
        if row is None:
            raise NotFound(f"there is no event {id!r} of {source!r}")
        if row.void_at is not None:
            raise WrongState(
                "the event was taken back before", hint="Correct what stands for it, if anything does."
            )
        if quantity is not None and quantity < 0 and row.meter in OF_CYGNI:
            raise UsageError(f"{row.meter!r} is never below nothing")
        row.void_at = now
        stands = None if quantity is None else self._standing_for(row, quantity, now)
        if stands is not None:
            self._session.add(stands)
        await self._session.flush()
        await self._count_again(row)
        return row, stands

    def _standing_for(self, row: UsageEvent, quantity: Decimal, now: datetime) -> UsageEvent:
        told = Reported(
            SOURCE, str(new_id()), row.meter, row.at, quantity, row.subject, row.project, row.environment
        )  # fmt: skip
        return UsageEvent(
            organization_id=self._organization, source=told.source, id=told.id, meter=told.meter, at=told.at,
            quantity=told.quantity, subject=told.subject, project=told.project, environment=told.environment,
            digest=told.digest, received_at=now, corrects_source=row.source, corrects_id=row.id,
        )  # fmt: skip

    async def _count_again(self, row: UsageEvent) -> None:
        """The hour is held first: what is added to it meanwhile waits, and is counted after."""
        hour = {
            "organization": self._organization, "meter": row.meter, "project": row.project,
            "environment": row.environment, "hour": row.at.replace(minute=0, second=0, microsecond=0),
        }  # fmt: skip
        await self._session.execute(_HOLD, hour)
        await self._session.execute(_AGAIN, hour)
