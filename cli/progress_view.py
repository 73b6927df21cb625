"""Live progress of a plan or an apply, on stderr: a moving line at a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cli.event_file import is_told_elsewhere
from cygni.errors import Cancelled
from cygni.naming import Part
from cygni.plan.events import DiagnosticEvent, StackEvent, StepEvent, StoppingEvent, name_of
from cygni.plan.wording import counted
from cygni.resources import is_cloud, short_type

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_DOING = {
    "preview": "previewing",
    "compare": "comparing with the cloud",
    "adopt": "trying on a copy of the state of",
    "up": "applying",
    "destroy": "deleting",
    "sweep": "deleting what is left over of",
    "recover": "recovering what an interrupted deploy left in",
}
_SIGNS = {"create": "+", "update": "~", "create-replacement": "±", "delete": "-", "delete-replaced": "-"}
_QUIET = frozenset({"preview", "compare"})
_STOPPING = "stopping: waiting for the engine to finish what is in flight"
_AGAIN = " (Ctrl-C again: cancel it)"
_CANCELLING = "cancelling what is in flight"
_SPINNER = 2
"""Columns before the moving line: the spinner, and a space."""


class ProgressView:
    """Shows each finished step, and what is in flight."""

    def __init__(self, console: Console, status: Any | None) -> None:
        self.console = console
        self.status = status
        self.doing = ""
        self.part: Part | None = None
        self.begun: dict[str, float] = {}
        self.waiting: dict[str, str] = {}
        self.done = 0
        self.recovered = False

    def stack(self, part: Part, doing: str) -> None:
        self.part, self.doing, self.done = part, doing, 0
        self.recovered |= doing == "recover"
        self.waiting.clear()
        if self.status is None or doing not in _QUIET:
            self.console.print(f"{_DOING[doing]} {part}")
        self._refresh()

    def event(self, part: Part, event: StackEvent) -> None:
        if isinstance(event, StepEvent) and is_cloud(event.type):
            self._step(event)
        elif isinstance(event, DiagnosticEvent) and event.severity == "info#err" and self.doing == "up":
            self.console.print(f"  {event.message}", markup=False)
        elif isinstance(event, StoppingEvent) and self.doing not in _QUIET:
            again = "" if is_told_elsewhere() else _AGAIN  # whoever reads it elsewhere has another Ctrl-C
            self.console.print(_CANCELLING if event.cancelling else f"{_STOPPING}{again}")

    def _step(self, event: StepEvent) -> None:
        self.done += event.phase == "planned"
        sign = _SIGNS.get(event.operation)
        if sign is None or self.doing in _QUIET:
            self._refresh()
            return
        label = f"{short_type(event.type)} {name_of(event.urn)}"
        key = f"{event.operation}{event.urn}"
        if event.phase == "planned":
            self.begun[key] = time.monotonic()
            self.waiting[key] = label
        else:
            self.waiting.pop(key, None)
            took = time.monotonic() - self.begun.pop(key, time.monotonic())
            failed = "  failed" if event.phase == "failed" else ""
            self.console.print(f"  {sign} {label}  {took:.1f}s{failed}", markup=False)
        self._refresh()

    def _refresh(self) -> None:
        if self.status is None:
            return
        waiting = ", ".join(list(self.waiting.values())[:3])
        more = f" and {len(self.waiting) - 3} more" if len(self.waiting) > 3 else ""
        seen = f" ({counted(self.done, 'resource')} seen)" if self.done else ": starting"
        what = f": {waiting}{more}" if waiting else seen
        self.status.update(_one_line(f"{_DOING[self.doing]} {self.part}{what}", self.console.width))


def _one_line(text: str, width: int) -> Text:
    """Text that is cut where the terminal ends: a line that wraps could not be taken back."""
    from rich.text import Text

    line = Text(text, no_wrap=True)
    line.truncate(max(1, width - _SPINNER), overflow="ellipsis")
    return line


@contextmanager
def progress_view(console: Console) -> Iterator[ProgressView]:
    """A progress view that is gone when the block ends."""
    if not console.is_terminal:
        yield ProgressView(console, None)
        return
    spinner = "dots" if console.encoding.startswith("utf") else "line"
    with console.status("reading the project", spinner=spinner) as status:
        yield ProgressView(console, status)


@contextmanager
def previewing(console: Console) -> Iterator[ProgressView]:
    """A progress view of a plan being made: stopped by a person, it says that nothing was changed, if that is so.

    Raises Cancelled then.
    """
    with progress_view(console) as progress:
        try:
            yield progress
        except (Cancelled, KeyboardInterrupt) as error:
            if progress.recovered or not getattr(error, "details", {"interrupted": True}).get("interrupted"):
                raise
            raise Cancelled("interrupted, nothing was changed", details={"interrupted": True}) from error
