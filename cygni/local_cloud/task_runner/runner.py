"""The part of the data plane that runs tasks."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cygni.local_cloud.data_plane import processes
from cygni.local_cloud.data_plane.part import END_SECONDS, Surroundings
from cygni.local_cloud.data_plane.reports import LogEvents
from cygni.local_cloud.data_plane.snapshot import ElasticContainerService, Snapshot, TaskOrder
from cygni.local_cloud.images.store import ImageStore
from cygni.local_cloud.task_runner import memory
from cygni.local_cloud.task_runner.folder import TaskFolder
from cygni.local_cloud.task_runner.running import TASK, RunningTask, Tools, end_now
from cygni.local_cloud.task_runner.starting import Starter, local_clients

LOOK_SECONDS: Final = 0.1
"""How often tasks are looked at while there are any."""

_IDLE_SECONDS: Final = 60.0
_MOST_BACKLOG: Final = 20
"""Reports that may wait to be sent before logs are taken on: they stay on the disk meanwhile."""

log = logging.getLogger(__name__)


class TaskRunner:
    """`local_cloud` is its folder, where the images are."""

    name = "tasks"

    def __init__(self, local_cloud: Path, outside: Mapping[str, str] = os.environ) -> None:
        self._images = ImageStore(local_cloud)
        self._outside = outside
        self._tasks: dict[str, RunningTask] = {}
        self._looked_at_memory = 0.0

    def run(self, surroundings: Surroundings) -> None:
        tools = self._tools(surroundings)
        snapshot: Snapshot | None = None
        while not surroundings.feed.closed:
            pause = LOOK_SECONDS if self._tasks else _IDLE_SECONDS
            newer = surroundings.feed.next(snapshot, pause)
            if newer is not None:
                self._forget_others(surroundings, newer.ecs, first=snapshot is None)
                snapshot = newer
            if snapshot is not None:
                self._advance(surroundings, tools, snapshot.ecs.tasks)
        self._end(surroundings)

    def _tools(self, surroundings: Surroundings) -> Tools:
        taken = {
            (one.task_arn, one.container): one.position
            for one in surroundings.reported
            if isinstance(one, LogEvents)
        }
        clients = local_clients(surroundings.endpoint)
        return Tools(
            ledger=surroundings.ledger,
            images=self._images,
            starter=Starter(self._images, surroundings.endpoint, self._outside, clients),
            report=surroundings.report,
            position=lambda arn, container: taken.get((arn, container), 0),
        )

    def _advance(self, surroundings: Surroundings, tools: Tools, orders: tuple[TaskOrder, ...]) -> None:
        ports = {one.note.port for task in self._tasks.values() for one in task.containers if one.note.port}
        for order in orders:
            task = self._tasks.get(order.arn)
            if task is None:
                folder = TaskFolder(surroundings.folder / order.id)
                task = self._tasks[order.arn] = RunningTask(order, folder, tools, ports)
            self._advance_one(task, order)
        if surroundings.backlog() < _MOST_BACKLOG:
            for task in self._tasks.values():
                task.take_logs()
        if time.monotonic() - self._looked_at_memory >= memory.LOOK_SECONDS:
            self._hold_to_memory()
            self._looked_at_memory = time.monotonic()

    def _advance_one(self, task: RunningTask, order: TaskOrder) -> None:
        """What goes wrong with one task is that task's end, not everybody's."""
        try:
            task.advance(order)
        except Exception as error:
            log.exception("task %s could not be run", order.id)
            task.give_up(f"{type(error).__name__}: {error}")

    def _hold_to_memory(self) -> None:
        """Kill containers that use more than they may: of a task, the one that uses most."""
        tasks = [task for task in self._tasks.values() if any(task.pids())]
        tree = memory.Tree.of_now() if tasks else None
        for task in tasks:
            limits = [one.order.memory for one in task.containers]
            assert tree is not None
            used = memory.used(tree, task.pids(), (task.order.memory or sum(limits)) * memory.MIB)
            for pid in memory.too_much(used, task.order.memory * memory.MIB, self._own_limits(task)):
                container = next(one for one in task.containers if one.record and one.record.pid == pid)
                log.info(
                    "container %s of task %s has used too much memory", container.order.name, task.order.id
                )
                container.signal(signal.SIGUSR1)

    def _own_limits(self, task: RunningTask) -> dict[int, int]:
        return {
            one.record.pid: one.order.memory * memory.MIB
            for one in task.containers
            if one.record and one.order.memory
        }

    def _forget_others(
        self, surroundings: Surroundings, wanted: ElasticContainerService, *, first: bool
    ) -> None:
        """End and forget what is not in the snapshot any more; at first, what an earlier process has left too."""
        arns = {order.arn for order in wanted.tasks}
        for arn in [arn for arn in self._tasks if arn not in arns]:
            task = self._tasks.pop(arn)
            processes.end(task.records(), 0)
            task.forget()
        if not first:
            return
        ids = {order.id for order in wanted.tasks}
        others = [one for one in surroundings.ledger.running(TASK) if one.details.get("task") not in ids]
        processes.end(others, 0)
        for record in others:
            surroundings.ledger.forget(record)
        for folder in surroundings.folder.iterdir():
            if folder.name not in ids:
                TaskFolder(folder).remove()

    def _end(self, surroundings: Surroundings) -> None:
        """The local cloud ends, and all that runs in it."""
        processes.end(end_now(self._tasks, END_SECONDS * 0.7), 0)
        for task in self._tasks.values():
            task.forget()
