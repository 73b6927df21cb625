"""One task and its containers: started once, watched, ended.

Everything that must not be lost is on the disk or in the ledger of processes, so another process can take it up at any
point: a container with a live record runs; one that has said how it ended has; one that began and is gone without a
word was killed with its monitor; any other never began.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from cygni.errors import LocalCloudError
from cygni.local_cloud.data_plane.processes import Ledger, ProcessRecord, is_alive
from cygni.local_cloud.data_plane.reports import ContainerState, LogEvents, Report, TaskState
from cygni.local_cloud.data_plane.snapshot import ContainerOrder, TaskOrder
from cygni.local_cloud.ecs import wording
from cygni.local_cloud.images.store import ImageStore
from cygni.local_cloud.task_runner import engines
from cygni.local_cloud.task_runner.commands import monitored
from cygni.local_cloud.task_runner.folder import ContainerFolder, ContainerNote, Ended, TaskFolder
from cygni.local_cloud.task_runner.ports import free_port
from cygni.local_cloud.task_runner.starting import CannotStart, Starter

TASK: Final = "task"
"""The kind of its records in the ledger."""

KILLED: Final = 137
"""What a container exits with that was killed (128 and SIGKILL's number)."""

LOG_BYTES: Final = 256 * 1024
"""Of a container's output taken at a time."""

_TRIES: Final = 3


@dataclass(frozen=True)
class Tools:
    """What a task is run with. `position` says how far the log of a task's container was taken by an earlier
    process."""

    ledger: Ledger
    images: ImageStore
    starter: Starter
    report: Callable[[Report], None]
    position: Callable[[str, str], int]


@dataclass
class RunningContainer:
    """`record` is of its monitor, `process` where that was started by this very process."""

    order: ContainerOrder
    note: ContainerNote
    folder: ContainerFolder
    position: int
    record: ProcessRecord | None = None
    process: subprocess.Popen[bytes] | None = None
    ended: Ended | None = None
    tries: int = 0
    asked_to_stop: bool = False

    def look(self) -> None:
        """Learn whether it has ended."""
        if self.process is not None:
            self.process.poll()  # or it stays a zombie
        if self.ended is not None or self.record is None:
            return
        alive = is_alive(self.record)
        self.ended = self.folder.ended()
        if self.ended is None and not alive:
            if self.folder.begun:
                self.ended = Ended(KILLED, "", time.time())
            else:
                self.record = None  # it was never let through its gate
        if self.ended is not None:
            self.remove_container()

    def remove_container(self) -> None:
        """What outlived the command in front of it, where an engine runs it."""
        if self.note.engine:
            engines.remove_container(self.note.engine, self.note.container)

    def signal(self, number: signal.Signals) -> None:
        """To its monitor alone, which knows what is meant."""
        if self.record is not None and is_alive(self.record):
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.record.pid, number)

    def state(self) -> ContainerState:
        runs = self.record is not None and self.folder.begun
        return ContainerState(
            name=self.order.name,
            status="STOPPED" if self.ended else "RUNNING" if runs else "PENDING",
            exit_code=self.ended.code if self.ended else None,
            reason=self.ended.reason if self.ended else "",
            port=self.note.port,
            container_port=self.order.container_port if self.note.port else 0,
            runtime_id=self.record.name if self.record else "",
        )


class RunningTask:
    """One task of this local cloud."""

    def __init__(self, order: TaskOrder, folder: TaskFolder, tools: Tools, taken_ports: set[int]) -> None:
        self.order = order
        self._folder = folder
        self._tools = tools
        self._taken_ports = taken_ports
        self._containers: list[RunningContainer] = []
        self._reason = ""
        self._told: tuple[tuple[ContainerState, ...], str] | None = None

    @property
    def containers(self) -> list[RunningContainer]:
        return self._containers

    @property
    def is_over(self) -> bool:
        """Whether nothing of it runs any more, and that was said."""
        return bool(self._reason) or bool(
            self._told and all(one.status == "STOPPED" for one in self._told[0])
        )

    def advance(self, order: TaskOrder) -> None:
        """Do what is next: start, take what was said, end, and report what has changed."""
        self.order = order
        if self.is_over:
            return
        try:
            self._prepare()
            for container in self._containers:
                container.look()
            if order.stop or any(one.order.essential and one.ended for one in self._containers):
                self._stop()
            else:
                self._start()
        except CannotStart as error:
            self._reason = error.reason
        self._report()

    def give_up(self, why: str) -> None:
        """End it for what nobody foresaw."""
        self._reason = wording.cannot_start(why)
        self._tools.report(TaskState(self.order.arn, (), time.time(), self._reason))

    def take_logs(self, most: int = LOG_BYTES) -> None:
        for container in self._containers:
            if container.order.has_log:
                self._take_log(container, most)

    def pids(self) -> Iterator[int]:
        """Of the monitors of containers that run."""
        for container in self._containers:
            if container.record is not None and container.ended is None:
                yield container.record.pid

    def records(self) -> list[ProcessRecord]:
        return [one.record for one in self._containers if one.record is not None]

    def forget(self) -> None:
        """Remove all that is kept of it, and containers that outlived the command in front of them."""
        for record in self.records():
            self._tools.ledger.forget(record)
        for container in self._containers:
            container.remove_container()
        self._folder.remove()

    def _prepare(self) -> None:
        """Decide ports and bundles, or learn what was decided; find what runs already."""
        if self._containers:
            return
        notes = self._folder.note()
        if notes is None:
            notes = tuple(self._note(index, one) for index, one in enumerate(self.order.containers))
            try:
                self._folder.write_note(notes)
            except OSError as error:
                raise CannotStart(wording.cannot_start(str(error))) from error
        self._taken_ports.update(note.port for note in notes if note.port)
        known = {record.name: record for record in self._tools.ledger.all() if record.kind == TASK}
        for index, (order, note) in enumerate(zip(self.order.containers, notes, strict=True)):
            folder = self._folder.container(index)
            position = self._tools.position(self.order.arn, order.name)
            record = known.get(self._record_name(index))
            found = RunningContainer(order, note, folder, position, record, ended=folder.ended())
            if found.record is None and found.ended is None and folder.begun:
                found.ended = Ended(KILLED, "", time.time())
            self._containers.append(found)

    def _note(self, index: int, order: ContainerOrder) -> ContainerNote:
        image = self._tools.images.find(order.image)
        engine = None if image else engines.container_engine()
        if image is None and engine is None:
            raise CannotStart(wording.cannot_pull(order.image, "not found"))
        port = 0
        if order.container_port:
            try:
                port = free_port(self._taken_ports)
            except LocalCloudError as error:
                raise CannotStart(wording.cannot_start(error.message)) from error
        return ContainerNote(
            name=order.name,
            port=port,
            digest=image.digest if image else "",
            engine=engine or "",
            container=f"cygni-{self._record_name(index)}" if engine else "",
        )

    def _record_name(self, index: int) -> str:
        return f"{self.order.id}.{index}"

    def _start(self) -> None:
        for index, container in enumerate(self._containers):
            if container.record is None and container.ended is None:
                if container.tries >= _TRIES:
                    raise CannotStart(wording.cannot_start("its monitor ends at once; see monitor.log"))
                container.tries += 1
                self._start_one(index, container)

    def _start_one(self, index: int, container: RunningContainer) -> None:
        try:
            command = self._tools.starter.command(
                self.order, container.order, container.note, container.folder
            )
            container.folder.make()
            with (container.folder.path / "monitor.log").open("ab") as log:
                container.process, container.record = self._tools.ledger.spawn(
                    TASK,
                    self._record_name(index),
                    monitored(command.words, container.folder.path, container.order.stop_seconds),
                    environment=command.variables,
                    cwd=command.folder,
                    stdout=log,
                    stderr=log,
                    details={"task": self.order.id},
                )
        except OSError as error:
            raise CannotStart(wording.cannot_start(str(error))) from error

    def _stop(self) -> None:
        """Ask what runs to end; what never began has ended."""
        for container in self._containers:
            if container.ended is not None:
                continue
            if container.record is None:
                container.ended = Ended(None, "", time.time())
            elif not container.asked_to_stop and (container.folder.begun or not is_alive(container.record)):
                container.asked_to_stop = True
                container.signal(signal.SIGTERM)

    def _report(self) -> None:
        states = tuple(container.state() for container in self._containers)
        reason = self._reason or self._never_began()
        if (states, reason) == self._told:
            return
        for container in self._containers:
            if container.ended is not None and container.order.has_log:
                while self._take_log(container, LOG_BYTES):
                    pass
        ends = [container.ended.at for container in self._containers if container.ended is not None]
        at = max(ends) if len(ends) == len(states) and ends else time.time()
        self._told, self._reason = (states, reason), reason
        self._tools.report(TaskState(self.order.arn, states, at, reason))

    def _never_began(self) -> str:
        """Why a container could not be started, of one whose monitor says so."""
        said = [one.ended.reason for one in self._containers if one.ended and one.ended.code is None]
        return next((reason for reason in said if reason), "")

    def _take_log(self, container: RunningContainer, most: int) -> bool:
        events, position = container.folder.lines(container.position, most)
        if position == container.position:
            return False
        start, container.position = container.position, position
        self._tools.report(LogEvents(self.order.arn, container.order.name, start, position, tuple(events)))
        return True


def end_now(tasks: Mapping[str, RunningTask], seconds: float) -> list[ProcessRecord]:
    """Ask all containers to end and wait for it; the records of those that have not within `seconds`."""
    containers = [
        container for task in tasks.values() for container in task.containers if not container.ended
    ]
    for container in containers:
        container.signal(signal.SIGTERM)
    until = time.monotonic() + seconds
    left = [container.record for container in containers if container.record is not None]
    while left and time.monotonic() < until:
        left = [record for record in left if is_alive(record)]
        time.sleep(0.02)
    return left
