"""Queries for API keys."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.access.permissions import MATRIX, Permission, Role, is_built_in, known_permissions
from platform_api.accounts.models import User
from platform_api.api_keys.models import ApiKey
from platform_api.database.transactions import Database, Scope
from platform_api.organizations.models import FoundOrganization
from platform_api.projects.models import FoundProject

USE_NOTED_AFTER = timedelta(minutes=1)
"""Since the last time: what reads alone writes nothing but this."""


@dataclass(frozen=True, slots=True)
class FoundKey:
    """As its row has it."""

    id: uuid.UUID
    organization_id: uuid.UUID
    secret_hash: bytes
    scopes: list[str]
    project_id: uuid.UUID | None
    created_by: uuid.UUID | None
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Maker:
    """The member who made a key: with what `role`, and what that allows where the organisation made it."""

    role: str | None
    allowed: Sequence[str] | None

    @property
    def permissions(self) -> frozenset[Permission]:
        """At the moment, in all of the organisation."""
        if self.role is not None and is_built_in(self.role):
            return MATRIX[Role(self.role)]
        return known_permissions(self.allowed or ())


@dataclass(frozen=True, slots=True)
class Found:
    """By a key's public part: the key, who made it, and what the caller names of its organisation and its projects,
    each None where there is none such: a maker may have left."""

    key: FoundKey
    organization: FoundOrganization | None
    project: FoundProject | None
    maker: Maker | None


_PARTS = {"key": FoundKey, "organization": FoundOrganization, "project": FoundProject}
_NAMES = {part: [one.name for one in fields(kind)] for part, kind in _PARTS.items()}
_FIND = sa.text(
    f"SELECT {', '.join(f'(found.{part}).{name}' for part, names in _NAMES.items() for name in names)}, "  # noqa: S608
    "(found.maker).user_id, (found.maker).role, found.allowed "
    "FROM cygni_find_by_key(:key, :organization, :project) AS found"
)
_ORGANIZATION = len(_NAMES["key"])
_PROJECT = _ORGANIZATION + len(_NAMES["organization"])
_MAKER = _PROJECT + len(_NAMES["project"])


async def found_by_key(
    database: Database, public_id: str, organization: str | None, project: str | None
) -> Found | None:
    """`organization` and `project` are slugs; without one, the organisation is that of the key. Whether somebody has
    the key's secret is yet to be seen."""
    asked = {"key": public_id, "organization": organization, "project": project}
    row = await database.row(_FIND, asked)
    if row is None:
        return None
    key, there, inside = row[:_ORGANIZATION], row[_ORGANIZATION:_PROJECT], row[_PROJECT:_MAKER]
    maker, role, allowed = row[_MAKER:]
    return Found(
        FoundKey(*key),
        FoundOrganization(*there) if there[0] else None,
        FoundProject(*inside) if inside[0] else None,
        Maker(role, allowed) if maker else None,
    )


async def note_use(database: Database, key: FoundKey, now: datetime) -> None:
    """That the key is used, once a minute: in a transaction of its own, so that requests with the same key do not wait
    for one another."""
    if key.last_used_at is not None and now - key.last_used_at < USE_NOTED_AFTER:
        return
    mine = sa.update(ApiKey).where(
        col(ApiKey.id) == key.id, col(ApiKey.last_used_at).is_not_distinct_from(key.last_used_at)
    )
    async with database.transaction(Scope(organization=key.organization_id)) as session:
        await session.execute(mine.values(last_used_at=now).execution_options(synchronize_session=False))


class ApiKeys:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def with_id(self, identifier: uuid.UUID) -> ApiKey | None:
        return await self._session.scalar(select(ApiKey).where(col(ApiKey.id) == identifier))

    async def of(self, organization: uuid.UUID) -> Sequence[tuple[ApiKey, str | None]]:
        """Also those that are revoked, the newest first, each with the address of whose it is."""
        query = (
            select(ApiKey, User.email)
            .join(User, col(User.id) == col(ApiKey.created_by), isouter=True)
            .where(col(ApiKey.organization_id) == organization)
            .order_by(col(ApiKey.id).desc())
        )
        return [(key, email) for key, email in (await self._session.execute(query)).all()]

    async def locked(self, organization: uuid.UUID, identifier: uuid.UUID) -> ApiKey | None:
        query = select(ApiKey).where(
            col(ApiKey.organization_id) == organization, col(ApiKey.id) == identifier
        )
        return await self._session.scalar(query.with_for_update())

    async def is_revoked(self, identifier: uuid.UUID) -> bool:
        """Whether it is; else it cannot be until the transaction ends."""
        query = select(ApiKey.revoked_at).where(col(ApiKey.id) == identifier)
        return await self._session.scalar(query.with_for_update(read=True, key_share=True)) is not None

    async def made_by(self, key: ApiKey) -> Sequence[ApiKey]:
        """Those that the key has made, and they, and so on, each locked."""
        found: list[ApiKey] = []
        makers = [key.id]
        while makers:
            query = select(ApiKey).where(col(ApiKey.created_by_key).in_(makers))
            made = (await self._session.scalars(query.with_for_update())).all()
            found += made
            makers = [one.id for one in made]
        return found

    def add(self, key: ApiKey) -> None:
        self._session.add(key)
