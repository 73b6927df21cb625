"""Which tasks run, or ran, a revision: ECS knows of a stopped task for an hour."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from cygni.targets.fargate.clients import Clients, asking

TASKS_A_CALL = 100
"""What DescribeTasks takes at once (API reference)."""


class TasksOf:
    """The tasks of these task definitions (ARNs), as a set of ids. ECS is asked when a task is looked for that was not
    seen before."""

    def __init__(self, clients: Clients, cluster: str, revisions: Collection[str]) -> None:
        self._clients = clients
        self._cluster = cluster
        self._revisions = frozenset(revisions)
        self._ours: set[str] = set()
        self._others: set[str] = set()

    def __contains__(self, task: str) -> bool:
        """Raises what `asking` raises."""
        if task not in self._ours and task not in self._others:
            self._ours |= self._ask()
            if task not in self._ours:
                self._others.add(task)
        return task in self._ours

    def _ask(self) -> set[str]:
        families = {one.rpartition("/")[2].partition(":")[0] for one in self._revisions}
        with asking("the tasks of the release are not known"):
            return {
                str(task["taskArn"]).rpartition("/")[2]
                for family in sorted(families)
                for task in self._of_family(family)
                if task["taskDefinitionArn"] in self._revisions
            }

    def _of_family(self, family: str) -> Iterator[dict[str, Any]]:
        ecs = self._clients("ecs")
        for status in ("RUNNING", "STOPPED"):
            pages = ecs.get_paginator("list_tasks").paginate(
                cluster=self._cluster, family=family, desiredStatus=status
            )
            arns = [arn for page in pages for arn in page["taskArns"]]
            for batch in batches(arns, TASKS_A_CALL):
                yield from ecs.describe_tasks(cluster=self._cluster, tasks=batch)["tasks"]


def batches(things: Iterable[str], size: int) -> Iterator[list[str]]:
    """The things, so many at a time."""
    left = iter(things)
    while batch := list(islice(left, size)):
        yield batch
