"""Who does what follows of budgets."""

from __future__ import annotations

from dataclasses import dataclass

from platform_api.access.caller import Caller


@dataclass(frozen=True, slots=True)
class Automatic(Caller):
    """Nobody who asked: Cygni itself."""

    @property
    def actor(self) -> dict[str, str]:
        return {"kind": "worker", "id": "budgets"}
