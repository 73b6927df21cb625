"""Which capacity provider the next task of a service runs on (pure).

Source: Amazon ECS API reference, CapacityProviderStrategyItem.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def next_provider(strategy: Sequence[Mapping[str, Any]], used: Iterable[str | None]) -> str:
    """First each provider's base, then by weight; `used` are those of the tasks there are."""
    counts = Counter(used)
    for one in strategy:
        if counts[one["capacityProvider"]] < int(one.get("base") or 0):
            return str(one["capacityProvider"])
    weighted = [one for one in strategy if int(one.get("weight") or 0) > 0] or list(strategy)

    def share(one: Mapping[str, Any]) -> float:
        beyond = counts[one["capacityProvider"]] - int(one.get("base") or 0)
        return (beyond + 1) / (int(one.get("weight") or 0) or 1)

    return str(min(weighted, key=share)["capacityProvider"])
