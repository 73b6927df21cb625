"""A target's state after each check, as Elastic Load Balancing tells it. Pure.

A new target is healthy after its first good check; from then on it takes as many in a row as the target group says to
become unhealthy or healthy (guide for application load balancers, "Health checks for your target groups").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from cygni.local_cloud.data_plane.reports import TargetState
from cygni.local_cloud.data_plane.snapshot import HealthCheck, Target, TargetGroup


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one check: the code that was answered; None when it was no answer in time, or none at all."""

    code: int | None = None
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """`passed` and `failed` count the last checks in a row."""

    state: TargetState = "initial"
    reason: str = "Elb.RegistrationInProgress"
    description: str = "Target registration is in progress"
    passed: int = 0
    failed: int = 0

    @property
    def settled(self) -> bool:
        return self.state != "initial"


HEALTHY = Health("healthy", "", "")
CHECKING = Health("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
UNREACHABLE = Health("unhealthy", "Target.Timeout", "Request timed out")
"""Of a target that is not on this machine."""


def after_check(health: Health, check: HealthCheck, outcome: Outcome) -> Health:
    """The state after one more check."""
    if passes(check, outcome):
        passed = health.passed + 1
        if health.state in ("initial", "healthy") or passed >= check.healthy_threshold:
            return replace(HEALTHY, passed=passed)
        return replace(health, passed=passed, failed=0)
    failed = health.failed + 1
    if health.state == "unhealthy" or failed >= check.unhealthy_threshold:
        reason, description = _why(outcome)
        return Health("unhealthy", reason, description, failed=failed)
    if health.state == "initial":
        return replace(CHECKING, failed=failed)
    return replace(health, passed=0, failed=failed)


def passes(check: HealthCheck, outcome: Outcome) -> bool:
    return outcome.code is not None and matches(check.codes, outcome.code)


def matches(codes: str, code: int) -> bool:
    """Whether a matcher ("200", "200-299", "200,202") names the code."""
    for part in re.split(r"\s*,\s*", codes.strip()):
        low, _, high = part.partition("-")
        if int(low) <= code <= int(high or low):
            return True
    return False


def receiving(group: TargetGroup, health: Mapping[Target, Health]) -> frozenset[Target]:
    """The targets that get requests: the healthy ones; all where none is (Elastic Load Balancing fails open)."""
    healthy = frozenset(one for one in group.targets if _state(health, one) == "healthy")
    return healthy or frozenset(group.targets)


def counts(targets: Iterable[Target], health: Mapping[Target, Health]) -> tuple[int, int]:
    """How many are healthy, and how many are not; those that were not yet checked count as neither."""
    states = [_state(health, target) for target in targets]
    return states.count("healthy"), states.count("unhealthy")


def _state(health: Mapping[Target, Health], target: Target) -> str:
    return health.get(target, Health()).state


def _why(outcome: Outcome) -> tuple[str, str]:
    if outcome.timed_out:
        return "Target.Timeout", "Request timed out"
    if outcome.code is not None:
        return "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{outcome.code}]"
    return "Target.FailedHealthChecks", "Health checks failed"
