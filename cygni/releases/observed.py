"""What is seen of the services at one moment (pure values)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from cygni.naming import Colour
from cygni.releases.settings import Limits

Weights = Mapping[Colour, int]
"""What part of the requests each colour gets: whole percent, 100 in all."""


class Place(NamedTuple):
    """One colour of one service, by the service's name in cygni.yaml."""

    service: str
    colour: Colour


@dataclass(frozen=True, slots=True)
class ColourState:
    """One colour of a service.

    `revision` is the task definition (its ARN) that it is set to, `desired` the tasks it is set to. `running` are the
    tasks of that revision, `outdated` those that still run of another, `pending` those of either that start.
    `healthy` are the targets that the load balancer sends requests to, of any revision; of a service without
    traffic, it is `running`. `limits` are those of autoscaling, None where there is none.
    """

    revision: str
    desired: int
    running: int = 0
    pending: int = 0
    outdated: int = 0
    healthy: int = 0
    limits: Limits | None = None


@dataclass(frozen=True, slots=True)
class ServiceState:
    """Both colours of a service; `weights` is None of a service without traffic."""

    colours: Mapping[Colour, ColourState]
    weights: Weights | None = None


@dataclass(frozen=True, slots=True)
class StoppedTask:
    """A task that has stopped. `failed` says that nobody asked it to: it ended by itself, could not be started, or was
    replaced because it failed its health check. Not what was scaled in, replaced by a deploy or taken back by AWS
    (Spot). `reason` is as ECS words it, `exit_code` None where no process ran."""

    id: str
    place: Place
    revision: str
    created_at: datetime
    stopped_at: datetime
    failed: bool
    reason: str
    exit_code: int | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """What the load balancer counted of one colour in one period of `seconds`.

    `errors` are answers of the tasks with 5xx and connections to them that failed. `latency` maps quantiles (0.5, 0.75,
    0.9, 0.95, 0.99, as far as they are known) to seconds; it is empty where there were no requests.
    """

    start: datetime
    seconds: float
    requests: int
    errors: int
    latency: Mapping[float, float] = field(default_factory=dict)


QUANTILES = (0.5, 0.75, 0.9, 0.95, 0.99)
"""Those of `Period.latency` that the gates use."""


class JobPhase(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class JobState:
    """A job that was started. Once it is stopped it has succeeded if its `exit_code` is 0; `reason` as ECS words it."""

    id: str
    phase: JobPhase
    exit_code: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What came of an HTTP check or a smoke command: `detail` says it in words (a status, an exit code and the last
    lines)."""

    passed: bool
    detail: str
    seconds: float = 0.0


class AlarmState(StrEnum):
    """As CloudWatch has it, in lower case; `missing` is an alarm that is not there."""

    OK = "ok"
    ALARM = "alarm"
    INSUFFICIENT_DATA = "insufficient_data"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line that a task wrote."""

    at: datetime
    task: str
    text: str
