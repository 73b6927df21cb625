"""What a deploy would release, once the stacks are as planned (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cygni.plan.model import PlannedRelease, Rollout
from cygni.plan.running import OUTPUT
from cygni.releases.release import Live, LiveService
from cygni.resources import UNKNOWN


def planned_releases(
    outputs: Mapping[str, Any], live: Live, strategies: Mapping[str, str]
) -> tuple[PlannedRelease, ...]:
    """What differs between what runs and what a services stack with these outputs asks for, by service.

    `strategies` has how each service is released. A service that is to run nothing, and never has, is left out.
    """
    running = outputs.get(OUTPUT)
    if not isinstance(running, Mapping):
        return ()
    return tuple(_planned(running, live, strategies))


def _planned(
    running: Mapping[str, Any], live: Live, strategies: Mapping[str, str]
) -> Iterator[PlannedRelease]:
    for name, asked in sorted(running.items()):
        count, now = int(asked["count"]), live.services.get(name)
        rollout = _rollout(asked.get("taskDefinition"), count, now)
        if rollout is not None:
            before = now.colours[now.active].count if now is not None else 0
            yield PlannedRelease(name, rollout, strategies.get(name, ""), before, count)


def _rollout(revision: Any, count: int, now: LiveService | None) -> Rollout | None:
    if now is None:
        return Rollout.FIRST if count else None
    runs = now.colours[now.active]
    if revision is UNKNOWN or revision != runs.revision:
        return Rollout.VERSION
    return Rollout.COUNT if count != runs.count else None
