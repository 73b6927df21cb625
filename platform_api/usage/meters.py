"""The meters of an organisation: those that Cygni has, and its own."""

from __future__ import annotations

import uuid

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.billing.meters import METERS, Aggregation, Meter
from cygni.errors import AlreadyExists, NotFound, UsageError
from platform_api.usage.models import CustomMeter

MOST = 100
"""Own ones of an organisation."""
_BUILT_IN = {meter.key: meter for meter in METERS}


class Meters:
    def __init__(self, session: AsyncSession, organization: uuid.UUID) -> None:
        self._session = session
        self._organization = organization

    async def all(self) -> list[Meter]:
        """Those of Cygni first, then the organisation's own by their keys."""
        return [*METERS, *(_meter(row) for row in await self.own())]

    async def keys(self) -> set[str]:
        return {meter.key for meter in await self.all()}

    async def count(self) -> int:
        """The organisation's own."""
        return len(await self.own())

    async def existing(self, key: str) -> Meter:
        """Raises NotFound."""
        own = await self._session.get(CustomMeter, (self._organization, key))
        found = _BUILT_IN.get(key) or (_meter(own) if own else None)
        if found is None:
            raise NotFound(f"there is no meter {key!r}")
        return found

    async def add(self, meter: CustomMeter) -> None:
        """Raises AlreadyExists for a key that is taken, UsageError where there are too many."""
        own = await self.own()
        if meter.key in _BUILT_IN or meter.key in {row.key for row in own}:
            raise AlreadyExists(f"there is a meter {meter.key!r} already")
        if len(own) >= MOST:
            raise UsageError(f"an organization has {MOST} meters of its own at most")
        self._session.add(meter)

    async def own(self) -> list[CustomMeter]:
        mine = select(CustomMeter).where(col(CustomMeter.organization_id) == self._organization)
        return list(await self._session.scalars(mine.order_by(col(CustomMeter.key))))


def _meter(row: CustomMeter) -> Meter:
    return Meter(row.key, row.name, row.unit, Aggregation(row.aggregation))
