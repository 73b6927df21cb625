"""What the machine asks to see, and what it is shown (pure values)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cygni.naming import Colour
from cygni.releases.gates import BASELINE, watches
from cygni.releases.observed import (
    AlarmState,
    CheckResult,
    ColourState,
    JobState,
    Period,
    Place,
    ServiceState,
    StoppedTask,
)
from cygni.releases.release import Deployment, DeploymentState, JobRun, Move, Request, Track, TrackState
from cygni.releases.steps import Bake, Step, Try


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be read before the machine can go on. `counted` has for each time since when traffic matters the
    colours it matters of."""

    services: tuple[str, ...] = ()
    stopped: tuple[Place, ...] = ()
    counted: Mapping[datetime, tuple[Place, ...]] = field(default_factory=dict)
    alarms: tuple[str, ...] = ()
    tried: tuple[Move, ...] = ()
    job: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """The world at one moment, as far as it was asked for. `period` and `delay` (seconds) are those of the metrics,
    `settling` that of the target."""

    services: Mapping[str, ServiceState] = field(default_factory=dict)
    stopped: Sequence[StoppedTask] = ()
    counted: Mapping[Place, Sequence[Period]] = field(default_factory=dict)
    period: float = 0.0
    delay: float = 0.0
    settling: float = 0.0
    alarms: Mapping[str, AlarmState] = field(default_factory=dict)
    tried: Mapping[Place, CheckResult] = field(default_factory=dict)
    job: JobState | None = None
    request: Request | None = None

    def colour(self, place: Place) -> ColourState:
        return self.services[place.service].colours[place.colour]

    def weight(self, place: Place) -> int:
        """Percent of the requests; 0 of a service without traffic. Weights that do not add up to 100 are scaled."""
        weights = self.services[place.service].weights
        total = sum(weights.values()) if weights else 0
        return round(100 * weights.get(place.colour, 0) / total) if weights and total else 0


def other(colour: Colour) -> Colour:
    """The one that `colour` is not."""
    return Colour.GREEN if colour is Colour.BLUE else Colour.BLUE


def step_of(track: Track) -> Step | None:
    """The step under way; None where all are done."""
    return track.steps[track.step] if track.step < len(track.steps) else None


def needs(deployment: Deployment) -> Needs:
    """What to read for the next decision on the deployment."""
    running = running_job(deployment)
    job = running.task if running is not None else ""
    if deployment.state is not DeploymentState.FORWARD:
        services = deployment.services if deployment.state is DeploymentState.BACK else ()
        return Needs(services=services, job=job)
    forward = [track for track in deployment.tracks if track.state is TrackState.FORWARD]
    baking = [track for track in forward if isinstance(step_of(track), Bake)]
    return Needs(
        services=deployment.services,
        stopped=tuple(move.new_place for track in forward for move in track.moves),
        counted=_counted(baking),
        alarms=tuple(
            sorted({name for track in baking for move in track.moves for name in move.settings.gates.alarms})
        ),
        tried=tuple(
            move
            for track in forward
            if isinstance(step_of(track), Try)
            for move in track.moves
            if move.settings.gates.http or move.settings.gates.smoke
        ),
    )


def running_job(deployment: Deployment) -> JobRun | None:
    """The job that was started and has not succeeded, as far as is known."""
    return next((run for run in deployment.jobs if run.task and not run.succeeded), None)


def is_counted(move: Move) -> bool:
    """Whether what the load balancer counts of the service matters."""
    return move.settings.takes_traffic and watches(move.settings.gates)


def _counted(baking: Sequence[Track]) -> dict[datetime, tuple[Place, ...]]:
    found: dict[datetime, tuple[Place, ...]] = {}
    for track in baking:
        begun = track.shifted_at or track.step_since
        places = [
            place
            for move in track.moves
            if is_counted(move)
            for place in dict.fromkeys((move.new_place, move.old_place))
            if place is not None
        ]
        if begun is not None and places:
            since = begun - timedelta(seconds=BASELINE)
            found[since] = (*found.get(since, ()), *places)
    return found
