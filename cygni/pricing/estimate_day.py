"""The day an estimate is made, by which versions are under standard or extended support."""

from __future__ import annotations

from datetime import UTC, date, datetime


def today() -> date:
    """In UTC, as AWS bills."""
    return datetime.now(UTC).date()
