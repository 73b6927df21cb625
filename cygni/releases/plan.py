"""Which services a deployment moves, from which colour to which, and in what order (pure)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cygni.naming import Colour
from cygni.releases.observed import ColourState, ServiceState
from cygni.releases.release import (
    Deployment,
    DeploymentState,
    JobRun,
    Kind,
    Live,
    Move,
    Release,
    Standing,
    Track,
)
from cygni.releases.seen import other
from cygni.releases.settings import ReleaseSettings, Strategy
from cygni.releases.strategy import steps_of, track_name, waves


@dataclass(frozen=True)
class Situation:
    """What a plan is made for: how each service wants to be released, the records of what runs, and what is seen of
    it now."""

    settings: Mapping[str, ReleaseSettings]
    live: Live
    seen: Mapping[str, ServiceState]
    now: datetime
    author: str


def planned(
    kind: Kind, release: Release, situation: Situation, *, renewed: Collection[str] = ()
) -> Deployment:
    """What brings the release live: the services of it that do not run as it says, and those `renewed`, which get
    new tasks even where their revision runs (a secret has changed, a restart). Without tracks where nothing is to be
    done.

    A rollback to a release that has not been live, or was rolled back, is judged like a deploy, but no job runs.

    Raises ValueError for dependencies in a circle.
    """
    moves = {
        name: move
        for name in sorted(situation.settings)
        if name in release.services and name in situation.seen
        if (move := _move(kind, name, release, situation, renew=name in renewed)) is not None
    }
    known = kind is not Kind.ROLLBACK or release.number in situation.live.history
    tracks = _tracks(kind if known else Kind.DEPLOY, moves, situation)
    jobs = _jobs(release, moves) if kind is Kind.DEPLOY else ()
    return Deployment(
        project=release.project,
        environment=release.environment,
        release=release.number,
        kind=kind,
        tracks=tracks,
        jobs=jobs,
        state=DeploymentState.JOBS if jobs else DeploymentState.FORWARD,
        started_at=situation.now,
        author=situation.author,
    )


def active_colour(name: str, live: Live, state: ServiceState) -> Colour:
    """The colour that serves: what most requests go to; without traffic, what runs tasks; else what the record says."""
    recorded = live.services[name].active if name in live.services else Colour.BLUE
    if state.weights is not None and any(state.weights.values()):
        return max(Colour, key=lambda colour: (state.weights or {}).get(colour, 0))
    running = [colour for colour in Colour if state.colours[colour].desired]
    return recorded if recorded in running or not running else running[0]


def _move(kind: Kind, name: str, release: Release, situation: Situation, *, renew: bool) -> Move | None:
    settings, state = situation.settings[name], situation.seen[name]
    active = active_colour(name, situation.live, state)
    revision = release.services[name].revision
    runs = state.colours[active]
    if kind is Kind.RESTART and not (renew and runs.desired):
        return None
    if not runs.desired:
        return _first(name, release, settings, active, runs)
    standing = _standing(name, active, runs, situation.live)
    # Neither changes numbers: not one that cx scale has set, nor to one that nobody has deployed yet.
    keeps = kind in (Kind.RESTART, Kind.ROLLBACK)
    count = runs.desired if keeps else _count(settings, runs)
    new = Standing(release.number, revision, count)
    if runs.revision == revision and not renew:
        if keeps or _as_wanted(settings, runs):
            return None
        return Move(name, settings, active, new, active, standing)
    in_place = settings.strategy is Strategy.ROLLING and not renew
    colour = active if in_place else other(active)
    return Move(name, settings, colour, new, active, standing)


def _first(
    name: str, release: Release, settings: ReleaseSettings, active: Colour, runs: ColourState
) -> Move | None:
    """Nothing of the service runs: nothing to compare with, nothing to go back to."""
    count = settings.count
    if settings.limits is not None:
        count = min(max(count, settings.limits.least), settings.limits.most)
    revision = release.services[name].revision
    if not count and runs.revision == revision:
        return None
    return Move(name, settings, active, Standing(release.number, revision, count))


def _standing(name: str, active: Colour, runs: ColourState, live: Live) -> Standing:
    recorded = live.services[name].colours.get(active) if name in live.services else None
    known = recorded is not None and recorded.revision == runs.revision
    return Standing(recorded.release if known and recorded else 0, runs.revision, runs.desired)


def _count(settings: ReleaseSettings, runs: ColourState) -> int:
    if settings.limits is None:
        return settings.count
    return min(max(runs.desired, settings.limits.least), settings.limits.most)


def _as_wanted(settings: ReleaseSettings, runs: ColourState) -> bool:
    if settings.limits is None:
        return runs.desired == settings.count
    return runs.limits == settings.limits


def _tracks(kind: Kind, moves: Mapping[str, Move], situation: Situation) -> tuple[Track, ...]:
    grouped: dict[str, list[Move]] = {}
    for name, move in moves.items():
        in_place = move.old_colour is move.new_colour
        # Only a switch is a matter of the group; what stays in its colour goes by itself.
        own = name if in_place or move.old is None else track_name(name, move.settings)
        grouped.setdefault(own, []).append(move)
    order = waves(situation.settings)
    wave_of = {
        own: max(order[track_name(move.service, move.settings)] for move in group)
        for own, group in grouped.items()
    }
    sign = -1 if kind is Kind.ROLLBACK else 1
    ranks = sorted({sign * wave for wave in wave_of.values()})
    return tuple(
        sorted(
            (
                Track(
                    own,
                    ranks.index(sign * wave_of[own]),
                    tuple(group),
                    steps_of(kind, group, warm=_are_warm(group, situation)),
                )
                for own, group in grouped.items()
            ),
            key=lambda track: (track.wave, track.name),
        )
    )


def _are_warm(group: list[Move], situation: Situation) -> bool:
    """Whether all new colours run what they are to run, ready to take the requests."""
    for move in group:
        state = situation.seen[move.service].colours[move.new_colour]
        ready = min(state.desired, state.running, state.healthy) >= move.new.count and not state.outdated
        if state.revision != move.new.revision or not ready:
            return False
    return True


def _jobs(release: Release, moves: Mapping[str, Move]) -> tuple[JobRun, ...]:
    """Each job that a service which gets a new revision asks for, once."""
    timeouts: dict[str, float] = {}
    for move in moves.values():
        job = move.settings.before
        if job in release.jobs and (move.old is None or move.old.revision != move.new.revision):
            timeouts[job] = max(timeouts.get(job, 0.0), move.settings.before_timeout)
    return tuple(JobRun(job, release.jobs[job], timeout) for job, timeout in sorted(timeouts.items()))


def without_alarms(deployment: Deployment, names: Collection[str]) -> Deployment:
    """The deployment, of which no gate watches these alarms."""

    def quiet(move: Move) -> Move:
        gates = move.settings.gates
        watched = tuple(name for name in gates.alarms if name not in names)
        return replace(move, settings=replace(move.settings, gates=replace(gates, alarms=watched)))

    tracks = (replace(track, moves=tuple(quiet(move) for move in track.moves)) for track in deployment.tracks)
    return replace(deployment, tracks=tuple(tracks))


def without_services(deployment: Deployment, names: Collection[str]) -> Deployment:
    """The deployment of the other services alone; tracks that had no others are left out."""
    tracks = (
        replace(track, moves=tuple(move for move in track.moves if move.service not in names))
        for track in deployment.tracks
    )
    return replace(deployment, tracks=tuple(track for track in tracks if track.moves))
