"""The time, for everything in the control plane: tests move it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Now, in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)
