"""The progress of getting the engine, for eyes: a bar at a terminal, plain lines in a log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from stacks.engine import Progress, Step

LINE_SECONDS = 20.0
"""A log gets a line this often at most, unless something new begins."""

_WHAT = {
    "path": "Looking for the Pulumi engine",
    "cache": "Getting the Pulumi engine",
    "download": "Downloading the Pulumi engine (once for this machine)",
    "build": "Building the Pulumi engine (once for this machine, some minutes)",
}


def title(step: Step) -> str:
    """What is being done, and why it takes time."""
    return _WHAT.get(step.origin.value, "Getting the Pulumi engine")


def line(step: Step) -> str:
    """One line of a log: `Building the Pulumi engine (...): compiling (812 of 1656 packages), 58 %, 3 min 20 s`."""
    minutes, seconds = divmod(int(step.elapsed_seconds), 60)
    elapsed = f"{minutes} min {seconds:02d} s" if minutes else f"{seconds} s"
    share = f", {step.fraction:.0%}".replace("%", " %") if step.fraction is not None else ""
    return f"{title(step)}: {step.text}{share}, {elapsed}"


@contextmanager
def lines(stream: TextIO) -> Iterator[Progress]:
    """Plain lines: one when a phase begins, then one every `LINE_SECONDS`."""
    last_phase = ""
    last_time = 0.0

    def progress(step: Step) -> None:
        nonlocal last_phase, last_time
        phase = f"{step.origin}: {step.text.partition(' (')[0]}"
        if phase != last_phase or step.elapsed_seconds - last_time >= LINE_SECONDS:
            print(line(step), file=stream, flush=True)
            last_phase, last_time = phase, step.elapsed_seconds

    yield progress


@contextmanager
def bar() -> Iterator[Progress]:
    """A bar on stderr that appears with the first step and leaves nothing behind."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.fields[title]}"),
        BarColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
    )
    display = Progress(*columns, console=Console(stderr=True), transient=True)
    task: TaskID | None = None

    def progress(step: Step) -> None:
        nonlocal task
        if task is None:
            display.start()
            task = display.add_task(step.text, total=None, title=title(step))
        display.update(
            task,
            description=step.text,
            title=title(step),
            total=None if step.fraction is None else 1.0,
            completed=step.fraction or 0.0,
        )

    try:
        yield progress
    finally:
        display.stop()
