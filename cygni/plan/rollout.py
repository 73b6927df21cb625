"""What a deploy would release, once the stacks are as planned (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Final

from cygni.naming import Colour
from cygni.plan.model import PlannedRelease, Rollout
from cygni.plan.running import OUTPUT
from cygni.releases.floor import Pace, floor
from cygni.releases.observed import ColourState, ServiceState
from cygni.releases.plan import Situation, planned
from cygni.releases.release import Kind, Live, LiveService, Release, ServiceRelease
from cygni.releases.settings import ReleaseSettings
from cygni.resources import UNKNOWN

NOTHING: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


def planned_releases(
    outputs: Mapping[str, Any],
    live: Live,
    strategies: Mapping[str, str],
    secrets: Mapping[str, tuple[str, ...]] = NOTHING,
) -> tuple[PlannedRelease, ...]:
    """What differs between what runs and what a services stack with these outputs asks for, by service.

    `strategies` has how each service is released, `secrets` which of its secrets have changed. A service that is to run
    nothing, and never has, is left out.
    """
    running = outputs.get(OUTPUT)
    if not isinstance(running, Mapping):
        return ()
    return tuple(_planned(running, live, strategies, secrets))


def _planned(
    running: Mapping[str, Any],
    live: Live,
    strategies: Mapping[str, str],
    secrets: Mapping[str, tuple[str, ...]],
) -> Iterator[PlannedRelease]:
    for name, asked in sorted(running.items()):
        count, now = int(asked["count"]), live.services.get(name)
        changed = secrets.get(name, ())
        rollout = _rollout(asked.get("taskDefinition"), count, now, renew=bool(changed))
        if rollout is not None:
            before = now.colours[now.active].count if now is not None else 0
            yield PlannedRelease(name, rollout, strategies.get(name, ""), before, count, changed)


def _rollout(revision: Any, count: int, now: LiveService | None, *, renew: bool) -> Rollout | None:
    if now is None:
        return Rollout.FIRST if count else None
    runs = now.colours[now.active]
    if revision is UNKNOWN or revision != runs.revision:
        return Rollout.VERSION
    if renew and runs.count:
        return Rollout.SECRETS
    return Rollout.COUNT if count != runs.count else None


def planned_floor(
    outputs: Mapping[str, Any],
    live: Live,
    settings: Mapping[str, ReleaseSettings],
    pace: Pace,
    renewed: Collection[str] = (),
) -> float:
    """The least time in seconds that the release takes which brings what a services stack with these outputs asks for,
    and new tasks to the services `renewed`. What runs is taken to be as `live` has it, and well."""
    running, jobs = outputs.get(OUTPUT), outputs.get("jobs")
    if not isinstance(running, Mapping):
        return 0.0
    begun = datetime.now(UTC)
    release = Release(
        project="",
        environment="",
        services={name: ServiceRelease(_revision(one)) for name, one in running.items()},
        created_at=begun,
        author="",
        jobs=dict.fromkeys(jobs, "") if isinstance(jobs, Mapping) else {},
    )
    wanted = {name: one for name, one in settings.items() if name in running}
    seen = {name: _as_recorded(live.services.get(name)) for name in wanted}
    situation = Situation(wanted, live, seen, begun, "")
    return floor(planned(Kind.DEPLOY, release, situation, renewed=renewed), pace)


def _revision(asked: Mapping[str, Any]) -> str:
    given = asked.get("taskDefinition")
    return given if isinstance(given, str) else ""


def _as_recorded(now: LiveService | None) -> ServiceState:
    found = dict.fromkeys(Colour, ColourState("", 0))
    if now is None:
        return ServiceState(found)
    for colour, one in now.colours.items():
        found[colour] = ColourState(one.revision, one.count, running=one.count, healthy=one.count)
    return ServiceState(found, {colour: 100 * (colour is now.active) for colour in Colour})
