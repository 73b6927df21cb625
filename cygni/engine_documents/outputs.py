"""What the cloud has told of a resource completes what a program says of it (pure).

Inputs leave out what AWS decides: the root volume of an image, the version of a database, the size of what is made
from a snapshot. Such values are in the outputs of a state. An input that is there wins, as the next deploy wants it;
only storage that AWS grows by itself is as large as the outputs say.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any, Final

from cygni.engine_documents.values import SECRET, readable_value
from cygni.resources import UNKNOWN

_UNREAD: Final = frozenset(
    {
        "arn", "id", "region", "tags", "tagsAll", "__defaults", "__meta",
        "ebsBlockDevices",  # of an instance: also the volumes attached to it, which are resources of their own
        "spotPrice", "maxPrice",  # told even where none was asked for: the price of On-Demand
        "peerRegion",  # of a peering: told even where it is the same region
    }
)  # fmt: skip
"""Outputs that say who a resource is, or mean something else than the input of their name."""

_GROWS: Final = frozenset({"allocatedStorage"})
"""What AWS makes larger by itself, and nobody smaller: storage autoscaling of RDS."""


def told(outputs: Any) -> Mapping[str, Any]:
    """What outputs tell that may complete inputs: nothing that is empty, secret or not known yet."""
    found = _known(readable_value(outputs)) if isinstance(outputs, dict) else None
    return found or {}


def completed(inputs: Mapping[str, Any], told: Mapping[str, Any]) -> Mapping[str, Any]:
    """Inputs with what they leave out, at any depth of objects."""
    found = dict(inputs)
    for name, value in told.items():
        own = found.get(name)
        if own is None:
            found[name] = value
        elif isinstance(own, Mapping) and isinstance(value, Mapping):
            found[name] = completed(own, value)
        elif name in _GROWS:
            found[name] = _larger(own, value)
    return found


def carried(told: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    """What outputs tell that an update leaves as it is: all but what the new inputs say no more."""
    found: dict[str, Any] = {}
    for name, value in told.items():
        was, now = old.get(name), new.get(name)
        if was is not None and now is None:
            continue
        if isinstance(was, Mapping) and isinstance(now, Mapping) and isinstance(value, Mapping):
            found[name] = carried(value, was, now)
        else:
            found[name] = value
    return found


def _known(value: Any) -> Any:
    """The value without what is empty, secret or unknown; None where nothing is left."""
    if isinstance(value, Mapping):
        known = {
            sys.intern(key): inner
            for key, each in value.items()
            if key not in _UNREAD and (inner := _known(each)) is not None
        }
        return known or None
    if isinstance(value, list):
        return [each for each in map(_known, value) if each is not None] or None
    if value is UNKNOWN or value is None or value in ("", SECRET):
        return None
    return None if not isinstance(value, bool) and value == 0 else value


def _larger(own: Any, value: Any) -> Any:
    numbers: Sequence[Any] = (own, value)
    whole = all(isinstance(each, int | float) and not isinstance(each, bool) for each in numbers)
    return max(numbers) if whole else own
