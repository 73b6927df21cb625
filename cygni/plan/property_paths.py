"""Property paths as the engine writes them: `actions[0].forward.targetGroups`, `tags["cygni:urn"]` (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_PIECE = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[([0-9]{1,9})\]|([^.\[\]]+)')


def pieces(path: str) -> list[str | int]:
    """The keys and indexes of a path, from the outside in."""
    found: list[str | int] = []
    for quoted, index, key in _PIECE.findall(path):
        if index:
            found.append(int(index))
        else:
            found.append(key or quoted.replace('\\"', '"'))
    return found


def value_at(properties: Any, path: str) -> Any:
    """The value at `path`, or None where there is none. Never raises."""
    value = properties
    for piece in pieces(path):
        if isinstance(value, Mapping):
            value = value.get(str(piece))
        elif isinstance(value, list) and isinstance(piece, int) and piece < len(value):
            value = value[piece]
        else:
            return None
    return value
