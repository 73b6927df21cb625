"""The life of a deployment: which status follows which, by whose doing, and how long each may take (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum, auto
from types import MappingProxyType
from typing import Final

from cygni.errors import WrongState
from platform_api.deployments.kinds import PLANNED, Kind


class Status(StrEnum):
    """Where a deployment is. Somebody works on it in `RUNNING` alone, and only a worker moves it there. While a job is
    `WATCHING`, it runs in the cloud by itself, and a worker only looks on."""

    QUEUED = auto()
    PLANNING = auto()
    AWAITING_APPROVAL = auto()
    APPROVED = auto()
    APPLYING = auto()
    RELEASING = auto()
    WATCHING = auto()
    RECOVERING = auto()
    SUCCEEDED = auto()
    FAILED = auto()
    CANCELLED = auto()
    NEEDS_ATTENTION = auto()


class By(StrEnum):
    """Whose doing a change of status is: that of a person, of the worker that holds the lease, or of the reaper, which
    any worker does now and then."""

    PERSON = auto()
    WORKER = auto()
    REAPER = auto()


_S = Status
RUNNING: Final = frozenset({_S.PLANNING, _S.APPLYING, _S.RELEASING, _S.WATCHING})
"""A worker has the lease; of a job that is watched none may have it, until another one looks on."""

OCCUPYING: Final = RUNNING - {_S.WATCHING} | {_S.RECOVERING}
"""No other deployment of the environment is begun: what a lost worker left is mended first."""

OVER: Final = frozenset({_S.SUCCEEDED, _S.FAILED, _S.CANCELLED, _S.NEEDS_ATTENTION})

_LOST: Final = {_S.RECOVERING: {By.REAPER}, _S.NEEDS_ATTENTION: {By.REAPER}}
_ENDED: Final = {
    _S.SUCCEEDED: {By.WORKER},
    _S.FAILED: {By.WORKER},
    _S.CANCELLED: {By.WORKER, By.REAPER},
}
_TRANSITIONS: Final[Mapping[Status, Mapping[Status, set[By]]]] = {
    _S.QUEUED: {
        _S.PLANNING: {By.WORKER},
        _S.RELEASING: {By.WORKER},  # what has no plan
        _S.CANCELLED: {By.PERSON, By.REAPER},
    },
    _S.PLANNING: {
        **_ENDED,
        **_LOST,
        _S.AWAITING_APPROVAL: {By.WORKER},
        _S.APPLYING: {By.WORKER},
        _S.QUEUED: {By.WORKER},  # handed back
        _S.RECOVERING: {By.WORKER, By.REAPER},
    },
    _S.AWAITING_APPROVAL: {_S.APPROVED: {By.PERSON}, _S.CANCELLED: {By.PERSON, By.REAPER}},
    _S.APPROVED: {
        _S.APPLYING: {By.WORKER},
        _S.RELEASING: {By.WORKER},  # what has no plan
        _S.CANCELLED: {By.PERSON, By.REAPER},
    },
    _S.APPLYING: {**_ENDED, **_LOST, _S.RELEASING: {By.WORKER}, _S.RECOVERING: {By.WORKER, By.REAPER}},
    _S.RELEASING: {
        **_ENDED,
        **_LOST,
        _S.WATCHING: {By.WORKER},
        _S.RECOVERING: {By.WORKER, By.REAPER},
    },
    _S.WATCHING: {**_ENDED, _S.WATCHING: {By.WORKER, By.REAPER}},
    _S.RECOVERING: {
        _S.PLANNING: {By.WORKER},
        _S.RELEASING: {By.WORKER},
        _S.CANCELLED: {By.PERSON, By.REAPER},
    },
    **{status: {} for status in OVER},
}

LIMITS: Final[Mapping[Status, timedelta]] = MappingProxyType(
    {
        _S.QUEUED: timedelta(days=1),
        _S.PLANNING: timedelta(minutes=30),
        _S.AWAITING_APPROVAL: timedelta(days=7),
        _S.APPROVED: timedelta(days=1),
        _S.APPLYING: timedelta(hours=2),  # a replica of RDS alone takes half an hour
        _S.RELEASING: timedelta(hours=4),  # canaries bake for as long as they are told to
        _S.WATCHING: timedelta(days=1),  # ECS knows a task by its token for so long
        _S.RECOVERING: timedelta(days=1),
    }
)
"""How long a deployment may be in a phase. What runs is stopped then and has failed; what waits is cancelled."""

ATTEMPTS: Final = 3
"""How often a deployment is begun whose worker was lost; then a person has to look at it."""


def allowed(before: Status, after: Status, by: By) -> bool:
    return by in _TRANSITIONS[before].get(after, ())


def require(before: Status, after: Status, by: By) -> None:
    """Raises WrongState where nobody, or somebody else, moves a deployment so."""
    if not allowed(before, after, by):
        raise WrongState(
            f"a deployment that is {words(before)} cannot become {words(after)}",
            details={"status": before.value},
        )


def words(status: Status) -> str:
    return status.value.replace("_", " ")


def after_loss(status: Status, attempt: int, *, cancelled: bool) -> Status:
    """What becomes of a deployment whose worker was lost in its attempt number `attempt`, from 1; `cancelled` where
    somebody asked to cancel it: what it left is mended by the next deployment, before that plans. A job is watched by
    the next worker, however many were lost."""
    if status is Status.WATCHING:
        return status
    if cancelled:
        return Status.CANCELLED
    return Status.RECOVERING if attempt < ATTEMPTS else Status.NEEDS_ATTENTION


_HANDED_BACK: Final = {_S.PLANNING: _S.QUEUED, _S.WATCHING: _S.WATCHING}


def handed_back(status: Status) -> Status:
    """What becomes of a deployment whose worker is told to end: what only planned begins again in its turn, what may
    have changed something goes on before anything else of its environment, and a job is watched by the next worker.
    Raises WrongState."""
    after = _HANDED_BACK.get(status, Status.RECOVERING)
    require(status, after, By.WORKER)
    return after


def taken_up(status: Status, kind: Kind) -> Status:
    """What a worker that claims a deployment does first. Raises WrongState for one that waits for no worker."""
    if status is Status.WATCHING:
        return status
    first = Status.APPLYING if status is Status.APPROVED else Status.PLANNING
    after = first if kind in PLANNED else Status.RELEASING
    if status in RUNNING:
        raise WrongState(f"a deployment that is {words(status)} has a worker")
    require(status, after, By.WORKER)
    return after


def after_plan(*, waits: bool, approved: bool) -> Status:
    """What follows a plan with changes: it waits where somebody is to look at it, unless it is `approved` already, as
    what is left of an interrupted deployment may be."""
    return Status.AWAITING_APPROVAL if waits and not approved else Status.APPLYING
