"""Values as the engine writes them down: what is not known yet, and what is secret (pure).

Source: pulumi sdk, `resource.SigKey` and `plugin.UnknownStringValue` and its kin.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from cygni.resources import UNKNOWN

ENGINE_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the engine writes for a text that is not known yet."""

ENGINE_UNKNOWNS: Final = frozenset(
    {
        ENGINE_UNKNOWN,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)

SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
"""The key by which the engine marks an object as a secret or another special value."""

SECRET: Final = "[secret]"


def printable(text: str) -> str:
    """`text` with the replacement character for what no name has and a terminal would obey: control characters, halves
    of surrogate pairs."""
    return text if text.isprintable() else "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


def readable_value(value: Any) -> Any:
    """`value` with what is not known yet as `UNKNOWN` and everything marked as special, secrets above all, as
    `[secret]`, at any depth."""
    if isinstance(value, str):
        return UNKNOWN if value in ENGINE_UNKNOWNS else value
    if isinstance(value, dict):
        if SIGNATURE in value:
            return SECRET
        return {key: readable_value(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [readable_value(inner) for inner in value]
    return value


def with_unknowns(value: Any) -> Any:
    """`value` with the engine's texts for what is not known yet as `UNKNOWN`, at any depth."""
    if isinstance(value, str):
        return UNKNOWN if value in ENGINE_UNKNOWNS else value
    if isinstance(value, Mapping):
        return {key: with_unknowns(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [with_unknowns(inner) for inner in value]
    return value
