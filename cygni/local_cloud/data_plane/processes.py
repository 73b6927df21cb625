"""Processes that outlive the data plane: each is written down before it begins, so that none is ever lost.

A process starts behind a gate (a shell that waits for a word) and is let through once its record is on the disk. Is
the data plane killed between the two, the gate closes and nothing has run.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    import psutil

_GATE = 'read -r _ && exec "$@" </dev/null'
_SAME_START_SECONDS = 2.0  # the clock may have been set since the process began
_LOOK_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """A process that was started here. `kind` names who looks after it ("envoy", "task"), `name` is unique among
    those; `details` are that part's own words; `create_time` (seconds since the epoch) tells it from a later
    process with its pid."""

    kind: str
    name: str
    pid: int
    create_time: float
    instance_id: str
    details: Mapping[str, str] = field(default_factory=dict)


class Ledger:
    """The records of one local cloud, a file each in `folder`."""

    def __init__(self, folder: Path, instance_id: str):
        self._folder = folder
        self._instance_id = instance_id

    def spawn(
        self,
        kind: str,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: Path,
        stdout: int | IO[bytes],
        stderr: int | IO[bytes],
        details: Mapping[str, str] | None = None,
    ) -> tuple[subprocess.Popen[bytes], ProcessRecord]:
        """Start a process in a session of its own, recorded before it begins. Its output must not be a pipe to this
        process, which it outlives. Raises OSError when the record or the process cannot be made."""
        process = subprocess.Popen(
            ["/bin/sh", "-c", _GATE, "cygni", *command],
            stdin=subprocess.PIPE,
            stdout=stdout,
            stderr=stderr,
            cwd=cwd,
            env=dict(environment),
            start_new_session=True,
        )
        assert process.stdin is not None
        with process.stdin:
            record = ProcessRecord(
                kind, name, process.pid, _create_time(process.pid), self._instance_id, details or {}
            )
            self._write(record)
            process.stdin.write(b"go\n")
        return process, record

    def record_self(self, kind: str) -> ProcessRecord:
        """Write down this very process."""
        pid = os.getpid()
        record = ProcessRecord(kind, str(pid), pid, _create_time(pid), self._instance_id)
        self._write(record)
        return record

    def running(self, kind: str) -> list[ProcessRecord]:
        """The records of this local cloud's processes that are alive; those of others are dropped."""
        alive = []
        for record in self._records():
            if record.kind != kind or record.instance_id != self._instance_id:
                continue
            if is_alive(record):
                alive.append(record)
            else:
                self.forget(record)
        return alive

    def strangers(self) -> list[ProcessRecord]:
        """What another local cloud of this folder left behind."""
        return [one for one in self._records() if one.instance_id != self._instance_id]

    def all(self) -> list[ProcessRecord]:
        return self._records()

    def forget(self, record: ProcessRecord) -> None:
        """Remove a record; it may be gone already."""
        self._file(record).unlink(missing_ok=True)

    def _file(self, record: ProcessRecord) -> Path:
        return self._folder / f"{record.kind}-{record.name}.json"

    def _records(self) -> list[ProcessRecord]:
        records = []
        for file in sorted(self._folder.glob("*.json")) if self._folder.is_dir() else []:
            with contextlib.suppress(OSError, ValueError, TypeError):
                records.append(ProcessRecord(**json.loads(file.read_text(encoding="utf-8"))))
        return records

    def _write(self, record: ProcessRecord) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=self._folder, prefix=".record-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(asdict(record), file)
        Path(name).replace(self._file(record))


def is_alive(record: ProcessRecord) -> bool:
    """True while the very process that was recorded runs; a zombie has ended."""
    return _process(record) is not None


def end(records: Iterable[ProcessRecord], grace: float) -> None:
    """SIGTERM to the processes and all they started, SIGKILL to what is left after `grace` seconds (0: at once).
    Returns when all are gone, or a second after the last signal."""
    left = [record for record in records if is_alive(record)]
    if grace > 0:
        for record in left:
            _signal(record, signal.SIGTERM)
        left = _left_after(left, grace)
    for record in left:
        _kill(record)
    _left_after(left, 1.0)


def end_leftovers(folder: Path) -> int:
    """Kill what is recorded in `folder` and still runs, and drop the records; how many there were. Data planes are
    ended first: they would start again what is killed."""
    ledger = Ledger(folder, "")
    records = ledger.all()
    first = [one for one in records if one.kind == DATA_PLANE]
    others = [one for one in records if one.kind != DATA_PLANE]
    alive = [one for one in records if is_alive(one)]
    end(first, 0)
    end(others, 0)
    for record in records:
        ledger.forget(record)
    return len(alive)


DATA_PLANE = "data-plane"


def _left_after(records: list[ProcessRecord], seconds: float) -> list[ProcessRecord]:
    until = time.monotonic() + seconds
    while records and time.monotonic() < until:
        records = [one for one in records if is_alive(one)]
        if records:
            time.sleep(_LOOK_SECONDS)
    return records


def _signal(record: ProcessRecord, number: signal.Signals) -> None:
    """To the whole group; processes are started as its leader."""
    if is_alive(record):  # looked at again: by now the pid may be somebody else's
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(record.pid, number)


def _kill(record: ProcessRecord) -> None:
    """With what it started in groups of its own: whoever would end these is killed too."""
    import psutil

    process = _process(record)
    started = []
    if process is not None:
        with contextlib.suppress(psutil.Error):
            started = process.children(recursive=True)
    _signal(record, signal.SIGKILL)
    for one in started:
        with contextlib.suppress(psutil.Error):
            one.kill()


def _create_time(pid: int) -> float:
    import psutil

    return float(psutil.Process(pid).create_time())


def _process(record: ProcessRecord) -> psutil.Process | None:
    import psutil

    try:
        process = psutil.Process(record.pid)
        same = abs(process.create_time() - record.create_time) < _SAME_START_SECONDS
        return process if same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None
