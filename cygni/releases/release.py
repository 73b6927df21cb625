"""The records: what a release is, what runs, and how far an attempt to make it run has come (pure values).

Each is kept as JSON and read back equal. They hold no secret: of a secret, only its version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from cygni.errors import StateError
from cygni.naming import Colour
from cygni.releases.estimate import EstimateRecord, KeptEstimate
from cygni.releases.observed import Place
from cygni.releases.settings import ReleaseSettings
from cygni.releases.steps import Step

FORMAT = 1
"""Of the JSON; a record of another is refused."""


@dataclass(frozen=True, slots=True)
class ServiceRelease:
    """A service as a release has it: what decides how its tasks behave.

    `revision` is the task definition (its ARN), `image` names its image by digest where that is known,
    `configuration` is a digest of everything else in the task definition, `secrets` maps the variables that are secrets
    to the versions that these had.
    """

    revision: str
    image: str = ""
    configuration: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)


def changed_secrets(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """The variables whose secrets have another version. What is known of one side alone is no change: another set of
    secrets is another revision."""
    return tuple(sorted(name for name in before.keys() & now.keys() if before[name] != now[name]))


@dataclass(frozen=True, slots=True)
class Release:
    """An immutable record of what was to run. `jobs` maps jobs to their revisions, `monthly` is the known fixed cost in
    USD per month, `estimate` what that is made of; older records have none. `number` counts the releases of an
    environment, from 1; 0 has not been kept yet."""

    project: str
    environment: str
    services: Mapping[str, ServiceRelease]
    created_at: datetime
    author: str
    jobs: Mapping[str, str] = field(default_factory=dict)
    monthly: Decimal | None = None
    number: int = 0
    estimate: KeptEstimate | None = None

    @property
    def id(self) -> str:
        """Twelve hex digits that tell what runs: the same for two releases of the same services."""
        content = {
            "project": self.project,
            "environment": self.environment,
            "services": {
                name: [one.revision, one.image, one.configuration, sorted(one.secrets.items())]
                for name, one in sorted(self.services.items())
            },
            "jobs": dict(sorted(self.jobs.items())),
        }
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Standing:
    """What one colour is to run: `count` tasks of a release's revision. `release` is 0 where no record has it."""

    release: int
    revision: str
    count: int


@dataclass(frozen=True, slots=True)
class LiveService:
    """What runs of one service: each colour, which of them is active, and until when the other stays warm (None: it is
    cold). `fence` is of the lease under which this was written."""

    active: Colour
    colours: Mapping[Colour, Standing]
    warm_until: datetime | None = None
    fence: int = 0


@dataclass(frozen=True, slots=True)
class Live:
    """What runs in an environment. `history` are the releases that were live and may be gone back to, the one that is
    live first. `unfinished` are the deployments that have neither succeeded nor gone back."""

    services: Mapping[str, LiveService] = field(default_factory=dict)
    history: tuple[int, ...] = ()
    unfinished: tuple[int, ...] = ()


class Kind(StrEnum):
    """What a deployment was asked for."""

    DEPLOY = "deploy"
    ROLLBACK = "rollback"
    RESTART = "restart"
    SCALE = "scale"


class DeploymentState(StrEnum):
    """`jobs`: the jobs before it run. `forward` and `back`: traffic goes to the new colours, or back to the old. The
    others are ends; after `rollback_failed` another command tries again."""

    JOBS = "jobs"
    FORWARD = "forward"
    BACK = "back"
    SUCCEEDED = "succeeded"
    ROLLED_BACK = "rolled_back"
    ROLLBACK_FAILED = "rollback_failed"

    @property
    def ended(self) -> bool:
        return self in (self.SUCCEEDED, self.ROLLED_BACK, self.ROLLBACK_FAILED)


@dataclass(frozen=True, slots=True)
class Move:
    """One service's way from the old colour to the new one. Nothing ran before where `old` is None; ECS rolls the one
    active colour where both are the same."""

    service: str
    settings: ReleaseSettings
    new_colour: Colour
    new: Standing
    old_colour: Colour | None = None
    old: Standing | None = None

    @property
    def new_place(self) -> Place:
        return Place(self.service, self.new_colour)

    @property
    def old_place(self) -> Place | None:
        return Place(self.service, self.old_colour) if self.old_colour is not None else None


class TrackState(StrEnum):
    """`waiting` for tracks it depends on; `forward` at its step; `done` with all; going `back`; `undone`."""

    WAITING = "waiting"
    FORWARD = "forward"
    DONE = "done"
    BACK = "back"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Track:
    """Services that switch together, and how far they have come. Tracks of one `wave` go side by side; the next wave
    begins when they are done, and goes back first.

    `step` is the index of the step under way, which began at `step_since`; `shifted_at` is when new tasks first took
    traffic, `ailing_since` since when requests go to a new colour of which no task is healthy.
    """

    name: str
    wave: int
    moves: tuple[Move, ...]
    steps: tuple[Step, ...]
    state: TrackState = TrackState.WAITING
    step: int = 0
    step_since: datetime | None = None
    shifted_at: datetime | None = None
    ailing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class JobRun:
    """A job that must succeed before anything is started. `task` is empty until it was started."""

    job: str
    revision: str
    timeout: float
    task: str = ""
    since: datetime | None = None
    succeeded: bool = False


class Cause(StrEnum):
    """Why a deployment goes back."""

    GATE = "gate"
    CHECK = "check"
    TASKS = "tasks"
    START = "start"
    JOB = "job"
    ABORTED = "aborted"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, in words and in numbers. `place` and `task` name the task that says more in its log, where there is one."""

    cause: Cause
    text: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    place: Place | None = None
    task: str = ""
    exit_code: int | None = None


class Wish(StrEnum):
    """What may be asked of a deployment under way. `promote` ends the wait it is in, `promote_full` all of them."""

    PAUSE = "pause"
    RESUME = "resume"
    PROMOTE = "promote"
    PROMOTE_FULL = "promote_full"
    ABORT = "abort"


@dataclass(frozen=True, slots=True)
class Request:
    """Something asked of a deployment by another command; `id` tells it from any other."""

    id: str
    wish: Wish
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Deployment:
    """One attempt to make a release live. It is kept before whatever it says is done.

    `fence` is that of the lease under which it was last written, `back_since` when it began to go back, `answered` the
    id of the last request that was heard, `hurried` that no step before the last shift waits any more.
    """

    project: str
    environment: str
    release: int
    kind: Kind
    tracks: tuple[Track, ...]
    started_at: datetime
    author: str
    number: int = 0
    state: DeploymentState = DeploymentState.FORWARD
    jobs: tuple[JobRun, ...] = ()
    fence: int = 0
    paused: bool = False
    hurried: bool = False
    answered: str = ""
    back_since: datetime | None = None
    ended_at: datetime | None = None
    reason: Reason | None = None
    failure: Reason | None = None
    """Why it could not go back."""

    @property
    def services(self) -> tuple[str, ...]:
        """All that it moves, by name."""
        return tuple(sorted(move.service for track in self.tracks for move in track.moves))

    def with_track(self, track: Track) -> Deployment:
        """With `track` in the place of the one of its name."""
        return replace(self, tracks=tuple(track if one.name == track.name else one for one in self.tracks))


AnyRecord = Release | Live | Deployment | Request | EstimateRecord
Record = TypeVar("Record", bound=AnyRecord)


_KINDS = (Release, Live, Deployment, Request, EstimateRecord)


@lru_cache(maxsize=8)
def _adapter(name: str) -> TypeAdapter[Any]:
    return TypeAdapter({kind.__name__: kind for kind in _KINDS}[name])


def to_json(record: AnyRecord) -> bytes:
    """The record as JSON, the same for equal records."""
    content = _adapter(type(record).__name__).dump_python(record, mode="json")
    return json.dumps({"format": FORMAT, **content}, sort_keys=True, separators=(",", ":")).encode()


def from_json(kind: type[Record], text: bytes, shown: str) -> Record:
    """The record in `text`, which `shown` names for people. Raises StateError for anything else."""
    try:
        content = json.loads(text)
        if not isinstance(content, dict) or content.pop("format", None) != FORMAT:
            raise StateError(f"{shown} was not written by this version of Cygni", hint=_HINT)
        record: Record = _adapter(kind.__name__).validate_python(content)
    except (ValueError, RecursionError) as error:
        said = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise StateError(f"{shown} cannot be read: {said}", hint=_HINT) from None
    return record


_HINT = "Use the version of Cygni that wrote it, or a newer one."
