"""What is looked at, how often, and when a look that failed is made again (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from cygni.billing.meters import (
    EGRESS_GB,
    MEMORY_GB_HOURS,
    PREVIEW_HOURS,
    REQUESTS,
    SEATS,
    STORAGE_GB_MONTHS,
    VCPU_HOURS,
    Meter,
)


class Look(StrEnum):
    """`SEATS` is of an organisation, the others are of an environment."""

    RUNNING = "running"
    TRAFFIC = "traffic"
    STORAGE = "storage"
    SEATS = "seats"


OF_ENVIRONMENTS: Final = (Look.RUNNING, Look.TRAFFIC, Look.STORAGE)
METERS: Final[Mapping[Look, tuple[Meter, ...]]] = {
    Look.RUNNING: (VCPU_HOURS, MEMORY_GB_HOURS, PREVIEW_HOURS),
    Look.TRAFFIC: (REQUESTS, EGRESS_GB),
    Look.STORAGE: (STORAGE_GB_MONTHS,),
    Look.SEATS: (SEATS,),
}
PAUSES: Final[Mapping[Look, timedelta]] = {
    Look.RUNNING: timedelta(minutes=5),  # ECS tells of tasks that have stopped for an hour
    Look.TRAFFIC: timedelta(minutes=30),
    Look.STORAGE: timedelta(hours=1),
    Look.SEATS: timedelta(minutes=5),
}
DELAYS: Final[Mapping[Look, timedelta]] = {
    Look.RUNNING: timedelta(minutes=10),
    Look.TRAFFIC: timedelta(minutes=20),  # load balancers report each minute, some minutes late
}
"""Until an hour that is over is told of."""
AGAIN: Final = timedelta(hours=6)
"""How far back counts of CloudWatch are read again: what comes later than that is not counted."""
BACK: Final = timedelta(days=1)
"""How far back an environment is measured that is looked at for the first time."""
FORGOTTEN: Final = timedelta(hours=6)
"""How long an environment that is gone is looked at still: what it used in its last hour is told when that is over."""
KEPT: Final = timedelta(days=40)
"""How long runs that have ended are kept."""


def pause_after(look: Look, failures: int) -> timedelta:
    """Until the next look, after so many that failed one after another."""
    if not failures:
        return PAUSES[look]
    return min(timedelta(minutes=2 ** min(failures, 6)), PAUSES[look] * 6)
