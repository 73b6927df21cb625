"""What requests tell of releases: when a switch began and was over, how long they took in it and outside (pure)."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmarks.requesting import Answer

MARGIN = 0.5
"""Seconds around a switch that count as within: what it disturbs need not be over with it."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A command that releases. `begun` and `ended` are when it was called and had ended, `heard` is when it took the
    matter up (its deployment's record), in seconds since the epoch. `before` and `after` are the versions that
    answer; the same where only tasks come and go."""

    kind: str
    before: str
    after: str
    begun: float
    heard: float
    ended: float


@dataclass(frozen=True, slots=True)
class Switch:
    """When the first request was sent that the new version answered, and the last that the old one did."""

    operation: Operation
    first_new: float
    last_old: float

    @property
    def seconds(self) -> float:
        """Between the two: both versions answered."""
        return max(0.0, self.last_old - self.first_new)

    @property
    def after_command(self) -> float:
        """Seconds from the call of the command until nothing of the old version was left to see."""
        return max(self.first_new, self.last_old) - self.operation.begun

    @property
    def after_heard(self) -> float:
        """The same without the start of the program."""
        return max(self.first_new, self.last_old) - self.operation.heard


def switches(operations: Sequence[Operation], answers: Sequence[Answer]) -> list[Switch]:
    """Of the operations that change the version; `answers` in the order they were sent. Each belongs to the operation
    before it."""
    sent = [one.at for one in answers]
    found = []
    for operation, after in zip(operations, [*operations[1:], None], strict=True):
        end = bisect.bisect_left(sent, after.begun) if after is not None else len(sent)
        own = answers[bisect.bisect_left(sent, operation.begun) : end]
        new = next((one.at for one in own if one.version == operation.after), None)
        old = next((one.at for one in reversed(own) if one.version == operation.before), operation.begun)
        if new is not None and operation.before != operation.after:
            found.append(Switch(operation, new, old))
    return found


def within(
    answers: Iterable[Answer], spans: Sequence[tuple[float, float]]
) -> tuple[list[float], list[float]]:
    """The seconds that requests took: of those sent in one of the spans (which do not overlap, in order), and of the
    others."""
    inside: list[float] = []
    outside: list[float] = []
    starts = [start for start, _ in spans]
    for one in answers:
        at = bisect.bisect_right(starts, one.at) - 1
        (inside if at >= 0 and one.at <= spans[at][1] else outside).append(one.seconds)
    return inside, outside


def spans(found: Iterable[Switch]) -> list[tuple[float, float]]:
    """Each switch from its beginning to its end, and `MARGIN` around it."""
    return [
        (min(one.first_new, one.last_old) - MARGIN, max(one.first_new, one.last_old) + MARGIN)
        for one in found
    ]


def quantile(values: Sequence[float], part: float) -> float:
    """The least of the values that so many do not exceed; NaN of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("nan")
