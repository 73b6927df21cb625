"""Locks that somebody may have left: who holds them, whether that lives, and taking away what is dead.

The lock of an environment is the operating system's and ends with its process. The engine's are files: one that was
killed leaves its own behind, and no other engine touches the stack until it is gone.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cygni.errors import NotFound, UsageError
from cygni.settings import Settings
from cygni.state_place import StateKind
from stacks.engine_locks import EngineLock, is_alive
from stacks.lock import Holder
from stacks.started_engines import Witness
from stacks.state_reader import Look, environment_store
from stacks.target import place_of_state


@dataclass(frozen=True)
class FoundLock:
    """A lock of the engine on `stack`. `alive` is whether its holder lives, None if nobody here can tell; `pending`
    is how many operations were in flight by what the state says; `age` in seconds."""

    stack: str
    lock: EngineLock
    alive: bool | None
    pending: int
    age: float

    @property
    def is_dead(self) -> bool:
        return self.alive is False

    def to_dict(self, *, removed: bool) -> dict[str, object]:
        """As JSON values."""
        return {
            "stack": self.stack,
            "key": self.lock.key,
            "pid": self.lock.pid or None,
            "host": self.lock.host or None,
            "user": self.lock.user or None,
            "since": self.lock.since or None,
            "age_seconds": round(self.age) if self.lock.since else None,
            "alive": self.alive,
            "pending": self.pending,
            "removed": removed,
        }


def found_locks(look: Look, stacks: Iterable[str], knows: Witness) -> list[FoundLock]:
    """The engine's locks on `stacks`. Raises StateError."""
    found = []
    for stack in stacks:
        state = look(stack)
        for lock in state.locks:
            age = max(0.0, time.time() - lock.since)
            found.append(FoundLock(stack, lock, knows.lives(stack, lock), len(state.pending), age))
    return found


def holder_lives(holder: Holder) -> bool | None:
    """Whether the holder of an environment's lock is at work. The lock itself says that something holds it; of another
    machine, whose data folder this is too, nobody can tell more."""
    return is_alive(holder.pid, holder.host, holder.since) if holder.pid else None


def to_remove(found: Sequence[FoundLock], forced: Iterable[str]) -> list[FoundLock]:
    """Those of `found` that are dead, and those on the stacks named in `forced`, by their name or their part.

    Raises NotFound for a name that has no lock (pure).
    """
    wanted = set(forced)
    for name in sorted(wanted):
        if not any(_is_named(one, name) for one in found):
            locked = ", ".join(dict.fromkeys(one.stack for one in found)) or "none"
            raise NotFound(f"there is no lock on a stack {name}", hint=f"Locked are: {locked}.")
    return [one for one in found if one.is_dead or any(_is_named(one, name) for name in wanted)]


def _is_named(found: FoundLock, name: str) -> bool:
    return name in (found.stack, found.stack.rpartition(".")[2])


def refuse_service(settings: Settings) -> None:
    """Raises UsageError where the locks are those of a service."""
    place = place_of_state(settings)
    if place.kind is StateKind.SERVICE:
        raise UsageError(
            f"the locks of {place.shown} are its own",
            hint="Look there who is at work; its page of the stack can cancel an update.",
        )


def remove(settings: Settings, environment: str, region: str, locks: Iterable[FoundLock]) -> None:
    """Removes these locks and no other; one that is gone by now is no error. Raises StateError."""
    folder = place_of_state(settings).folder
    store = environment_store(settings, environment, region)
    for one in locks:
        if folder is not None:
            for name in (one.lock.key, f"{one.lock.key}.attrs"):
                (folder / name).unlink(missing_ok=True)
        elif store is not None:
            store.remove(one.lock.key)
