"""What runs once a deployment has ended, and the end of the time that an old colour stays warm (pure)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from cygni.releases import acts
from cygni.releases.acts import Act
from cygni.releases.observed import Place
from cygni.releases.release import (
    Deployment,
    DeploymentState,
    Kind,
    Live,
    LiveService,
    Move,
    Track,
)
from cygni.releases.seen import Seen, other
from cygni.releases.settings import Strategy

HISTORY = 50
"""Releases that `Live.history` remembers."""


def settled(live: Live, deployment: Deployment, now: datetime, settling: float = 0.0) -> Live:
    """What runs after the deployment, which has ended. One that could not go back stays unfinished. An old colour stays
    for `settling` seconds at least (`Target.settling`)."""
    if deployment.state is DeploymentState.ROLLBACK_FAILED:
        return live
    succeeded = deployment.state is DeploymentState.SUCCEEDED
    services = dict(live.services)
    judged = deployment.kind is Kind.DEPLOY or (
        deployment.kind is Kind.ROLLBACK and deployment.release not in live.history
    )
    for track in deployment.tracks:
        for move in track.moves:
            if succeeded:
                warm = max(move.settings.warm if judged else 0.0, settling)
                before = services.get(move.service)
                services[move.service] = _moved(move, before, deployment.fence, now, warm)
            elif _has_begun(track):
                services[move.service] = _undone(deployment, move, services.get(move.service))
    return replace(
        live,
        services=services,
        history=_history(live.history, deployment) if succeeded else live.history,
        unfinished=tuple(number for number in live.unfinished if number != deployment.number),
    )


def _has_begun(track: Track) -> bool:
    return track.step_since is not None


def _history(history: tuple[int, ...], deployment: Deployment) -> tuple[int, ...]:
    """A rollback takes away what it goes back from, so that another one goes further back."""
    if deployment.kind not in (Kind.DEPLOY, Kind.ROLLBACK):
        return history
    release = deployment.release
    if deployment.kind is Kind.ROLLBACK and release in history:
        return history[history.index(release) :]
    return (release, *(one for one in history if one != release))[:HISTORY]


def _moved(move: Move, before: LiveService | None, fence: int, now: datetime, warm: float) -> LiveService:
    colours = dict(before.colours) if before is not None else {}
    colours[move.new_colour] = move.new
    if move.old is None or move.old_colour is None or move.old_colour is move.new_colour:
        return LiveService(move.new_colour, colours, before.warm_until if before else None, fence)
    stays = move.settings.takes_traffic and move.settings.strategy is not Strategy.RECREATE
    colours[move.old_colour] = move.old if stays else replace(move.old, count=0)
    until = now + timedelta(seconds=warm) if stays else None
    return LiveService(move.new_colour, colours, until, fence)


def _undone(deployment: Deployment, move: Move, before: LiveService | None) -> LiveService:
    colours = dict(before.colours) if before is not None else {}
    colours[move.new_colour] = replace(move.new, count=0)
    if move.old is not None and move.old_colour is not None:
        colours[move.old_colour] = move.old
    other_is_warm = before is not None and move.old_colour in (None, move.new_colour)
    warm_until = before.warm_until if before is not None and other_is_warm else None
    return LiveService(move.old_colour or move.new_colour, colours, warm_until, deployment.fence)


def warm(live: Live, now: datetime) -> tuple[str, ...]:
    """The services whose old colour has been warm for long enough."""
    return tuple(
        sorted(
            name
            for name, one in live.services.items()
            if one.warm_until is not None and one.warm_until <= now
        )
    )


def warm_ends(live: Live) -> tuple[datetime, ...]:
    """Until when old colours stay warm."""
    return tuple(one.warm_until for one in live.services.values() if one.warm_until is not None)


def cooling(live: Live, services: tuple[str, ...], seen: Seen) -> tuple[Act, ...]:
    """What stops the old colours of the services. One that requests go to is left alone, whatever the record says."""
    found: list[Act] = []
    for name in services:
        idle = Place(name, other(live.services[name].active))
        if not seen.weight(idle):
            found += acts.stop(seen, idle)
    return tuple(found)


def cooled(live: Live, services: tuple[str, ...], fence: int) -> Live:
    """What runs once the old colours of the services have been told to stop."""
    found = dict(live.services)
    for name in services:
        one = found[name]
        idle = other(one.active)
        colours = dict(one.colours)
        if idle in colours:
            colours[idle] = replace(colours[idle], count=0)
        found[name] = replace(one, colours=colours, warm_until=None, fence=fence)
    return replace(live, services=found)
