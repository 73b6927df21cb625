"""Names for resources whose program gives none: `<resource name>-<7 hex digits>`, as pulumi-aws makes them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from cygni.local_cloud.provider.schema import AutoName

_RANDOM_DIGITS = 7


class NameTooLong(ValueError):
    """The generated name would pass the type's limit; the official provider fails too instead of cutting."""


def generate(auto: AutoName, resource: str, seed: bytes, inputs: Mapping[str, Any]) -> str:
    """A name for `resource`, the same for the same seed. Raises NameTooLong."""
    if auto.style == "exact":
        return resource
    digits = hashlib.sha256(seed).hexdigest() if seed else secrets.token_hex(_RANDOM_DIGITS)
    hyphen = "" if auto.style == "joined" else "-"
    name = f"{auto.prefix}{resource}{hyphen}{digits[:_RANDOM_DIGITS]}"
    if auto.style == "lower":
        name = name.lower()
    if inputs.get("fifoQueue") is True or inputs.get("fifoTopic") is True:
        name += ".fifo"
    if auto.max_length is not None and len(name) > auto.max_length:
        raise NameTooLong(
            f"the generated name {name!r} has {len(name)} characters, at most {auto.max_length} are allowed; "
            f"set {auto.property} or choose a shorter resource name"
        )
    return name
