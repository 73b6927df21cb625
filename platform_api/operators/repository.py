"""Queries for operators, and for what they did to the server."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from cygni.errors import NotFound, PermissionDenied, UsageError
from platform_api.access.permissions import Permission
from platform_api.accounts.models import User
from platform_api.accounts.repository import Accounts
from platform_api.database.transactions import Scope, enter
from platform_api.operators.models import OperatorEntry
from platform_api.organizations.repository import Organizations
from platform_api.roles.repository import Roles


class Operators:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def all(self) -> Sequence[User]:
        """By their email addresses."""
        query = select(User).where(col(User.operator)).order_by(col(User.email))
        return (await self._session.scalars(query)).all()

    async def existing(self, email: str) -> User:
        """Raises NotFound without an account."""
        user = await Accounts(self._session).user_of(email)
        if user is None or user.disabled_at is not None:
            raise NotFound(
                f"{email} has no account here", hint="Invite them to an organization first: cx member invite"
            )
        return user

    async def require_known(self, user: User, by: uuid.UUID) -> None:
        """An invitation proves no address: who sent it, of any organization, has its token too, and may have made the
        account. So `user` is to be in one where the operator `by` manages who is. Raises PermissionDenied."""
        organizations = Organizations(self._session)
        for one in await organizations.all_of(by):
            await enter(self._session, Scope(organization=one.id, user=by))
            mine = await organizations.membership(one.id, by)
            known = await organizations.membership(one.id, user.id) is not None
            allowed = await Roles(self._session, one.id).allowed_by(mine.role) if mine else frozenset()
            await enter(self._session, Scope(user=by))
            if known and Permission.MEMBER_MANAGE in allowed:
                return
        raise PermissionDenied(
            f"{user.email} is in no organization whose members you manage, so nobody knows whose account that is",
            hint="Invite them to one first: cx member invite. On the server's machine: cx server operator add EMAIL",
        )

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
