"""What checks found, for people: a line for each, under its group, as soon as it is known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cygni.doctor.check import Group, Result, Status

if TYPE_CHECKING:
    from rich.console import Console

_MARKS = {
    Status.PASS: ("✓", "green"),
    Status.WARN: ("!", "yellow"),
    Status.FAIL: ("✗", "red"),
    Status.SKIP: ("·", "dim"),
}


class Shown:
    """Hears of each result in turn. Checks that are skipped for one reason share a line."""

    def __init__(self, people: Console) -> None:
        self._people = people
        self._group: Group | None = None
        self._skipped: list[Result] = []

    def __call__(self, result: Result) -> None:
        if result.check.group is not self._group:
            self._tell_skipped()
            self._group = result.check.group
            self._people.print(f"{self._group.value}", style="bold", markup=False)
        if result.finding.status is Status.SKIP:
            if self._skipped and self._skipped[0].finding.evidence != result.finding.evidence:
                self._tell_skipped()
            self._skipped.append(result)
            return
        self._tell_skipped()
        self._tell(result)

    def end(self, results: Sequence[Result], fixed: Sequence[str], seconds: float) -> None:
        """How it all went, in a line."""
        self._tell_skipped()
        if fixed:
            self._people.print(f"mended: {', '.join(fixed)}", markup=False, soft_wrap=True)
            for result in results:
                if result.check.id in fixed:
                    self._tell(result)
        counts = Counter(one.finding.status for one in results)
        told = ", ".join(f"{counts[status]} {_WORDS[status]}" for status in Status if counts[status])
        self._people.print(f"{told}; {seconds:.1f} s", markup=False)

    def _tell(self, result: Result) -> None:
        mark, style = _MARKS[result.finding.status]
        self._say(f"  {mark} {result.check.id}: {result.finding.evidence}", style)
        for line in result.finding.fix.splitlines():
            self._say(f"      fix: {line}", None)

    def _tell_skipped(self) -> None:
        if self._skipped:
            names = ", ".join(one.check.id for one in self._skipped)
            self._say(f"  · {names}: {self._skipped[0].finding.evidence}", "dim")
        self._skipped = []

    def _say(self, text: str, style: str | None) -> None:
        self._people.print(text, style=style, markup=False, soft_wrap=True)


_WORDS = {Status.PASS: "passed", Status.WARN: "warnings", Status.FAIL: "failed", Status.SKIP: "skipped"}
