"""What a deployment does with its environment (pure)."""

from __future__ import annotations

from enum import StrEnum, auto
from typing import Final


class Kind(StrEnum):
    """As the command of `cx` that does it is called."""

    DEPLOY = auto()
    ROLLBACK = auto()
    SCALE = auto()
    RESTART = auto()
    RUN = auto()
    DESTROY = auto()


PLANNED: Final = frozenset({Kind.DEPLOY, Kind.DESTROY})
"""They make a plan first, for which somebody may have to give their word."""

APPROVED_UNPLANNED: Final = frozenset({Kind.SCALE, Kind.RUN})
"""Of what has no plan, this waits for a word where an environment asks for approvals: it runs more than was approved,
or nothing any more, or a job. Going back and restarting run what was approved before, and whoever needs them is in a
hurry."""
