"""The engines that this machine has started: what it can testify of a lock.

A lock names a process by number and host name, and neither tells machines apart: containers share names, and small
numbers even more. So in a state that others reach, only what was noted here counts: the process was started by this
boot of this machine, shortly before the lock was made, and did not end by itself, which takes its lock away.
"""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from cygni.errors import StateError
from cygni.state_place import state_place
from stacks.engine_locks import CLOCK_SLACK, EngineLock, is_alive
from stacks.operations import EngineSettings
from stacks.records import write_whole

_SECONDS_TO_LOCK = 120.0
"""An engine locks its stack when it begins. A later lock of the same number is taken for somebody else's."""


@dataclass(frozen=True)
class Witness:
    """`notes` is where the engines started here are noted; `alone` is whether the state is files of the same data
    folder, so that no other machine's engines work on it."""

    notes: Path
    alone: bool

    def lives(self, stack: str, lock: EngineLock) -> bool | None:
        """Whether the engine lives that holds `lock`; None if nobody here can tell."""
        if not self.alone and not self._is_own(stack, lock):
            return None
        # A file that was cut off while it was written is of an engine that was killed in that very moment.
        return is_alive(lock.pid, lock.host, lock.since) if lock.pid else False

    @contextlib.contextmanager
    def engine(self, stack: str, pid: int) -> Iterator[None]:
        """Notes an engine that has just been started, until the block is left without an error."""
        self.began(stack, pid)
        yield
        self._note(stack, pid).unlink(missing_ok=True)

    def began(self, stack: str, pid: int) -> None:
        """A note that cannot be kept is none: all that is lost is that a lock needs a person later."""
        if self.alone:
            return
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, StateError):
            said = {"boot": _boot(), "began": psutil.Process(pid).create_time()}
            write_whole(self._note(stack, pid), json.dumps(said))

    def _is_own(self, stack: str, lock: EngineLock) -> bool:
        if not lock.pid or lock.host != socket.gethostname():
            return False
        try:
            said = json.loads(self._note(stack, lock.pid).read_text(encoding="utf-8"))
            began, boot = float(said["began"]), said["boot"]
        except (OSError, ValueError, KeyError, TypeError):
            return False
        return boot == _boot() and -CLOCK_SLACK <= lock.since - began <= _SECONDS_TO_LOCK

    def _note(self, stack: str, pid: int) -> Path:
        return self.notes / f"{stack}.{pid}.json"


def witness(data_folder: Path, state_folder: Path | None) -> Witness:
    """For a state in `state_folder`, None for one that is not in files."""
    alone = state_folder is not None and state_folder.resolve().is_relative_to(data_folder.resolve())
    return Witness(data_folder / "engines", alone)


def witness_of(engine: EngineSettings) -> Witness:
    """As `witness`; the stacks' settings are in the data folder."""
    return witness(engine.config_dir.parent, state_place(engine.backend_url).folder)


def _boot() -> str:
    """This boot of this machine and, in a container, this container: numbers mean the same processes in it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return f"{socket.gethostname()} {psutil.boot_time():.0f}"
