"""Where a task of the local cloud runs: what a command needs to be run beside its program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cygni.local_cloud.files import DATA_PLANE_FOLDER
from cygni.local_cloud.task_runner.folder import TaskFolder
from cygni.local_cloud.task_runner.runner import TaskRunner


@dataclass(frozen=True)
class Inside:
    """What to run, in which folder (None: this one) and with which variables (None: those of this process)."""

    words: Sequence[str]
    folder: Path | None = None
    variables: Mapping[str, str] | None = None


def inside(local_cloud: Path, task: str, words: Sequence[str], *, terminal: bool) -> Inside | None:
    """How to run a command in the first container of a task: with the variables and in the folder that its program has,
    or by the engine that runs it. None where it does not run any more. `local_cloud` is its folder; `terminal` says
    that a person is at both ends."""
    import psutil

    folder = TaskFolder(local_cloud / DATA_PLANE_FOLDER / TaskRunner.name / task)
    note = folder.note()
    if not note:
        return None
    if note[0].engine:
        tty = ["--tty"] if terminal else []
        return Inside([note[0].engine, "exec", "--interactive", *tty, note[0].container, *words])
    try:
        process = psutil.Process(int((folder.container(0).path / "begun").read_text(encoding="utf-8")))
        return Inside(words, Path(process.cwd()), process.environ())
    except (OSError, ValueError, psutil.Error):
        return None
