"""Runs checks side by side, over facts that are gathered once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cygni.doctor.check import Check, Finding, Result, skipped
from cygni.doctor.facts import Facts, NotKnown, Source
from cygni.doctor.gathering import Gathering

QUICK_SECONDS = 2.0
"""What the checks before a deploy may take; what is not known by then is not judged."""


def run_checks(
    checks: Sequence[Check],
    sources: Iterable[Source[Any]],
    *,
    seconds: float | None = None,
    on_result: Callable[[Result], None] = lambda result: None,
) -> list[Result]:
    """What each check found, in the order of `checks`; `on_result` hears of each in that order, as soon as it is
    known. Nothing is waited for longer than `seconds`, where that is given."""
    begun = time.monotonic()
    gathering = Gathering(sources, until=None if seconds is None else begun + seconds)
    for check in checks:
        for fact in check.facts:
            gathering.begin(fact)
    results = []
    for check in checks:
        finding = judged(check, gathering.wait(check.facts))
        results.append(Result(check, finding, time.monotonic() - begun))
        on_result(results[-1])
    return results


def judged(check: Check, facts: Facts) -> Finding:
    """What a check says of facts, or why it says nothing (pure)."""
    for fact in check.needs:
        error = facts.error(fact)
        if isinstance(error, NotKnown):
            return skipped(error.message)
        if error is not None:
            return skipped(f"not without {fact.what}: {error.message}")
    errors = [error for fact in check.tries if (error := facts.error(fact)) is not None]
    if errors and all(isinstance(error, NotKnown) for error in errors):
        return skipped(errors[0].message)
    return check.judge(facts)
