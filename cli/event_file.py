"""What a command tells while it deploys or releases, kept in a file of this machine for `cx attach`, as JSON lines.

`{"event": "started", ...}` comes first and `{"event": "ended", ...}` last; between them are the events of the release
(cygni.releases.events), `{"event": "said", "text": ...}` for a line to people (with `"of": "plan"` where it shows the
plan), and `built` for each image. What new tasks write is left out: it may hold anything. Whoever writes the file keeps
another one locked, so that readers see when it was killed.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import shutil
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

if TYPE_CHECKING:
    from cygni.errors import CygniError
    from cygni.releases.events import Event

PLAN = "plan"
KEPT = 10
"""Files of an environment that are kept."""
_FOLDER, _EVENTS, _LOCK = "told", "events.ndjson", "lock"
_NAME = re.compile(r"\d{20}-\d+")
_POLL = 0.1
_LOCKED_IN = 5.0
"""Seconds: whoever looks whether a file is written has its lock for a moment."""
_current: EventFile | None = None


class EventFile:
    """The file of one command, which `doing` names. A full disk loses what is told, and stops nothing."""

    def __init__(self, folder: Path, doing: str) -> None:
        self.folder = folder
        self._doing = doing
        self.of: dict[str, str] = {}
        """What the lines are about that are said now."""
        self._lock = FileLock(folder / _LOCK, timeout=_LOCKED_IN)
        self._file: io.TextIOBase | None = None

    def __enter__(self) -> EventFile:
        with contextlib.suppress(OSError, Timeout):
            _sweep(self.folder.parent)
            self.folder.mkdir(parents=True, mode=0o700, exist_ok=True)
            self._lock.acquire()
            self._file = (self.folder / _EVENTS).open("a", encoding="utf-8")
        self.write("started", doing=self._doing, pid=os.getpid(), host=socket.gethostname())
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
        self._lock.release()

    def tell(self, event: Event) -> None:
        """Keeps an event of a release."""
        from cygni.releases.events import Logged, to_dict

        if not isinstance(event, Logged):
            self._write(to_dict(event))

    def write(self, event: str, **values: Any) -> None:
        """Keeps what is no event of a release."""
        self._write({"at": datetime.now(UTC).isoformat(), **values, "event": event})

    def end(self, code: int, error: CygniError | None) -> None:
        """Says how the command ended: its exit code, and its error."""
        told = None
        if error is not None:
            told = {
                "code": error.code,
                "message": error.message,
                "hint": error.hint,
                "details": error.details,
            }
        self.write("ended", exit_code=code, error=told)

    def _write(self, event: Mapping[str, Any]) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError, ValueError):
                self._file.write(json.dumps(event, default=str) + "\n")
                self._file.flush()


class Said(io.TextIOBase):
    """A stderr whose lines are kept in an event file."""

    encoding = "utf-8"

    def __init__(self, file: EventFile) -> None:
        self._told = file
        self._line = ""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        *lines, self._line = (self._line + text).split("\n")
        for line in lines:
            self._told.write("said", text=line.rstrip(), **self._told.of)
        return len(text)


@contextlib.contextmanager
def event_file(environment: Path, doing: str) -> Iterator[EventFile]:
    """The file that this process writes already, or a new one below the `environment`'s folder, which an error of the
    block ends."""
    if _current is not None:
        yield _current
        return
    with EventFile(new_folder(environment), doing) as file:
        with ending(file):
            yield file
        file.end(0, None)


@contextlib.contextmanager
def ending(file: EventFile) -> Iterator[None]:
    """Says in the file what the block raises."""
    from cli.exit_codes import exit_code
    from cygni.errors import Cancelled, CygniError

    try:
        yield
    except CygniError as error:
        file.end(exit_code(error), error)
        raise
    except KeyboardInterrupt:
        stopped = Cancelled("interrupted", details={"interrupted": True})
        file.end(exit_code(stopped), stopped)
        raise


@contextlib.contextmanager
def telling_plan() -> Iterator[None]:
    """Marks the lines that are said in the block as those of the plan, which some readers show in another way."""
    if _current is None:
        yield
        return
    _current.of = {"of": PLAN}
    try:
        yield
    finally:
        _current.of = {}


@contextlib.contextmanager
def telling_build(service: str) -> Iterator[None]:
    """Keeps, as `{"event": "built", "service", "seconds"}`, how long the block took to make the image of a service,
    however it ended."""
    begin = time.monotonic()
    try:
        yield
    finally:
        if _current is not None:
            _current.write("built", service=service, seconds=round(time.monotonic() - begin, 6))


def write_here(file: EventFile) -> None:
    """All that this process tells goes into `file`."""
    global _current  # noqa: PLW0603  # as stderr is one for a process
    _current = file


def is_told_elsewhere() -> bool:
    """Whether people read the file, and nobody is at stderr."""
    return _current is not None


def tell_elsewhere(event: str, **values: Any) -> None:
    """Tells those who read the file, if anybody does, something of this command's own."""
    if _current is not None:
        _current.write(event, **values)


def new_folder(environment: Path) -> Path:
    """A folder for an event file, later in order than all before it."""
    return environment / _FOLDER / f"{time.time_ns():020d}-{os.getpid()}"


def folders(environment: Path) -> list[Path]:
    """Of all event files that are kept, the newest first."""
    with contextlib.suppress(OSError):
        there = (one for one in (environment / _FOLDER).iterdir() if (one / _EVENTS).exists())
        return sorted(there, reverse=True)
    return []


def lives(folder: Path) -> bool:
    """Whether somebody writes the file."""
    if not (folder / _LOCK).exists():
        return False
    try:
        with FileLock(folder / _LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:
        return False


def lines(folder: Path) -> list[str]:
    """What is in a file now; the last line may be cut off."""
    with contextlib.suppress(OSError):
        return (folder / _EVENTS).read_text(encoding="utf-8", errors="replace").splitlines()
    return []


def read(folder: Path) -> Iterator[dict[str, Any]]:
    """The events of a file from its beginning, as they come, until it has ended or nobody writes it any more."""
    with (folder / _EVENTS).open(encoding="utf-8") as file:
        rest = ""
        while True:
            alive = lives(folder)  # looked at before the file is: what is written last is read, too
            *lines, rest = (rest + file.read()).split("\n")
            for event in _events(lines):
                yield event
                if event["event"] == "ended":
                    return
            if not alive:
                return
            time.sleep(_POLL)


def _events(lines: Sequence[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        with contextlib.suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict) and "event" in event:
                yield event


def _sweep(folder: Path) -> None:
    """Removes what is older than the newest `KEPT`, and nothing that is not of `new_folder`."""
    ours = [one for one in folder.iterdir() if _NAME.fullmatch(one.name)] if folder.is_dir() else []
    for one in sorted(ours, reverse=True)[KEPT - 1 :]:
        if not lives(one):
            shutil.rmtree(one, ignore_errors=True)
