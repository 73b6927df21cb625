"""Runs one container's process and outlives everything but the machine: `monitor.py FOLDER STOP_SECONDS COMMAND...`.

The task runner may be killed at any moment; this program goes on without it, and whoever comes next finds in FOLDER
what there is to know:

    begun         the process' pid, once it runs
    log.OFFSET    lines of its output as `MILLISECONDS LINE`, from that byte of all lines on; the oldest are dropped
                  when nobody has taken them away
    exit.json     how it ended: code, reason, ended_at (seconds since the epoch)

The process has this program's environment; variables that no shell lets through (`a.b`) come as JSON in
MORE_VARIABLES. SIGTERM asks the process to end and kills it STOP_SECONDS later; SIGUSR1 kills it for its memory. When
the process ends, so does all it has started, as in a container. It stands alone, so that it starts in a few
milliseconds and stays small: it imports nothing of Cygni's.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import signal
import sys
import time
from typing import Final

SEGMENT_BYTES: Final = 1024 * 1024
KEPT_SEGMENTS: Final = 10
"""10 MiB of output wait to be taken away, as with ECS's awslogs driver in its default mode (non-blocking)."""

EVENT_BYTES: Final = 262_144 - 26
"""The longest log event, and what CloudWatch Logs counts for each (API reference, PutLogEvents)."""

MORE_VARIABLES: Final = "CYGNI_MORE_VARIABLES"

_READ_BYTES: Final = 64 * 1024
_LOOK_SECONDS: Final = 5.0
_DRAIN_SECONDS: Final = 0.5
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_CHILD_SUBREAPER: Final = 36
OUT_OF_MEMORY: Final = "OutOfMemoryError: Container killed due to memory usage"


def main(arguments: list[str]) -> None:
    folder, stop_seconds, *command = arguments
    os.environ.update(json.loads(os.environ.pop(MORE_VARIABLES, "{}")))
    Monitor(folder, float(stop_seconds), command).run()


class Monitor:
    """One process from its start to its end."""

    def __init__(self, folder: str, stop_seconds: float, command: list[str]) -> None:
        self._folder = folder
        self._stop_seconds = stop_seconds
        self._command = command
        self._libc = ctypes.CDLL(None) if sys.platform == "linux" else None
        self._output = Output(folder)
        self._pid = 0
        self._status: int | None = None
        self._kill_at: float | None = None
        self._reason = ""

    def run(self) -> None:
        woken, wake = os.pipe()
        for end in (woken, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda number, frame: self._stop())
        signal.signal(signal.SIGUSR1, lambda number, frame: self._kill(OUT_OF_MEMORY))
        self._prctl(_PR_SET_CHILD_SUBREAPER)  # what the process leaves behind becomes ours to end
        read_end, write_end = os.pipe()
        os.set_blocking(read_end, False)
        failure = self._start(write_end)
        os.close(write_end)
        if failure:
            self._end(code=None, reason=f"CannotStartContainerError: {failure}")
        self._write("begun", str(self._pid))
        self._watch(read_end, woken)
        self._end_descendants()
        self._drain(read_end)
        assert self._status is not None
        code = os.waitstatus_to_exitcode(self._status)
        self._end(code=code if code >= 0 else 128 - code, reason=self._reason)

    def _start(self, output: int) -> str:
        """Start the process; why it could not be, or nothing."""
        read_end, write_end = os.pipe()  # closed without a word when the program has taken over
        self._pid = os.fork()
        if self._pid == 0:
            try:
                self._prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1, signal.SIGCHLD, signal.SIGPIPE):
                    signal.signal(number, signal.SIG_DFL)
                signal.set_wakeup_fd(-1)
                os.dup2(output, 1)
                os.dup2(output, 2)
                os.execvp(self._command[0], self._command)  # noqa: S606
            except OSError as error:
                os.write(write_end, f'exec: "{self._command[0]}": {error.strerror}'.encode())
            os._exit(127)
        os.close(write_end)
        with os.fdopen(read_end, "rb") as told:
            failure = told.read().decode("utf-8", "replace")
        if failure:
            os.waitpid(self._pid, 0)
        return failure

    def _watch(self, output: int, woken: int) -> None:
        """Until the process has ended."""
        watched = [output, woken]
        while self._status is None:
            ready, _, _ = select.select(watched, [], [], self._pause())
            if woken in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(woken, 4096)
            if output in ready and not self._take(output):
                watched.remove(output)  # it has closed its output and goes on
            if self._kill_at is not None and time.monotonic() >= self._kill_at:
                self._signal(signal.SIGKILL)
            if not os.path.isdir(self._folder):  # the local cloud's folder is gone: nobody will ask any more
                self._signal(signal.SIGKILL)
            self._reap()

    def _pause(self) -> float:
        if self._kill_at is None:
            return _LOOK_SECONDS
        return min(max(self._kill_at - time.monotonic(), 0.01), _LOOK_SECONDS)

    def _stop(self) -> None:
        if self._kill_at is None:
            self._kill_at = time.monotonic() + self._stop_seconds
            self._signal(signal.SIGTERM)

    def _kill(self, reason: str) -> None:
        self._reason = reason
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._pid and self._status is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, number)

    def _reap(self) -> None:
        """Of the process and of what it has left to us."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return
                if pid == self._pid:
                    self._status = status

    def _end_descendants(self) -> None:
        """Kill what is left of what the process has started; its children become ours as their parents end."""
        until = time.monotonic() + _LOOK_SECONDS
        while (children := _children()) and time.monotonic() < until:
            for pid in children:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)
            self._reap()

    def _take(self, output: int) -> bool:
        """Keep what the process has said; False when it will say no more."""
        try:
            content = os.read(output, _READ_BYTES)
        except BlockingIOError:
            return True
        self._output.add(content)
        return bool(content)

    def _drain(self, output: int) -> None:
        until = time.monotonic() + _DRAIN_SECONDS
        while select.select([output], [], [], 0)[0] and time.monotonic() < until:
            if not self._take(output):
                return

    def _end(self, *, code: int | None, reason: str) -> None:
        self._output.close()
        self._write("exit.json", json.dumps({"code": code, "reason": reason, "ended_at": time.time()}))
        if not os.path.isdir("/proc/self"):
            os.killpg(
                0, signal.SIGKILL
            )  # nobody is handed its orphans there: all of the session but those that left
        os._exit(0)

    def _write(self, name: str, text: str) -> None:
        """Whole or not at all. A full disk is no reason to stop."""
        path = os.path.join(self._folder, name)
        with contextlib.suppress(OSError):
            with open(f"{path}.new", "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(f"{path}.new", path)

    def _prctl(self, option: int, value: int = 1) -> None:
        if self._libc is not None:
            self._libc.prctl(option, value, 0, 0, 0)


class Output:
    """Lines with their times, in files of `SEGMENT_BYTES` of which `KEPT_SEGMENTS` are kept."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._offset = 0
        self._segment: int | None = None
        self._began_at = 0
        self._partial = b""

    def add(self, content: bytes) -> None:
        *lines, self._partial = (self._partial + content).split(b"\n")
        while len(self._partial) >= EVENT_BYTES:
            lines.append(self._partial[:EVENT_BYTES])
            self._partial = self._partial[EVENT_BYTES:]
        self._keep(lines)

    def close(self) -> None:
        if self._partial:
            self._keep([self._partial])

    def _keep(self, lines: list[bytes]) -> None:
        now = int(time.time() * 1000)
        text = b"".join(
            b"%d %s\n" % (now, line[start : start + EVENT_BYTES])
            for line in lines
            for start in range(0, len(line), EVENT_BYTES)
        )
        if text:
            with contextlib.suppress(OSError):  # the disk is full: these lines are lost, not the process
                self._append(text)

    def _append(self, text: bytes) -> None:
        if self._segment is None or self._offset - self._began_at >= SEGMENT_BYTES:
            self._begin_segment()
        assert self._segment is not None
        self._offset += os.write(self._segment, text)

    def _begin_segment(self) -> None:
        if self._segment is not None:
            os.close(self._segment)
            self._segment = None
        self._began_at = self._offset
        path = os.path.join(self._folder, f"log.{self._offset:016d}")
        self._segment = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        kept = sorted(name for name in os.listdir(self._folder) if name.startswith("log."))
        for name in kept[:-KEPT_SEGMENTS]:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(self._folder, name))


def _children() -> list[int]:
    """Processes whose parent is this one, where the system tells of them."""
    found = []
    for name in os.listdir("/proc") if os.path.isdir("/proc/self") else []:
        if name.isdigit():
            with (
                contextlib.suppress(OSError, ValueError, IndexError),
                open(f"/proc/{name}/stat", "rb") as file,
            ):
                # The second field is a name in parentheses, which may hold anything; the fourth is the parent.
                if int(file.read().rpartition(b")")[2].split()[1]) == os.getpid():
                    found.append(int(name))
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
