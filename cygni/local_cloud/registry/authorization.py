"""The tokens of ECR's GetAuthorizationToken: for a region, good for 12 hours, and worth nothing to another local cloud.

A repository is one of a region, which its address on this machine does not tell: the token does.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Final

from cygni.local_cloud.registry.problems import Problem

SECONDS: Final = 12 * 3600
"""Amazon ECR API reference, GetAuthorizationToken."""
USER: Final = "AWS"
CHALLENGE: Final = 'Basic realm="local cloud",service="ecr.amazonaws.com"'


def token(key: bytes, region: str, now: float) -> str:
    """A password without a colon, for `region`; `now` in seconds since the epoch."""
    said = f"{region}.{int(now) + SECONDS}"
    return f"{said}.{_signature(key, said)}"


def region_of(key: bytes, authorization: str | None, now: float) -> str:
    """The region that a header `Authorization` is good for. Raises Problem (401)."""
    kind, _, given = (authorization or "").partition(" ")
    try:
        user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user = password = ""
    said, _, signature = password.rpartition(".")
    region, _, until = said.rpartition(".")
    true = user == USER and hmac.compare_digest(signature.encode(), _signature(key, said).encode())
    if kind.lower() != "basic" or not true or not region or now >= int(until):
        raise Problem(
            401, "UNAUTHORIZED", "log in with ECR's GetAuthorizationToken", {"WWW-Authenticate": CHALLENGE}
        )
    return region


def _signature(key: bytes, said: str) -> str:
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()
