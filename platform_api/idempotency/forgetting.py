"""Forgetting what was answered long ago."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import col

from platform_api.database.transactions import Database, Scope
from platform_api.idempotency.models import IdempotencyKey
from platform_api.idempotency.service import KEPT


async def forget_old_answers(database: Database) -> None:
    """Of all tenants; `database` is connected as the workers' role."""
    old = col(IdempotencyKey.created_at) < sa.func.now() - KEPT
    async with database.transaction(Scope()) as session:
        await session.execute(
            sa.delete(IdempotencyKey).where(old).execution_options(synchronize_session=False)
        )
