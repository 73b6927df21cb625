"""How a load balancer tells whether a task of a service is well."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HealthCheck:
    """A target group's health check. `interval`, `timeout` and `grace_period` are in seconds; for the last of them
    after its start a task is not replaced for what the check says. `codes` as in "200-399"."""

    path: str
    interval: int
    timeout: int
    healthy_threshold: int
    unhealthy_threshold: int
    codes: str
    grace_period: int = 60


def matches(status: int, codes: str) -> bool:
    """Whether an HTTP status is one of `codes`: codes and ranges with commas, as in "200-299,302" (ELBv2 Matcher)."""
    for one in codes.split(","):
        first, _, last = one.strip().partition("-")
        if int(first) <= status <= int(last or first):
            return True
    return False
