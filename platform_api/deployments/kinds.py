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
"""They make a plan first, for which somebody may have to give their word; the others begin at once."""
