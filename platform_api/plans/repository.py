"""Queries for plans and their versions."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.billing.plans import PlanVersion
from cygni.billing.terms import plan_of
from cygni.errors import NotFound
from platform_api.plans.models import Plan, PlanVersionRow

SEE = "See which there are: cx plans list"


class Plans:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self, *, archived: bool) -> Sequence[Plan]:
        """By their keys; with those that are `archived` too, or without."""
        query = select(Plan).order_by(col(Plan.key))
        if not archived:
            query = query.where(col(Plan.archived_at).is_(None))
        return (await self._session.scalars(query)).all()

    async def existing(self, key: str, *, locked: bool = False) -> Plan:
        """`locked`, nobody else makes a version of it until the transaction ends. Raises NotFound."""
        found = await self._session.get(Plan, key, with_for_update=locked)
        if found is None:
            raise NotFound(f"there is no plan {key!r}", hint=SEE)
        return found

    async def versions(self, key: str) -> Sequence[PlanVersionRow]:
        """The newest first."""
        query = select(PlanVersionRow).where(col(PlanVersionRow.plan_key) == key)
        return (await self._session.scalars(query.order_by(col(PlanVersionRow.version).desc()))).all()

    async def newest(self, keys: Sequence[str]) -> dict[str, PlanVersionRow]:
        """The newest version of each, by key."""
        newest = (
            sa.select(col(PlanVersionRow.plan_key), sa.func.max(PlanVersionRow.version))
            .where(col(PlanVersionRow.plan_key).in_(keys))
            .group_by(col(PlanVersionRow.plan_key))
        )
        of_both = sa.tuple_(col(PlanVersionRow.plan_key), col(PlanVersionRow.version))
        rows = await self._session.scalars(select(PlanVersionRow).where(of_both.in_(newest)))
        return {row.plan_key: row for row in rows}

    async def version(self, key: str, number: int | None = None) -> PlanVersionRow:
        """That version, the newest without a number. Raises NotFound."""
        await self.existing(key)
        query = select(PlanVersionRow).where(col(PlanVersionRow.plan_key) == key)
        if number is not None:
            query = query.where(col(PlanVersionRow.version) == number)
        found = await self._session.scalar(query.order_by(col(PlanVersionRow.version).desc()).limit(1))
        if found is None:
            raise NotFound(f"the plan {key!r} has no version {number}", hint=f"See them: cx plans show {key}")
        return found

    def add(self, row: Plan | PlanVersionRow) -> None:
        self._session.add(row)


def plan_version(row: PlanVersionRow) -> PlanVersion:
    """As the domain has it."""
    return plan_of(row.plan_key, row.version, row.currency, row.terms)
