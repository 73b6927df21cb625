"""The engine's locks on a stack: files that a killed engine leaves behind, and who made them."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from datetime import datetime

import psutil

from stacks.pulumi_project import PULUMI_PROJECT

CLOCK_SLACK = 2.0  # seconds between what the engine and the kernel say of one moment


@dataclass(frozen=True)
class EngineLock:
    """The engine's lock on a stack. `key` is the file's in its back end.

    `since` is in seconds since the epoch. `pid` is 0 for a file that was cut off while it was written.
    """

    key: str
    pid: int = 0
    host: str = ""
    since: float = 0.0
    user: str = ""

    @property
    def holder(self) -> str:
        since = datetime.fromtimestamp(self.since).astimezone().isoformat(timespec="seconds")
        return f"an engine (pid {self.pid} on {self.host}, since {since})"


def is_alive(pid: int, host: str, since: float) -> bool | None:
    """Whether the process lives that was `pid` on `host` at `since` (seconds since the epoch); None if nobody here
    can tell. The name of a host may be that of several: `stacks.started_engines` knows whether it is this one."""
    if host != socket.gethostname():
        return None
    try:
        process = psutil.Process(pid)
        # A process that began after that moment is somebody else with the same number.
        return process.create_time() <= since + CLOCK_SLACK and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return None


def locks_folder(stack: str) -> str:
    """Where a back end has the locks on `stack`."""
    return f".pulumi/locks/organization/{PULUMI_PROJECT}/{stack}"


def engine_lock(key: str, content: bytes) -> EngineLock:
    """What the file `key` says of the lock it is."""
    try:
        said = json.loads(content)
        since = datetime.fromisoformat(said["timestamp"]).timestamp()
        return EngineLock(
            key, int(said["pid"]), str(said["hostname"]), since, str(said.get("username") or "")
        )
    except (ValueError, KeyError, TypeError):
        return EngineLock(key)
