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


# The task runner's reports (task states, service events, log events) are added here.
Report = TargetHealth | MetricDatum | MetricTotals | ListenerState
