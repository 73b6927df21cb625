"""What the data plane tells the server: taken in the order in which it was said, each by the module of
`cygni/local_cloud/control_plane` that its type is listed with there. Times are seconds since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TargetState = Literal["initial", "healthy", "unhealthy", "unused", "draining", "unavailable"]


@dataclass(frozen=True, slots=True)
class TargetHealth:
    """The state of one target, with AWS's reason code and words. `since` is the snapshot's: a report on an earlier
    target at the address is dropped. "unused" ends a draining target."""

    target_group_arn: str
    id: str
    port: int
    since: float
    state: TargetState
    reason: str = ""
    description: str = ""
    type: Literal["target-health"] = "target-health"


@dataclass(frozen=True, slots=True)
class MetricDatum:
    """What was measured of one metric: each value and how often it was seen. `timestamp` 0 is when it arrives."""

    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    timestamp: float
    values: tuple[float, ...]
    counts: tuple[float, ...]
    unit: str = "None"
    region: str = "us-east-1"
    type: Literal["metric"] = "metric"


@dataclass(frozen=True, slots=True)
class MetricTotals:
    """What `source` has measured of one metric since it began: each value and how often. The server counts what is new
    in it, so that what is told twice, or not at all but the next time, is counted once. `source` is another each time
    it begins at zero."""

    source: str
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]
    timestamp: float
    values: tuple[float, ...]
    counts: tuple[float, ...]
    unit: str = "None"
    region: str = "us-east-1"
    type: Literal["metric-totals"] = "metric-totals"


@dataclass(frozen=True, slots=True)
class ListenerState:
    """Whether a listener is served at its local port; `problem` says why not, for a person."""

    listener_arn: str
    problem: str = ""
    type: Literal["listener"] = "listener"


@dataclass(frozen=True, slots=True)
class ContainerState:
    """A container of a task. `exit_code` is None until it has ended, and where it never began. `port` is the one of
    this machine that it was told to listen on, instead of `container_port`; 0 for none."""

    name: str
    status: Literal["PENDING", "RUNNING", "STOPPED"]
    exit_code: int | None = None
    reason: str = ""
    port: int = 0
    container_port: int = 0
    runtime_id: str = ""


@dataclass(frozen=True, slots=True)
class TaskState:
    """All that is known of a task. `reason` says, in ECS's words, why it could not be started; then it has ended."""

    task_arn: str
    containers: tuple[ContainerState, ...]
    at: float
    reason: str = ""
    type: Literal["task"] = "task"


@dataclass(frozen=True, slots=True)
class LogEvents:
    """What a container has said, each line with its time in milliseconds. `start` and `position` say where in all
    that it has said: what begins before the last position was reported before."""

    task_arn: str
    container: str
    start: int
    position: int
    events: tuple[tuple[int, str], ...]
    type: Literal["log"] = "log"


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """Whether the database with this resource id takes connections at its local port; `problem` says why not, for a
    person."""

    id: str
    status: Literal["creating", "available", "failed"]
    problem: str = ""
    type: Literal["database"] = "database"


Report = TargetHealth | MetricDatum | MetricTotals | ListenerState | TaskState | LogEvents | DatabaseState
