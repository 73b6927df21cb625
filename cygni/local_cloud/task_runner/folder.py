"""What is written down of a task, so that the next data plane takes it over.

TASK/task.json           what was decided before anything ran: ports, bundles, names of containers
TASK/INDEX/              one container: what its monitor writes (monitor.py), and `home`, its own place to write
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

NOTE = "task.json"
_LOG_PREFIX = "log."


@dataclass(frozen=True, slots=True)
class ContainerNote:
    """What was decided for a container. `digest` is its bundle's, `engine` and `container` are of one that a
    container engine runs; `port` is 0 where it has none."""

    name: str
    port: int
    digest: str = ""
    engine: str = ""
    container: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a container's process ended. `code` is None where it never began; `at` is seconds since the epoch."""

    code: int | None
    reason: str
    at: float


@dataclass(frozen=True, slots=True)
class ContainerFolder:
    """What a container's monitor has written."""

    path: Path

    @property
    def home(self) -> Path:
        return self.path / "home"

    def make(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def begun(self) -> bool:
        return (self.path / "begun").exists()

    def ended(self) -> Ended | None:
        """None while it has not been said; a container that was killed with its monitor never says it."""
        try:
            values = json.loads((self.path / "exit.json").read_text(encoding="utf-8"))
            return Ended(values["code"], str(values["reason"]), float(values["ended_at"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def lines(self, position: int, most: int) -> tuple[list[tuple[int, str]], int]:
        """Whole lines from `position` on, about `most` bytes of them, each with its time in milliseconds; and the
        position after them. What was dropped meanwhile is passed over."""
        lines: list[tuple[int, str]] = []
        for start, after in self._segments(position):
            position = max(position, start)
            try:
                with (self.path / f"{_LOG_PREFIX}{start:016d}").open("rb") as file:
                    file.seek(position - start)
                    content = file.read(most)
            except FileNotFoundError:  # dropped since it was listed
                continue
            whole, newline, _ = content.rpartition(b"\n")
            if newline:
                lines += [told for line in whole.split(b"\n") if (told := _line(line)) is not None]
                position += len(whole) + 1
                most -= len(whole) + 1
            if after is not None and not newline and len(content) < most:
                position = after  # what is left of the segment is a line that was torn
            if most <= 0 or after is None or position < after:
                break
        return lines, position

    def _segments(self, position: int) -> Iterator[tuple[int, int | None]]:
        """The segments that hold `position` and what is after it: where each begins, and where the next one does."""
        starts = sorted(
            int(file.name.removeprefix(_LOG_PREFIX)) for file in self.path.glob(f"{_LOG_PREFIX}*")
        )
        for at, start in enumerate(starts, 1):
            after = starts[at] if at < len(starts) else None
            if after is None or after > position:
                yield start, after


@dataclass(frozen=True, slots=True)
class TaskFolder:
    """One task's folder."""

    path: Path

    def note(self) -> tuple[ContainerNote, ...] | None:
        """What was decided before; None when it was not."""
        try:
            values = json.loads((self.path / NOTE).read_text(encoding="utf-8"))
            return tuple(ContainerNote(**one) for one in values["containers"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def write_note(self, containers: Sequence[ContainerNote]) -> None:
        """Raises OSError."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=self.path, prefix=".note-")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump({"containers": [asdict(one) for one in containers]}, file)
        Path(name).replace(self.path / NOTE)

    def container(self, index: int) -> ContainerFolder:
        return ContainerFolder(self.path / str(index))

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def bundles_in_use(runner: Path) -> set[str]:
    """The digests of the bundles that tasks below the task runner's folder were started from."""
    notes = [TaskFolder(folder).note() or () for folder in runner.iterdir()] if runner.is_dir() else []
    return {one.digest for note in notes for one in note if one.digest}


def _line(written: bytes) -> tuple[int, str] | None:
    """None for what a full disk has torn."""
    stamp, _, text = written.partition(b" ")
    return (int(stamp), text.decode("utf-8", "replace")) if stamp.isdigit() else None
