"""What is billed for each project of an organisation, beside what it costs (pure).

A line of usage is divided by what each project used of its meter. What is billed whatever is used (fees, minimums) is
divided as the lines of usage are, and stays with the organisation as a whole where nothing was used. All parts sum up
to the lines, exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from cygni.billing.rating import Line, LineKind

WHOLE: Final = ""
"""Stands for what belongs to no project."""
_NOTHING: Final = Fraction(0)


@dataclass(frozen=True, slots=True)
class Margin:
    """Of one project, `WHOLE` for the rest, in one currency."""

    project: str
    billed: Fraction
    cost: Fraction

    @property
    def amount(self) -> Fraction:
        """What is left; below zero where it costs more than is billed."""
        return self.billed - self.cost

    @property
    def percent(self) -> Fraction | None:
        """Of what is billed; None where nothing is."""
        return self.amount / self.billed * 100 if self.billed else None


Shares = Mapping[str, Fraction]
"""Amounts by project."""


def billed_by_project(lines: Iterable[Line], used: Callable[[Line], Shares]) -> dict[str, Fraction]:
    """`used` tells what each project used of the meter of a line, in its time."""
    of_usage: defaultdict[str, Fraction] = defaultdict(Fraction)
    rest = _NOTHING
    for line in lines:
        if line.kind is LineKind.USAGE:
            for project, part in divided(Fraction(line.amount), used(line)).items():
                of_usage[project] += part
        else:
            rest += Fraction(line.amount)
    for project, part in divided(rest, dict(of_usage)).items():
        of_usage[project] += part
    return {project: amount for project, amount in of_usage.items() if amount}


def divided(amount: Fraction, shares: Shares) -> dict[str, Fraction]:
    """`amount` in parts as large as the shares; shares below zero, which corrections may leave, get none."""
    positive = {project: share for project, share in shares.items() if share > 0}
    whole = sum(positive.values(), _NOTHING)
    if not whole:
        return {WHOLE: amount}
    return {project: amount * share / whole for project, share in positive.items()}


def margins(billed: Shares, cost: Shares) -> list[Margin]:
    """Of all that is billed or costs anything, by project; what is of no project comes last."""
    projects = sorted(billed.keys() | cost.keys(), key=lambda project: (project == WHOLE, project))
    return [Margin(one, billed.get(one, _NOTHING), cost.get(one, _NOTHING)) for one in projects]
