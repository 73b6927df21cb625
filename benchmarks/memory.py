"""The most memory that the processes of a command held, by what each of them is."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import psutil

from benchmarks.measuring import Commands

_PAUSE_SECONDS = 0.05


class Peaks:
    """Looks at a process and its descendants while they run; `bytes` has the peak of the largest by role.

    Roles: `cx` (the command itself), `operation` (its child, the language host), `engine`, `provider`.
    """

    def __init__(self) -> None:
        self.bytes: dict[str, int] = {}
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def watch(self, pid: int) -> None:
        self._thread = threading.Thread(target=self._look, args=(pid,), daemon=True)
        self._thread.start()

    def end(self) -> dict[str, int]:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        return self.bytes

    def _look(self, pid: int) -> None:
        with suppress(psutil.NoSuchProcess):
            root = psutil.Process(pid)
            while not self._over.wait(_PAUSE_SECONDS):
                for process in [root, *root.children(recursive=True)]:
                    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                        name = role(process.cmdline(), is_root=process.pid == pid)
                        self.bytes[name] = max(self.bytes.get(name, 0), peak(process))


def role(command: Iterable[str], *, is_root: bool) -> str:
    """What a process is, from its command line."""
    words = list(command)
    if is_root:
        return "cx"
    if any("cygni.local_cloud.provider" in word for word in words):
        return "provider"
    if words and Path(words[0]).name == "pulumi":
        return "engine"
    return "operation"


def peak(process: psutil.Process) -> int:
    """The most a process ever held resident, in bytes; where the kernel does not say, what it holds now."""
    with suppress(OSError, ValueError, IndexError):
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    return int(process.memory_info().rss)


def peaks_of(commands: Commands, *command: str | Path) -> dict[str, int]:
    """Runs a command and returns its peaks. Raises CommandFailed."""
    peaks = Peaks()
    try:
        commands.watched(command, peaks.watch, (0,))
    finally:
        found = peaks.end()
    return found
