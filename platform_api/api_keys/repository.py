"""Queries for API keys."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.api_keys.models import ApiKey


class ApiKeys:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def with_public_id(self, public_id: str) -> ApiKey | None:
        return await self._session.scalar(select(ApiKey).where(col(ApiKey.public_id) == public_id))

    async def with_id(self, identifier: uuid.UUID) -> ApiKey | None:
        return await self._session.scalar(select(ApiKey).where(col(ApiKey.id) == identifier))

    async def of(self, organization: uuid.UUID) -> Sequence[ApiKey]:
        """Also those that are revoked, the newest first."""
        query = select(ApiKey).where(col(ApiKey.organization_id) == organization)
        return (await self._session.scalars(query.order_by(col(ApiKey.id).desc()))).all()

    async def locked(self, organization: uuid.UUID, identifier: uuid.UUID) -> ApiKey | None:
        query = select(ApiKey).where(
            col(ApiKey.organization_id) == organization, col(ApiKey.id) == identifier
        )
        return await self._session.scalar(query.with_for_update())

    def add(self, key: ApiKey) -> None:
        self._session.add(key)
