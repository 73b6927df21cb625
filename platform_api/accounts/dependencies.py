"""What routes need of accounts, from the parts of the server."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from platform_api.accounts.repository import Accounts
from platform_api.accounts.service import SigningIn
from platform_api.wiring import Wiring


def signing_in(parts: Wiring, session: AsyncSession) -> SigningIn:
    """Signing in and out, in the transaction of `session`."""
    return SigningIn(Accounts(session), parts.access_tokens, parts.passwords, parts.pepper, parts.clock)
