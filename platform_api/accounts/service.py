"""Signing in, staying signed in, and signing out."""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from platform_api.access.access_tokens import AccessToken, AccessTokens
from platform_api.access.credentials import REFRESH_TOKEN, hashed, new_credential, parse
from platform_api.accounts.models import Session, User
from platform_api.accounts.repository import Accounts
from platform_api.clock import Clock

IDLE = timedelta(days=14)
"""A session that nobody refreshes for so long is over."""
ABSOLUTE = timedelta(days=90)
"""However often it is refreshed (OWASP ASVS 5.0, 10.4.8)."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    user: User
    session: uuid.UUID
    access_token: str
    access_ends: datetime
    refresh_token: str
    refresh_ends: datetime


@dataclass(frozen=True, slots=True)
class Refused:
    why: str


class SigningIn:
    """`pepper` keys the hashes of refresh tokens."""

    def __init__(self, accounts: Accounts, tokens: AccessTokens, pepper: bytes, clock: Clock) -> None:
        self._accounts = accounts
        self._tokens = tokens
        self._pepper = pepper
        self._clock = clock

    def begin(self, user: User) -> SignedIn:
        """A new session of somebody who has proven who they are."""
        now = self._clock.now()
        session = Session(
            public_id=new_credential(REFRESH_TOKEN).public_id,
            user_id=user.id,
            refresh_hash=b"",
            created_at=now,
            refreshed_at=now,
            expires_at=now + IDLE,
        )
        self._accounts.add(session)
        return self._signed_in(user, session)

    async def refreshed(self, text: str) -> SignedIn | Refused:
        """The next tokens of a session. A refusal is no exception: that a token is used twice ends its session, which
        must be committed."""
        found = parse(text, REFRESH_TOKEN)
        session = await self._accounts.locked_session(found.public_id) if found else None
        now = self._clock.now()
        if found is None or session is None or session.revoked_at is not None or now >= session.expires_at:
            return Refused("the refresh token is not valid any more")
        if not hmac.compare_digest(session.refresh_hash, hashed(self._pepper, found)):
            self._revoke(session, "a refresh token was used twice")
            return Refused("this refresh token has been used before, so its session is over")
        user = await self._accounts.user(session.user_id)
        if user is None or user.disabled_at is not None:
            return Refused("this account is disabled")
        session.generation += 1
        session.refreshed_at = now
        session.expires_at = min(now + IDLE, session.created_at + ABSOLUTE)
        return self._signed_in(user, session)

    async def session_of(self, text: str) -> uuid.UUID | None:
        """The session that a refresh token names, whether the token is good or not."""
        found = parse(text, REFRESH_TOKEN)
        session = await self._accounts.locked_session(found.public_id) if found else None
        return session.id if session else None

    async def ended(self, session: uuid.UUID) -> None:
        if (found := await self._accounts.session(session)) and found.revoked_at is None:
            self._revoke(found, "signed out")

    def _signed_in(self, user: User, session: Session) -> SignedIn:
        token = new_credential(REFRESH_TOKEN, session.public_id)
        session.refresh_hash = hashed(self._pepper, token)
        access, ends = self._tokens.issue(AccessToken(user.id, session.id))
        return SignedIn(user, session.id, access, ends, token.text, session.expires_at)

    def _revoke(self, session: Session, why: str) -> None:
        session.revoked_at = self._clock.now()
        session.revoked_for = why
