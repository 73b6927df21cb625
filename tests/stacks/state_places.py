"""Places that others reach and that keep a state: a bucket, a database."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stacks.state_store import StateStore


@dataclass
class Place:
    """A place of state, what reads it, and the engine's own way to write a file into it."""

    url: str
    store: StateStore
    write: Callable[[str, bytes], Any]
