"""Secrets that Cygni gives out: `PREFIX_ID_SECRET`, with a checksum so that a typo, or a scanner of leaked secrets,
needs no database. A double click selects the whole of one."""

from __future__ import annotations

import hmac
import zlib
from dataclasses import dataclass, field

from cygni.errors import UsageError

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LETTERS = frozenset(ALPHABET)
ID, SECRET, _CHECKSUM = 12, 32, 6
"""Characters of its parts."""

API_KEY = "cxk"
REFRESH_TOKEN = "cxr"
SETUP_TOKEN = "cxs"
INVITATION = "cxi"

_KINDS = {
    API_KEY: ("API key", "make one with: cx token create"),
    SETUP_TOKEN: ("setup token", "cx server up prints it where the server was started."),
    INVITATION: ("invitation", "it is the token that cx member invite has printed."),
}
"""What they are called, and where a person gets one."""


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


def parse(text: str, prefix: str) -> Credential | None:
    """None for what is none, or of another kind."""
    parts = text.split("_")
    if len(parts) != 3 or parts[0] != prefix or not text.isascii():
        return None
    body, checksum = text[:-_CHECKSUM], text[-_CHECKSUM:]
    found = Credential(prefix, parts[1], parts[2][:-_CHECKSUM])
    shaped = (
        len(found.public_id) == ID
        and len(found.secret) == SECRET
        and set(found.public_id + found.secret) <= _LETTERS  # anybody can compute a checksum, of anything
    )
    return found if shaped and hmac.compare_digest(_checksum(body), checksum) else None


def demanded(given: str, prefix: str, source: str) -> str:
    """A credential that somebody gave, without white space around it. Raises UsageError, which names the `source` and
    nothing of the text, for what is none of that kind: it goes into no request."""
    text = given.strip()
    if parse(text, prefix) is None:
        kind, where = _KINDS[prefix]
        raise UsageError(
            f"{source} is no {kind}, or not the whole of one", hint=f"It begins with {prefix}_; {where}"
        )
    return text


def goes_into_a_header(text: str) -> bool:
    """Whether HTTP can carry it: what it cannot would be told with its value."""
    return text.isascii() and text.isprintable() and " " not in text


def _checksum(body: str) -> str:
    value, digits = zlib.crc32(body.encode()), ""
    for _ in range(_CHECKSUM):
        value, digit = divmod(value, len(ALPHABET))
        digits = ALPHABET[digit] + digits
    return digits
