"""Access tokens: JWTs signed with EdDSA that live ten minutes. What they name is looked up at each request."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from platform_api.clock import Clock

LIFE = timedelta(minutes=10)
LEEWAY = timedelta(seconds=30)
"""How far the clocks of two hosts may be apart."""
_TYPE = "at+jwt"  # RFC 9068: no other token of ours, signed by the same key, is taken for one
_ISSUER = "cygni"
_AUDIENCE = "cygni-api"


@dataclass(frozen=True, slots=True)
class AccessToken:
    user: uuid.UUID
    session: uuid.UUID


class AccessTokens:
    def __init__(self, key: Ed25519PrivateKey, clock: Clock) -> None:
        self._key = key
        self._clock = clock

    def issue(self, token: AccessToken) -> tuple[str, datetime]:
        """The token as text, and when it ends."""
        now = self._clock.now()
        claims = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": str(token.user),
            "sid": str(token.session),
            "iat": now,
            "exp": now + LIFE,
        }
        return jwt.encode(claims, self._key, algorithm="EdDSA", headers={"typ": _TYPE}), now + LIFE

    def read(self, text: str) -> AccessToken | None:
        """None for one that this server did not make, that is over, or that is of another kind."""
        try:
            header = jwt.get_unverified_header(text)
            if header.get("typ") != _TYPE or "crit" in header:
                return None
            claims = jwt.decode(
                text,
                self._key.public_key(),
                algorithms=["EdDSA"],
                audience=_AUDIENCE,
                issuer=_ISSUER,
                # The clock is ours, so that tests can move it.
                options={"require": ["exp", "iat", "sub", "sid"], "verify_exp": False, "verify_iat": False},
            )
            now = self._clock.now().timestamp()
            begins, ends = float(claims["iat"]), float(claims["exp"])
            if not begins - LEEWAY.total_seconds() <= now < ends + LEEWAY.total_seconds():
                return None
            if ends - begins > LIFE.total_seconds():
                return None
            return AccessToken(uuid.UUID(claims["sub"]), uuid.UUID(claims["sid"]))
        except (jwt.PyJWTError, ValueError, TypeError, AttributeError):
            return None
