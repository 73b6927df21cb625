"""Queries for people and their sessions."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from platform_api.accounts.models import Session, User


class Accounts:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def user_of(self, email: str) -> User | None:
        return await self._session.scalar(_of(email))

    async def locked_user(self, email: str) -> User | None:
        """Held until the transaction ends: who signs in meanwhile waits."""
        return await self._session.scalar(_of(email).with_for_update(key_share=True))

    async def is_unchanged(self, user: User) -> bool:
        """Whether the account still has the password that `user` was read with and is not disabled; it stays so until
        the transaction ends."""
        same = select(col(User.id)).where(*_unchanged(user))
        return await self._session.scalar(same.with_for_update(read=True)) is not None

    async def user(self, identifier: uuid.UUID) -> User | None:
        return await self._session.get(User, identifier)

    async def session(self, identifier: uuid.UUID) -> Session | None:
        return await self._session.get(Session, identifier)

    async def session_of_enabled(self, identifier: uuid.UUID) -> Session | None:
        """None also where the account is disabled."""
        query = (
            select(Session)
            .join(User, col(User.id) == col(Session.user_id))
            .where(col(Session.id) == identifier, col(User.disabled_at).is_(None))
        )
        return await self._session.scalar(query)

    async def locked_session(self, public_id: str) -> Session | None:
        """Held until the transaction ends: of two that refresh it at once, one waits."""
        query = select(Session).where(col(Session.public_id) == public_id)
        return await self._session.scalar(query.with_for_update())

    async def replace_password(self, user: User, password_hash: str) -> bool:
        """False where it was changed since `user` was read, or the account disabled."""
        same = sa.update(User).where(*_unchanged(user)).values(password_hash=password_hash)
        done = await self._session.scalar(same.returning(col(User.id)))
        return done is not None

    async def sign_out(self, user: uuid.UUID, now: datetime, why: str) -> None:
        """Ends all sessions of a user."""
        theirs = sa.update(Session).where(col(Session.user_id) == user, col(Session.revoked_at).is_(None))
        await self._session.execute(theirs.values(revoked_at=now, revoked_for=why))

    def add(self, row: User | Session) -> None:
        self._session.add(row)


def _of(email: str) -> SelectOfScalar[User]:
    return select(User).where(sa.func.lower(User.email) == email.lower())


def _unchanged(user: User) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(User.id) == user.id,
        col(User.password_hash) == user.password_hash,
        col(User.disabled_at).is_(None),
    )
