"""One deploy at a time for each environment on this machine.

The lock is the operating system's: it ends with the process that holds it, however that ends, so nobody ever
has to remove one by hand. Beside it stands who holds it, for whoever waits.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from cygni.errors import LockHeld
from cygni.settings import Settings
from stacks.data_folder import unusable
from stacks.target import environment_folder


@contextmanager
def environment_lock(
    settings: Settings,
    project: str,
    environment: str,
    *,
    wait: float,
    doing: str,
    on_wait: Callable[[str], None] = lambda holder: None,
) -> Iterator[None]:
    """Holds the environment while the block runs; waits up to `wait` seconds for whoever holds it, of whom
    `on_wait` is told once.

    Raises LockHeld, naming the holder, and StateError if the lock cannot be made.
    """
    folder = environment_folder(settings, project, environment)
    try:
        settings.make_data_dir()
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "lock")
        _acquire(lock, wait, lambda: on_wait(str(_holder(folder))))
    except Timeout:
        raise LockHeld(
            f"{project} ({environment}) is being worked on by {_holder(folder)}",
            hint="Wait for it to end, or wait for it here with --lock-wait 15m.",
        ) from None
    except (OSError, NotImplementedError) as error:  # the latter: a file system that knows no locks
        raise unusable("lock", folder, error) from None
    try:
        _tell_holder(folder, doing)
        yield
    finally:
        with suppress(OSError):
            (folder / "holder.json").unlink(missing_ok=True)
        lock.release()


def _acquire(lock: FileLock, wait: float, before_waiting: Callable[[], None]) -> None:
    """Raises Timeout."""
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not wait:
            raise
        before_waiting()
        lock.acquire(timeout=wait)


@dataclass(frozen=True)
class Holder:
    """Who holds an environment on this machine. `since` is in seconds since the epoch; `pid` is 0 where the holder has
    not told yet, or could not."""

    doing: str = "another command"
    pid: int = 0
    host: str = ""
    since: float = 0.0

    def __str__(self) -> str:
        if not self.pid:
            return self.doing
        since = datetime.fromtimestamp(self.since, UTC).isoformat(timespec="seconds")
        return f"{self.doing} (pid {self.pid} on {self.host}, since {since})"


def environment_holder(settings: Settings, project: str, environment: str) -> Holder | None:
    """Who holds the lock of an environment now, None if nobody does. Raises StateError if that cannot be told."""
    folder = environment_folder(settings, project, environment)
    if not (folder / "lock").exists():
        return None
    try:
        with FileLock(folder / "lock", timeout=0):
            return None
    except Timeout:
        return _holder(folder)
    except (OSError, NotImplementedError) as error:
        raise unusable("lock", folder, error) from None


def _tell_holder(folder: Path, doing: str) -> None:
    from stacks.records import write_whole

    holder = {
        "doing": doing,
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "since": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    write_whole(folder / "holder.json", json.dumps(holder))


def _holder(folder: Path) -> Holder:
    try:
        said = json.loads((folder / "holder.json").read_text(encoding="utf-8"))
        since = datetime.fromisoformat(said["since"]).timestamp()
        return Holder(str(said["doing"]), int(said["pid"]), str(said["host"]), since)
    except (OSError, ValueError, KeyError, TypeError):
        return Holder()
