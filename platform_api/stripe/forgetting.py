"""Forgetting what Stripe told long ago."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlmodel import col

from platform_api.database.transactions import Database, Scope
from platform_api.stripe.models import StripeEvent

KEPT: Final = timedelta(days=60)
"""Stripe sends an event again for three days, and somebody may for thirty."""


async def forget_old_events(database: Database) -> None:
    """Those that were acted on; `database` is connected as the workers' role."""
    over = col(StripeEvent.due_at).is_(None), col(StripeEvent.received_at) < sa.func.now() - KEPT
    async with database.transaction(Scope()) as session:
        await session.execute(
            sa.delete(StripeEvent).where(*over).execution_options(synchronize_session=False)
        )
