"""How long a lease lasts, and what happens when it is not renewed (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. A lease of `lease` is renewed each `renew`. Where it was not for `stop`, the worker's program is told to
    end, and killed after `kill`, so that it is gone when another worker begins. A program that was asked to end for
    another reason has `grace` to finish what the cloud is doing. The queue is looked at each `poll`.
    """

    lease: float = 15.0
    renew: float = 5.0
    stop: float = 8.0
    kill: float = 13.0
    grace: float = 120.0
    poll: float = 1.0

    @property
    def lease_time(self) -> timedelta:
        return timedelta(seconds=self.lease)
