"""Live progress of a plan or an apply, on stderr: a moving line at a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from cygni.naming import Part
from cygni.plan.events import DiagnosticEvent, StackEvent, StepEvent, name_of
from cygni.plan.steps import is_cloud
from cygni.plan.wording import short_type

if TYPE_CHECKING:
    from rich.console import Console

_DOING = {
    "preview": "previewing",
    "up": "applying",
    "destroy": "deleting",
    "recover": "recovering what an interrupted deploy left in",
}
_SIGNS = {"create": "+", "update": "~", "create-replacement": "±", "delete": "-", "delete-replaced": "-"}
_QUIET = frozenset({"preview"})


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

    def stack(self, part: Part, doing: str) -> None:
        self.part, self.doing, self.done = part, doing, 0
        self.waiting.clear()
        if self.status is None or doing != "preview":
            self.console.print(f"{_DOING[doing]} {part}")
        self._refresh()

    def event(self, part: Part, event: StackEvent) -> None:
        if isinstance(event, StepEvent) and is_cloud(event.type):
            self._step(event)
        elif isinstance(event, DiagnosticEvent) and event.severity == "info#err" and self.doing == "up":
            self.console.print(f"  {event.message}", markup=False)

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
        what = f": {waiting}{more}" if waiting else f" ({self.done} resources)"
        self.status.update(f"{_DOING[self.doing]} {self.part}{what}")


@contextmanager
def progress_view(console: Console) -> Iterator[ProgressView]:
    """A progress view that is gone when the block ends."""
    if not console.is_terminal:
        yield ProgressView(console, None)
        return
    with console.status("reading the project") as status:
        yield ProgressView(console, status)
