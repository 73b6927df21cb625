"""How the secrets that Cygni gives out are made, and what is kept of them. Their form is that of
`cygni.control_plane.credentials`."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cygni.control_plane.credentials import (
    ALPHABET,
    API_KEY,
    ID,
    INVITATION,
    REFRESH_TOKEN,
    SECRET,
    SETUP_TOKEN,
    Credential,
    parse,
)

__all__ = [
    "API_KEY",
    "INVITATION",
    "REFRESH_TOKEN",
    "SETUP_TOKEN",
    "Credential",
    "hashed",
    "new_credential",
    "parse",
]


def new_credential(prefix: str, public_id: str | None = None) -> Credential:
    return Credential(prefix, public_id or _random(ID), _random(SECRET))


def hashed(pepper: bytes, credential: Credential) -> bytes:
    """What is kept of it; a stolen table helps nobody without the server's key."""
    return hmac.new(pepper, f"{credential.prefix} {credential.secret}".encode(), hashlib.sha256).digest()


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
