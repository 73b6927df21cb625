"""When a delivery that was not taken is tried again."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from typing import Final

PAUSES: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After the first, second ... attempt: 75 hours and 35 minutes in all, as Standard Webhooks 1.0.0 suggests."""

LONGEST_ASKED: Final = timedelta(hours=24)
"""That a receiver may put us off by Retry-After."""
_SPREAD = 0.1


def pause_after(attempt: int, delivery: uuid.UUID, asked: timedelta | None = None) -> timedelta | None:
    """The pause after that attempt (1 is the first), or None: it was the last. `asked` is what the receiver wants at
    least. A tenth more or less, always the same for a delivery, keeps those of one outage from coming back at once.
    """
    if attempt > len(PAUSES):
        return None
    spread = random.Random(delivery.int + attempt).uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311  # no secret
    return max(PAUSES[attempt - 1] * spread, min(asked or timedelta(), LONGEST_ASKED))
