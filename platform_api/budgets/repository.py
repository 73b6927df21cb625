"""Queries for the budgets of one organisation: its id is in each, and row-level security is the second line."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from cygni.errors import NotFound
from platform_api.budgets.models import Budget, BudgetAlert
from platform_api.environments.models import Environment


class Budgets:
    def __init__(self, session: AsyncSession, organization: uuid.UUID) -> None:
        self._session = session
        self._organization = organization

    async def all(self, project: uuid.UUID | None = None) -> Sequence[Budget]:
        """In the order of their names; with `project` those of it and of its environments."""
        query = self._mine() if project is None else self._mine().where(col(Budget.project_id) == project)
        return (await self._session.scalars(query.order_by(col(Budget.name)))).all()

    async def existing(self, name: str, *, for_update: bool = False) -> Budget:
        """`for_update` locked until the transaction ends. Raises NotFound."""
        asked = self._mine().where(col(Budget.name) == name)
        found = await self._session.scalar(asked.with_for_update() if for_update else asked)
        if found is None:
            raise NotFound(f"there is no budget {name!r}", hint="See them all: cx budget list")
        return found

    async def locked_over(self, project: uuid.UUID, environment: uuid.UUID) -> Sequence[Budget]:
        """Those with a hard limit that hold for an environment, locked until the transaction ends: always in the same
        order, so that two who ask at once wait for each other rather than both."""
        query = self._mine().where(
            col(Budget.hard_limit),
            sa.or_(col(Budget.project_id).is_(None), col(Budget.project_id) == project),
            sa.or_(col(Budget.environment_id).is_(None), col(Budget.environment_id) == environment),
        )
        return (await self._session.scalars(query.order_by(col(Budget.id)).with_for_update())).all()

    async def environments(
        self, project: uuid.UUID | None, environment: uuid.UUID | None
    ) -> Sequence[Environment]:
        """All of the organisation, those of a project, or the one."""
        query = select(Environment).where(col(Environment.organization_id) == self._organization)
        if project is not None:
            query = query.where(col(Environment.project_id) == project)
        if environment is not None:
            query = query.where(col(Environment.id) == environment)
        return (await self._session.scalars(query.order_by(col(Environment.id)))).all()

    async def alerts(self, budget: Budget, limit: int) -> Sequence[BudgetAlert]:
        """The newest first."""
        query = select(BudgetAlert).where(
            col(BudgetAlert.organization_id) == self._organization, col(BudgetAlert.budget_id) == budget.id
        )
        return (await self._session.scalars(query.order_by(col(BudgetAlert.id).desc()).limit(limit))).all()

    def add(self, budget: Budget) -> None:
        self._session.add(budget)

    async def delete(self, budget: Budget) -> None:
        await self._session.delete(budget)

    def _mine(self) -> SelectOfScalar[Budget]:
        return select(Budget).where(col(Budget.organization_id) == self._organization)
