"""What a fault is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.cli.doctor_world import World


@dataclass(frozen=True)
class Fault:
    """`check` finds it, and tells of it with the words `named`. `inject` does it, `before` makes ready what it is done
    to."""

    check: str
    named: str
    inject: Callable[[World], None]
    before: Callable[[World], None] = lambda world: None
    status: str = "fail"
    id: str = ""
