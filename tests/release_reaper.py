"""A death that comes after any one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class Killed(BaseException):
    """The command was killed: nothing of it runs any more, not even a `finally`."""


class Reaper:
    """Kills whoever makes call number `at` (from 1), before it has had an effect or after."""

    def __init__(self) -> None:
        self.calls = 0
        self.at: int | None = None
        self.after = False

    def call(self, act: Callable[[], Result]) -> Result:
        self.calls += 1
        dies = self.calls == self.at
        if dies and not self.after:
            raise Killed
        result = act()
        if dies:
            raise Killed
        return result
