from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from platform_api.api_keys.models import ApiKey


class ApiKeys:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def with_public_id(self, public_id: str) -> ApiKey | None:
        return await self._session.scalar(select(ApiKey).where(col(ApiKey.public_id) == public_id))

    def add(self, key: ApiKey) -> None:
        self._session.add(key)
