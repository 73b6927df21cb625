"""What a deployment tells while it goes on: for a live view, for plain lines, and as JSON for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from cygni.naming import Colour
from cygni.releases.gates import State
from cygni.releases.release import DeploymentState, Kind, Track, Wish
from cygni.releases.steps import Approve, Bake, Clear, Roll, Shift, Start, Step, StopOld, Try, Unpin


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """A deployment begins, or (`resumed`) goes on where another command left it. `tracks` maps each track to the labels
    of its steps, in the order of the waves; `floor` is the least time it takes, in seconds."""

    at: datetime
    deployment: int
    release: int
    kind: Kind
    tracks: Mapping[str, tuple[str, ...]]
    floor: float
    resumed: bool = False
    event: Literal["began"] = "began"


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """The deployment as a whole goes on in another way, or has ended; `reason` says why it goes back."""

    at: datetime
    state: DeploymentState
    reason: str = ""
    event: Literal["changed"] = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepBegan:
    """A track goes to its step number `index` (from 0); `waits` is for how long at least, in seconds."""

    at: datetime
    track: str
    index: int
    label: str
    waits: float = 0.0
    event: Literal["step_began"] = "step_began"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEnded:
    """A step has come to an end after `seconds`; not `passed` where the deployment goes back."""

    at: datetime
    track: str
    index: int
    label: str
    seconds: float
    passed: bool
    event: Literal["step_ended"] = "step_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """What a track, or a job, waits for now, in words."""

    at: datetime
    track: str
    text: str
    event: Literal["waits"] = "waits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The tasks of one colour, where they have changed."""

    at: datetime
    service: str
    colour: Colour
    desired: int
    running: int
    pending: int
    outdated: int
    healthy: int
    event: Literal["counts"] = "counts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """How the requests of a service are divided, in percent, where that has changed."""

    at: datetime
    service: str
    weights: Mapping[Colour, int]
    event: Literal["weights"] = "weights"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRead:
    """What one gate finds, where that has changed: `value` and `limit` in `unit` (percent, seconds, requests)."""

    at: datetime
    service: str
    gate: str
    state: State
    unit: str
    value: float | None
    limit: float | None
    requests: int
    text: str
    event: Literal["gate"] = "gate"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFailed:
    """A task of the new colour has failed."""

    at: datetime
    service: str
    colour: Colour
    task: str
    reason: str
    exit_code: int | None
    event: Literal["task_failed"] = "task_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A line that a task of the new colour wrote."""

    at: datetime
    service: str
    colour: Colour
    task: str
    text: str
    event: Literal["log"] = "log"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobBegan:
    at: datetime
    job: str
    task: str
    event: Literal["job_began"] = "job_began"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnded:
    at: datetime
    job: str
    passed: bool
    event: Literal["job_ended"] = "job_ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Somebody's request has been heard."""

    at: datetime
    wish: Wish
    author: str
    event: Literal["asked"] = "asked"


Event = Annotated[
    Began
    | Changed
    | StepBegan
    | StepEnded
    | Waits
    | Counts
    | Weighed
    | GateRead
    | TaskFailed
    | Logged
    | JobBegan
    | JobEnded
    | Asked,
    Field(discriminator="event"),
]
Sink = Callable[[Event], None]


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Any]:
    return TypeAdapter(Event)


def to_dict(event: Event) -> dict[str, Any]:
    """The event as JSON values; `event` says which it is."""
    found: dict[str, Any] = _adapter().dump_python(event, mode="json")
    return found


def from_dict(written: Mapping[str, Any]) -> Event:
    """What `to_dict` wrote. Raises ValueError for anything else."""
    found: Event = _adapter().validate_python(dict(written))
    return found


def label(step: Step) -> str:
    """A step for people."""
    match step:
        case Clear():
            return "stop what is idle"
        case Start():
            return "start"
        case Try():
            return "check"
        case Approve():
            return "approval"
        case Shift(weight=weight):
            return f"shift to {weight} %"
        case Bake():
            return "bake"
        case StopOld():
            return "stop the old"
        case Roll():
            return "roll"
        case Unpin():
            return "free autoscaling"


def labels(track: Track) -> tuple[str, ...]:
    """The track's steps for people."""
    return tuple(label(step) for step in track.steps)
