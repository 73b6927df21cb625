"""What runs of an environment and what is under way, as one look and the records have it (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from cygni.naming import Colour
from cygni.releases.events import label
from cygni.releases.observed import ServiceState
from cygni.releases.plan import active_colour
from cygni.releases.release import Deployment, Live, Release, Standing, Track
from cygni.releases.seen import running_job, step_of


@dataclass(frozen=True, slots=True)
class ColourStatus:
    """One colour of a service. `weight` is its percent of the requests, None of a service without traffic; `release` is
    what it runs as the records have it, 0 where they do not know."""

    colour: str
    active: bool
    release: int
    desired: int
    running: int
    pending: int
    outdated: int
    healthy: int
    weight: int | None


@dataclass(frozen=True, slots=True)
class RunningStatus:
    """A service, its active colour first. `warm_until` is when the idle one stops (ISO 8601), None where it is cold."""

    service: str
    colours: tuple[ColourStatus, ...]
    warm_until: str | None


@dataclass(frozen=True, slots=True)
class TrackStatus:
    """How far services that switch together have come: `step` of `steps` (from 1), which is called `label`."""

    track: str
    state: str
    step: int
    steps: int
    label: str
    since: str | None


@dataclass(frozen=True, slots=True)
class DeploymentStatus:
    """A deployment that has not ended. `holder` is who carries it out; None where nobody does any more."""

    deployment: int
    release: int
    kind: str
    state: str
    paused: bool
    started_at: str
    author: str
    job: str | None
    tracks: tuple[TrackStatus, ...]
    holder: str | None


@dataclass(frozen=True, slots=True)
class ReleaseStatus:
    """`release` is the one that is live, 0 before the first; `services` is empty where the cloud was not asked."""

    release: int
    created_at: str | None
    author: str | None
    services: tuple[RunningStatus, ...]
    under_way: tuple[DeploymentStatus, ...]

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)


def release_status(
    live: Live,
    release: Release | None,
    seen: Mapping[str, ServiceState],
    unfinished: tuple[Deployment, ...],
    holders: Mapping[str, str],
) -> ReleaseStatus:
    """`release` is the record of what is live, `holders` who is releasing which service now."""
    return ReleaseStatus(
        release=live.history[0] if live.history else 0,
        created_at=_text(release.created_at) if release is not None else None,
        author=release.author if release is not None else None,
        services=tuple(_service(name, state, live, unfinished) for name, state in sorted(seen.items())),
        under_way=tuple(_deployment(one, holders) for one in unfinished),
    )


def _service(name: str, state: ServiceState, live: Live, unfinished: tuple[Deployment, ...]) -> RunningStatus:
    active, recorded = active_colour(name, live, state), live.services.get(name)
    known = [*(recorded.colours.values() if recorded is not None else ()), *_wanted(name, unfinished)]
    release_of = {standing.revision: standing.release for standing in known}
    return RunningStatus(
        service=name,
        colours=tuple(
            _colour(colour, active, state, release_of.get(state.colours[colour].revision, 0))
            for colour in sorted(state.colours, key=lambda colour: (colour is not active, colour))
        ),
        warm_until=_text(recorded.warm_until) if recorded is not None else None,
    )


def _wanted(name: str, unfinished: tuple[Deployment, ...]) -> list[Standing]:
    """What deployments under way start of the service."""
    moves = (move for one in unfinished for track in one.tracks for move in track.moves)
    return [move.new for move in moves if move.service == name]


def _colour(colour: Colour, active: Colour, state: ServiceState, release: int) -> ColourStatus:
    one = state.colours[colour]
    return ColourStatus(
        colour=colour.value,
        active=colour is active,
        release=release,
        desired=one.desired,
        running=one.running,
        pending=one.pending,
        outdated=one.outdated,
        healthy=one.healthy,
        weight=state.weights.get(colour, 0) if state.weights is not None else None,
    )


def _deployment(deployment: Deployment, holders: Mapping[str, str]) -> DeploymentStatus:
    job = running_job(deployment)
    return DeploymentStatus(
        deployment=deployment.number,
        release=deployment.release,
        kind=deployment.kind.value,
        state=deployment.state.value,
        paused=deployment.paused,
        started_at=_text(deployment.started_at) or "",
        author=deployment.author,
        job=job.job if job is not None else None,
        tracks=tuple(_track(track) for track in deployment.tracks),
        holder=next((holders[name] for name in deployment.services if name in holders), None),
    )


def _track(track: Track) -> TrackStatus:
    step = step_of(track)
    return TrackStatus(
        track=track.name,
        state=track.state.value,
        step=min(track.step + 1, len(track.steps)),
        steps=len(track.steps),
        label=label(step) if step is not None else "",
        since=_text(track.step_since),
    )


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment is not None else None
