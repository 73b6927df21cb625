"""What routes need of accounts, from the parts of the server."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from cygni.errors import Unauthenticated
from platform_api.accounts.repository import Accounts
from platform_api.accounts.schemas import SignIn
from platform_api.accounts.service import SignedIn, SigningIn
from platform_api.database.transactions import Scope
from platform_api.wiring import Wiring


def signing_in(parts: Wiring, session: AsyncSession) -> SigningIn:
    """Signing in and out, in the transaction of `session`."""
    return SigningIn(Accounts(session), parts.access_tokens, parts.pepper, parts.clock)


async def signed_in(parts: Wiring, given: SignIn) -> SignedIn:
    """A new session, by a password that is looked at between two transactions. Raises Unauthenticated, in the same
    words and as late, whatever is wrong."""
    async with parts.database.transaction(Scope()) as session:
        user = await Accounts(session).user_of(given.email)
    matches = await parts.passwords.matches(given.password, user.password_hash if user else None)
    if user is None or not matches or user.disabled_at is not None:
        raise Unauthenticated("the email address or the password is wrong")
    async with parts.database.transaction(Scope()) as session:
        return signing_in(parts, session).begin(user)
