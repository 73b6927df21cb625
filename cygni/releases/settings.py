"""How a service wants to be released: what cygni.yaml says, with every default filled in (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Strategy(StrEnum):
    """How a new release takes over from the old one."""

    BLUE_GREEN = "blue-green"
    CANARY = "canary"
    ROLLING = "rolling"
    RECREATE = "recreate"


class TooFew(StrEnum):
    """What to do where a gate has waited as long as it may, and there were too few requests to judge by."""

    CONTINUE = "continue"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class CanaryStep:
    """`weight` percent of the requests go to the new colour, for at least `pause` seconds."""

    weight: int
    pause: float


@dataclass(frozen=True, slots=True)
class HttpCheck:
    """A request to the new colour before it takes traffic: it must be answered with a status of `codes` (as in
    "200-399"), within `timeout` seconds, and have `contains` in its first 64 KiB."""

    path: str
    codes: str = "200-399"
    contains: str = ""
    timeout: float = 5.0


@dataclass(frozen=True, slots=True)
class GateSettings:
    """What a release must hold to. None switches a rule off.

    `max_error_percent` and `error_tolerance` are percent of the requests answered with 5xx or not at all, as a
    constant and as what may be more than the old colour's. `max_latency` is of the 95th percentile in seconds,
    `latency_factor` what it may be times the old colour's. No verdict before `min_requests`; after `patience`
    seconds without enough of them `too_few` decides. `smoke` is a command with its arguments, `smoke_timeout` in
    seconds; `alarms` are names that must not be in alarm.
    """

    max_error_percent: float | None = None
    error_tolerance: float | None = 0.5
    max_latency: float | None = None
    latency_factor: float | None = 2.0
    min_requests: int = 100
    patience: float = 900.0
    too_few: TooFew = TooFew.CONTINUE
    http: tuple[HttpCheck, ...] = ()
    smoke: tuple[str, ...] = ()
    smoke_timeout: float = 60.0
    alarms: tuple[str, ...] = ()


DEFAULT_CANARY = (CanaryStep(5, 60.0), CanaryStep(25, 60.0), CanaryStep(50, 60.0))


@dataclass(frozen=True, slots=True)
class Limits:
    """Between how many tasks autoscaling moves."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class HealthTiming:
    """What the load balancer and ECS are told, in seconds (`threshold`: checks in a row); for the estimate of the
    least time a release takes."""

    interval: float = 5.0
    threshold: int = 2
    deregistration_delay: float = 15.0
    stop_timeout: float = 30.0


@dataclass(frozen=True, slots=True)
class ReleaseSettings:
    """How one service is released. Times are in seconds.

    `takes_traffic` is false of a worker. `count` tasks are started, within `limits` where it is autoscaled. `bake` is
    how long the gates watch once all traffic has moved, `warm` how long the old colour then stays up for a rollback.
    `start_timeout` is how long tasks may take to become healthy, `crash_limit` how many may fail before that ends the
    deploy. `approve` waits for `cx promote` before the new colour takes (all of the) traffic. `before` names the job
    that must succeed first. Services of one `group` switch together; `depends_on` are those that must have switched.
    """

    strategy: Strategy = Strategy.BLUE_GREEN
    takes_traffic: bool = True
    count: int = 1
    limits: Limits | None = None
    canary: tuple[CanaryStep, ...] = DEFAULT_CANARY
    bake: float = 60.0
    warm: float = 3600.0
    start_timeout: float = 600.0
    crash_limit: int = 3
    approve: bool = False
    before: str = ""
    before_timeout: float = 900.0
    depends_on: tuple[str, ...] = ()
    group: str = ""
    gates: GateSettings = field(default_factory=GateSettings)
    timing: HealthTiming = field(default_factory=HealthTiming)
