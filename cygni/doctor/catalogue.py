"""All checks, in the order in which they are shown, and choosing among them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Final

from cygni.doctor.check import Check, Group
from cygni.doctor.checks import (
    account,
    certificates,
    control_plane,
    domain,
    images,
    machine,
    project,
    quotas,
    state,
)
from cygni.errors import UsageError

CHECKS: Final[tuple[Check, ...]] = (
    *machine.CHECKS,
    *project.CHECKS,
    *state.CHECKS,
    *account.CHECKS,
    *quotas.CHECKS,
    *domain.CHECKS,
    *certificates.CHECKS,
    *images.CHECKS,
    *control_plane.CHECKS,
)

QUICK: Final = tuple(check for check in CHECKS if check.quick)
"""Those that run before a deploy."""


def chosen(names: Sequence[str]) -> tuple[Check, ...]:
    """The checks of these ids and groups, all for none. Raises UsageError for what is neither (pure)."""
    for name in names:
        _require(name)
    return tuple(check for check in CHECKS if not names or check.id in names or check.group.value in names)


def names() -> list[str]:
    """What checks can be chosen by: groups, then ids."""
    return [*(group.value for group in Group), *(check.id for check in CHECKS)]


def _require(name: str) -> None:
    known = names()
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        hint = (
            f"Did you mean {close[0]}?"
            if close
            else f"Groups are: {_listed(group.value for group in Group)}."
        )
        raise UsageError(f"there is no check {name!r}", hint=hint)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words)
