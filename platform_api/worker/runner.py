"""What carries out a deployment's orders: the seam between the queue and the engine."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import Any, Protocol

from platform_api.worker.heartbeat import Heartbeat
from stacks.given_domains import GivenDomain
from stacks.kept_secrets import GivenSecret


class Task(StrEnum):
    """Of a deployment: look what would change, and no more or with mending what was interrupted; apply exactly that. Of
    an end: look what would be deleted, and delete exactly that. The others are done outright. Of a job that a
    deployment has started: see how it goes on, and stop it."""

    DIFF = auto()
    PLAN = auto()
    APPLY = auto()
    ROLL_BACK = auto()
    SCALE = auto()
    RESTART = auto()
    RUN = auto()
    WATCH = auto()
    STOP = auto()
    PLAN_END = auto()
    DESTROY = auto()


@dataclass(frozen=True, slots=True)
class Order:
    """What to do with an environment. `plan` is the digest of the plan to apply, `release` the one to go back to (None:
    the one before), `archive` the project's folder as it was sent, `secrets` those of the environment by name,
    `domains` those whose certificates its load balancer is to have, `author` who asked for it, `arguments` as in the
    deployment's row."""

    task: Task
    organization: uuid.UUID
    deployment: uuid.UUID
    fence: int
    project: str
    environment: str
    archive: bytes = field(repr=False)
    secrets: Mapping[str, GivenSecret] = field(default_factory=dict, repr=False)
    domains: Sequence[GivenDomain] = ()
    plan: str = ""
    author: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    release: int | None = None
    allow_destroy: tuple[str, ...] = ()
    refresh: bool = False
    max_cost_increase: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended: with an `error` (code, message, hint, details), or well; then `release` is what was made live, if
    anything was, and `answer` what `cx` answered."""

    release: int | None = None
    answer: Mapping[str, Any] | None = None
    error: Mapping[str, Any] | None = None


Tell = Callable[[Sequence[Mapping[str, Any]]], Awaitable[None]]
"""Hears events, each a JSON object with `event`, in their order. `STEERED` says that a `wish` was passed on,
and with which `number` it was asked for."""

STEERED = "steered"
JOB_STARTED = "job_started"
"""From then on nothing is done but to wait for it."""


class Runner(Protocol):
    async def run(self, order: Order, heartbeat: Heartbeat, tell: Tell) -> Outcome:
        """Returns when all that it started has ended, soon after `heartbeat.stop` is set. What it began of the same
        environment earlier, and was killed in, it goes on with. Raises CygniError where it could not begin, and what
        `tell` raises."""
