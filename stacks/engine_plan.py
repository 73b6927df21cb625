"""What the engine's own plan file says of each resource (pulumi sdk, `apitype.DeploymentPlanV1`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def goals_in(plan: Path | None) -> Mapping[str, Mapping[str, Any]]:
    """What a plan wants of each resource, by URN; nothing of one that cannot be read."""
    if plan is None:
        return {}
    try:
        plans = json.loads(plan.read_text(encoding="utf-8"))["resourcePlans"]
        return {urn: (one or {}).get("goal") or {} for urn, one in plans.items()}
    except (OSError, ValueError, KeyError, AttributeError):
        return {}


def planned_references(plan: Path | None) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """For each URN of a plan, the URNs each of its inputs is to be computed from."""
    return {
        urn: {key: tuple(urns) for key, urns in (goal.get("propertyDependencies") or {}).items() if urns}
        for urn, goal in goals_in(plan).items()
    }
