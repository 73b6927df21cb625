"""What a change of status sets in the row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from platform_api.deployments.events import NOW
from platform_api.deployments.lifecycle import LIMITS, OVER, Status

FREE: Mapping[str, Any] = {"worker": None, "lease_expires_at": None}
"""Nobody has the lease."""


def entering(status: Status, before: Status | None = None) -> dict[str, Any]:
    """The columns that a change of status sets; who only goes on in the status `before` gets no more time for it."""
    if status is before:
        return {"status": status.value}
    limit = LIMITS.get(status)
    return {
        "status": status.value,
        "phase_deadline": NOW + limit if limit else None,
        "finished_at": NOW if status in OVER else None,
    }
