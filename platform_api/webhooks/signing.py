"""Signatures by Standard Webhooks 1.0.0: HMAC-SHA256 of `ID.TIMESTAMP.BODY`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Iterable
from datetime import datetime

from platform_api.keys import ServerKey


def secret(key: ServerKey, webhook: uuid.UUID, generation: int) -> bytes:
    """32 bytes, made of the server's key: nothing of it is kept, so nothing of it can be read from the database.
    Another `generation` has another."""
    return key.derived(f"webhook {webhook} {generation}")


def shown(secret: bytes) -> str:
    """As receivers' libraries take it."""
    return f"whsec_{base64.b64encode(secret).decode()}"


def headers(delivery: uuid.UUID, at: datetime, body: bytes, secrets: Iterable[bytes]) -> dict[str, str]:
    """`delivery` is the same for each attempt, so that receivers can tell what they have had. While a secret is being
    replaced there are two signatures."""
    name = f"msg_{delivery.hex}"
    return {
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signature(name, at, body, one) for one in secrets),
    }


def signature(name: str, at: datetime, body: bytes, secret: bytes) -> str:
    signed = f"{name}.{int(at.timestamp())}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()}"
