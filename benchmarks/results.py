"""What was measured, and its table (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.measuring import Ratio


@dataclass(frozen=True)
class Row:
    """One measure at one size. `a` and `b` are texts with a unit, or seconds; `goal` is the greatest ratio that
    is good enough, `below` makes it one that must not be reached, None means that nothing was promised. Where there is
    nothing to compare with, the goal is of `value`."""

    measure: str
    size: int | None
    a: str
    b: str = ""
    ratio: Ratio | None = None
    goal: float | None = None
    below: bool = False
    value: float | None = None

    @property
    def met(self) -> bool | None:
        found = self.value if self.ratio is None else self.ratio.median
        if self.goal is None or found is None:
            return None
        return found < self.goal if self.below else found <= self.goal

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "met": self.met}


def compared(
    measure: str, size: int | None, found: Ratio, goal: float | None = None, *, below: bool = False
) -> Row:
    """A row for two commands that were run in turn."""
    return Row(measure, size, f"{found.a:.2f} s", f"{found.b:.2f} s", found, goal, below)


HEADER = ("measure", "size", "A", "B", "A/B (min-max)", "goal", "")


def table(rows: Sequence[Row]) -> str:
    """The rows as aligned text."""
    lines = [HEADER, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    texts = []
    for line in lines:
        left, *rest = line
        cells = [
            left.ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)),
        ]
        texts.append("  ".join(cells).rstrip())
    texts.insert(1, "-" * max(len(text) for text in texts))
    return "\n".join(texts)


def _cells(row: Row) -> tuple[str, ...]:
    found = row.ratio
    return (
        row.measure,
        "" if row.size is None else f"{row.size:,}",
        row.a,
        row.b,
        "" if found is None else f"{found.median:.2f} ({found.least:.2f}-{found.greatest:.2f})",
        "" if row.goal is None else f"{'<' if row.below else '≤'} {row.goal:g}",
        {True: "met", False: "MISSED", None: ""}[row.met],
    )
