"""Plans as documents, as far as the control plane reads them."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def step(
    urn: str = "web", change: str = "create", loses_data: str | None = None, **after: str
) -> dict[str, Any]:
    properties = [{"path": path, "before": None, "after": value} for path, value in after.items()]
    return {"change": change, "urn": urn, "loses_data": loses_data, "properties": properties}


def plan(
    *steps: dict[str, Any],
    delta: str = "12.34",
    releases: tuple[str, ...] = (),
    drifted: tuple[str, ...] = (),
    emptied: bool = False,
) -> dict[str, Any]:
    stack = {"steps": list(steps), "drift": [{"urn": urn} for urn in drifted]}
    document = {
        "emptied": emptied,
        "stacks": [stack],
        "releases": [{"service": name} for name in releases],
        "cost": {"delta": {"monthly": delta}},
    }
    text = json.dumps(document, sort_keys=True).encode()
    return {**document, "digest": hashlib.sha256(text).hexdigest()}
