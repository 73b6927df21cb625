"""When a deployment has failed, and how long its scheduler waits before the next try (pure).

Sources: Amazon ECS developer guide, "How the Amazon ECS deployment circuit breaker detects failures" and "Amazon ECS
service throttle logic"; API reference, DeploymentCircuitBreaker and ThresholdConfiguration.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

LEAST_THRESHOLD: Final = 3
MOST_THRESHOLD: Final = 200
DEFAULT_PERCENT: Final = 50
"""The circuit breaker's bounds and share of the desired count (developer guide)."""

LONGEST_WAIT: Final = 27 * 60.0
"""Seconds between two tries of tasks that never run (developer guide)."""

LONGEST_CRASH_WAIT: Final = 60.0
"""Seconds between two tries of tasks that run and end. ECS has no wait of its own there, but the next Fargate task
takes about as long to be provisioned, and a process of this machine no time at all."""

SETTLED_AFTER: Final = 5.0
"""Seconds of running after which a task without a health check counts as started. How long ECS looks is not
documented; that a task that ends at once counts as failed is."""

SPEAKS_AFTER: Final = 3
"""Failures in a row after which a service says that it cannot start tasks."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """A service's circuit breaker, read from `deploymentCircuitBreaker`."""

    enabled: bool = False
    rolls_back: bool = False
    resets: bool = True
    type: str = "BOUNDED_PERCENT"
    value: int = DEFAULT_PERCENT

    @classmethod
    def of(cls, configuration: Mapping[str, Any] | None) -> Breaker:
        """From a service's `deploymentConfiguration`."""
        found = (configuration or {}).get("deploymentCircuitBreaker") or {}
        threshold = found.get("thresholdConfiguration") or {}
        return cls(
            enabled=bool(found.get("enable")),
            rolls_back=bool(found.get("rollback")),
            resets=found.get("resetOnHealthyTask") is not False,
            type=str(threshold.get("type") or "BOUNDED_PERCENT"),
            value=int(threshold.get("value") or DEFAULT_PERCENT),
        )

    def threshold(self, desired: int) -> int:
        """How many failed tasks make a deployment fail."""
        if self.type == "COUNT":
            return max(1, self.value)
        share = -(-desired * self.value // 100)
        if self.type == "UNBOUNDED_PERCENT":
            return max(1, share)
        return min(max(share, LEAST_THRESHOLD), MOST_THRESHOLD)

    def trips(self, desired: int, failed: int) -> bool:
        return self.enabled and failed >= self.threshold(desired)


def wait_after(failures: int, *, ran: bool) -> float:
    """Seconds to wait after so many failures in a row, the last of which `ran` or never did."""
    if failures < 1:
        return 0.0
    longest = LONGEST_CRASH_WAIT if ran else LONGEST_WAIT
    return float(min(2 ** min(failures - 1, 30), longest))
