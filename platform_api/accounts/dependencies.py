"""What routes need of accounts, from the parts of the server."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from cygni.errors import Unauthenticated
from platform_api.accounts.models import User
from platform_api.accounts.repository import Accounts
from platform_api.accounts.schemas import PasswordChange, SignIn
from platform_api.accounts.service import SignedIn, SigningIn
from platform_api.database.transactions import Scope
from platform_api.operators.auditing import ServerAuditing
from platform_api.wiring import Wiring


def signing_in(parts: Wiring, session: AsyncSession) -> SigningIn:
    """Signing in and out, in the transaction of `session`."""
    return SigningIn(Accounts(session), parts.access_tokens, parts.pepper, parts.clock)


async def signed_in(parts: Wiring, given: SignIn) -> SignedIn:
    """A new session. Raises as `proven` does, also where the password has changed since it was looked at."""
    user = await proven(parts, given)
    async with parts.database.transaction(Scope()) as session:
        if not await Accounts(session).is_unchanged(user):
            raise _wrong()
        return signing_in(parts, session).begin(user)


async def with_new_password(parts: Wiring, given: PasswordChange, request_id: str) -> SignedIn:
    """A new session, the only one: whoever knew the old password may have begun others. Raises as `proven` does, and
    UsageError for a new one that is too weak."""
    user = await proven(parts, given)
    made = await parts.passwords.hashed(given.new_password)
    now = parts.clock.now()
    async with parts.database.transaction(Scope()) as session:
        accounts = Accounts(session)
        if not await accounts.replace_password(user, made):
            raise _wrong()
        await accounts.sign_out(user.id, now, "the password was changed")
        log = ServerAuditing(session, {"kind": "user", "id": str(user.id)}, request_id, now)
        await log.record("user.password", user.email)
        return signing_in(parts, session).begin(user)


async def proven(parts: Wiring, given: SignIn) -> User:
    """Whose the password is, which is looked at outside of any transaction. Raises Unauthenticated, in the same words
    and as late, whatever is wrong."""
    async with parts.database.transaction(Scope()) as session:
        user = await Accounts(session).user_of(given.email)
    matches = await parts.passwords.matches(given.password, user.password_hash if user else None)
    if user is None or not matches or user.disabled_at is not None:
        raise _wrong()
    return user


def _wrong() -> Unauthenticated:
    return Unauthenticated("the email address or the password is wrong")
