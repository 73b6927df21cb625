"""Queries for operators, and for what they did to the server."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.errors import NotFound, UsageError
from platform_api.accounts.models import User
from platform_api.accounts.repository import Accounts
from platform_api.operators.models import OperatorEntry


class Operators:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> Sequence[User]:
        """By their email addresses."""
        query = select(User).where(col(User.operator)).order_by(col(User.email))
        return (await self._session.scalars(query)).all()

    async def add(self, email: str) -> tuple[User, bool]:
        """Who it is now, and whether they were not before. Raises NotFound without an account."""
        user = await Accounts(self._session).user_of(email)
        if user is None or user.disabled_at is not None:
            raise NotFound(
                f"{email} has no account here", hint="Invite them to an organization first: cx member invite"
            )
        added = not user.operator
        user.operator = True
        return user, added

    async def remove(self, identifier: uuid.UUID) -> User:
        """All operators are locked, so that two who remove each other at once do not both succeed. Raises NotFound, and
        UsageError for the last one who can sign in."""
        query = select(User).where(col(User.operator)).order_by(col(User.id))
        operators = (await self._session.scalars(query.with_for_update(key_share=True))).all()
        found = next((one for one in operators if one.id == identifier), None)
        if found is None:
            raise NotFound("there is no such operator", hint="See who is one: cx operator list")
        if all(one.disabled_at is not None for one in operators if one.id != identifier):
            raise UsageError(
                "this is the last operator", hint="Make somebody else one first: cx operator add EMAIL"
            )
        found.operator = False
        return found

    async def entries(self, before: int | None, size: int) -> Sequence[OperatorEntry]:
        """The newest first."""
        query = select(OperatorEntry).order_by(col(OperatorEntry.number).desc()).limit(size)
        if before is not None:
            query = query.where(col(OperatorEntry.number) < before)
        return (await self._session.scalars(query)).all()
