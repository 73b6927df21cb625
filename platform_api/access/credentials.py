"""Secrets that Cygni gives out: `PREFIX_ID_SECRET`, with a checksum so that a typo, or a scanner of leaked secrets,
needs no database. A double click selects the whole of one."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import zlib
from dataclasses import dataclass, field

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LETTERS = frozenset(_ALPHABET)
_ID, _SECRET, _CHECKSUM = 12, 32, 6

API_KEY = "cxk"
REFRESH_TOKEN = "cxr"
SETUP_TOKEN = "cxs"
INVITATION = "cxi"


@dataclass(frozen=True, slots=True)
class Credential:
    """`public_id` finds the row; `secret` (190 bits) is shown once, and kept as a hash alone."""

    prefix: str
    public_id: str
    secret: str = field(repr=False)

    @property
    def text(self) -> str:
        body = f"{self.prefix}_{self.public_id}_{self.secret}"
        return body + _checksum(body)

    @property
    def last4(self) -> str:
        return self.text[-4:]


def new_credential(prefix: str, public_id: str | None = None) -> Credential:
    return Credential(prefix, public_id or _random(_ID), _random(_SECRET))


def parse(text: str, prefix: str) -> Credential | None:
    """None for what is none, or of another kind."""
    parts = text.split("_")
    if len(parts) != 3 or parts[0] != prefix or not text.isascii():
        return None
    body, checksum = text[:-_CHECKSUM], text[-_CHECKSUM:]
    found = Credential(prefix, parts[1], parts[2][:-_CHECKSUM])
    shaped = (
        len(found.public_id) == _ID
        and len(found.secret) == _SECRET
        and set(found.public_id + found.secret) <= _LETTERS  # anybody can compute a checksum, of anything
    )
    return found if shaped and hmac.compare_digest(_checksum(body), checksum) else None


def hashed(pepper: bytes, credential: Credential) -> bytes:
    """What is kept of it; a stolen table helps nobody without the server's key."""
    return hmac.new(pepper, f"{credential.prefix} {credential.secret}".encode(), hashlib.sha256).digest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(_CHECKSUM):
        value, digit = divmod(value, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
