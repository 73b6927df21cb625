"""Which tasks of a service its scheduler starts and stops (pure).

Sources: Amazon ECS developer guide, "Deploy Amazon ECS services by replacing tasks" (rolling update) and "How Amazon
ECS replaces unhealthy tasks"; API reference, DeploymentConfiguration.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cygni.local_cloud.ecs.failures import SETTLED_AFTER


class Health(StrEnum):
    """How the scheduler sees a task that it wants to run.

    HEALTHY runs and has passed its checks, so it counts towards the minimum; UNHEALTHY fails them after its grace
    period; UNKNOWN is everything between, from being placed to the first good check.
    """

    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"
    UNKNOWN = "UNKNOWN"


def seen_as(checked: Health | None, age: float, grace: float, *, settled: bool) -> Health:
    """How a task that has run for `age` seconds is seen, by what its target groups say (None where none checks it).

    For `grace` seconds no failed check counts; without a check it is well once it has run for a while.
    """
    if checked is None:
        return Health.HEALTHY if settled or age >= SETTLED_AFTER else Health.UNKNOWN
    return Health.UNKNOWN if checked is Health.UNHEALTHY and age < grace else checked


@dataclass(frozen=True, slots=True)
class LiveTask:
    """A task that is wanted to run. `runs` is False until its containers have started; `since` orders by age."""

    id: str
    deployment: str
    runs: bool
    health: Health
    since: float


@dataclass(frozen=True, slots=True)
class Rollout:
    """What the scheduler looks at. `wanted` is the deployment that is to have `desired` tasks: the primary one, or
    one before it where that failed; None where every one failed. `may_launch` is False while it waits after a
    failure. Percentages are of `desired`."""

    desired: int
    minimum_percent: int
    maximum_percent: int
    wanted: str | None
    may_launch: bool
    tasks: Sequence[LiveTask]


class Why(StrEnum):
    """Why the scheduler stops a task."""

    SCALING = "scaling"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True)
class Decision:
    """`start` tasks of the wanted deployment, and the tasks to stop. `steady` when it has what it wants, all of it
    healthy, and nothing else runs."""

    start: int = 0
    stop: tuple[tuple[str, Why], ...] = ()
    steady: bool = False


def bounds(desired: int, minimum_percent: int, maximum_percent: int) -> tuple[int, int]:
    """The fewest healthy tasks and the most tasks at all: ECS rounds the one up and the other down."""
    return -(-desired * minimum_percent // 100), desired * maximum_percent // 100


def decide(rollout: Rollout) -> Decision:
    """One step. Asked again with what came of it until it says nothing new, it reaches what is wanted."""
    desired = rollout.desired
    lower, upper = bounds(desired, rollout.minimum_percent, rollout.maximum_percent)
    mine = [task for task in rollout.tasks if task.deployment == rollout.wanted]
    others = [task for task in rollout.tasks if task.deployment != rollout.wanted]
    if rollout.wanted is None:
        return Decision(stop=_as_scaling(others if desired == 0 else []))
    useful = [task for task in mine if task.health is not Health.UNHEALTHY]
    missing, room = max(0, desired - len(useful)), max(0, upper - len(rollout.tasks))
    stop: dict[str, Why] = {}
    if missing > room and rollout.may_launch:
        pinched = _of([*_oldest(others), *_oldest(mine)], Health.UNHEALTHY)[: missing - room]
        stop |= {task.id: Why.UNHEALTHY for task in pinched}
    stop |= {task.id: Why.UNHEALTHY for task in _replaced(mine, desired)}
    stop |= {task.id: Why.SCALING for task in _surplus(useful, desired)}
    healthy = len([task for task in _of(rollout.tasks, Health.HEALTHY) if task.id not in stop])
    stop |= {task.id: Why.SCALING for task in _outdated(others, healthy, lower) if task.id not in stop}
    return Decision(
        start=min(missing, room) if rollout.may_launch else 0,
        stop=tuple(stop.items()),
        steady=not others and len(mine) == desired == len(_of(mine, Health.HEALTHY)),
    )


def _replaced(mine: Sequence[LiveTask], desired: int) -> list[LiveTask]:
    """Unhealthy tasks whose replacements are healthy. Until then they stay: they may get well first."""
    unhealthy = _of(_oldest(mine), Health.UNHEALTHY)
    return unhealthy[: max(0, len(_of(mine, Health.HEALTHY)) + len(unhealthy) - desired)]


def _surplus(useful: Sequence[LiveTask], desired: int) -> list[LiveTask]:
    """What is more than desired: first what does not serve yet, then what came last."""
    ranked = sorted(useful, key=lambda task: (task.health is Health.HEALTHY, -task.since))
    return ranked[: max(0, len(useful) - desired)]


def _outdated(others: Sequence[LiveTask], healthy: int, lower: int) -> list[LiveTask]:
    """Tasks of other deployments that may go: never a healthy one below the minimum. One that fails its checks
    goes when the minimum is there without it, for it may serve all the same; one that has not started goes at once."""
    spare = max(0, healthy - lower)
    unready = [task for task in others if task.health is not Health.HEALTHY]
    starting = [task for task in unready if not task.runs]
    failing = [task for task in unready if task.runs and healthy >= lower]
    return [*starting, *failing, *_of(_oldest(others), Health.HEALTHY)[:spare]]


def _of(tasks: Iterable[LiveTask], health: Health) -> list[LiveTask]:
    return [task for task in tasks if task.health is health]


def _oldest(tasks: Iterable[LiveTask]) -> list[LiveTask]:
    return sorted(tasks, key=lambda task: task.since)


def _as_scaling(tasks: Iterable[LiveTask]) -> tuple[tuple[str, Why], ...]:
    return tuple((task.id, Why.SCALING) for task in tasks)
