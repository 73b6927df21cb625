"""Who asked for a deployment, in the words by which releases and their events name somebody."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from platform_api.access.caller import Caller
from platform_api.accounts.repository import Accounts
from platform_api.api_keys.repository import ApiKeys


async def author_of(session: AsyncSession, caller: Caller) -> str:
    """An email address, or the name of an API key."""
    if caller.user is not None:
        user = await Accounts(session).user(caller.user)
        return user.email if user else ""
    key = await ApiKeys(session).with_id(caller.api_key) if caller.api_key else None
    return f"API key {key.name}" if key else ""
