"""What is to be remembered of a stack until a recovery has settled it: notes beside its state.

Where others reach the state, a note is with it: the machine it was made on may be gone before the next deploy. With a
state of this machine alone, and with Pulumi Cloud, which keeps no files for others, it is beside the records.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass

from cygni.errors import AuthError, StateError
from cygni.state_place import state_place
from stacks.started_engines import witness_of
from stacks.state_store import FolderStore, StateStore, state_store
from stacks.target import Environment

_FOLDER = ".pulumi/cygni/"
"""Where a shared back end has the notes: beside the engine's own folders, of which none has this name."""


@dataclass(frozen=True)
class Note:
    """A note on one stack; `kind` ends the name of its file."""

    environment: Environment
    stack: str
    kind: str

    def read(self) -> dict[str, bytes]:
        """What was noted, by where, for people. Raises StateError, AuthError."""
        found = {}
        for store, key in self._places():
            content = store.read(key)
            if content is not None:
                found[f"{store.shown}/{key}"] = content
        return found

    def write(self, changed: Callable[[bytes | None], str]) -> None:
        """Notes what `changed` makes of what was noted. What broke an answer off may keep a shared state out of reach
        too: then it is noted on this machine.

        Raises StateError if it can be noted nowhere.
        """
        *shared, (here, name) = self._places()
        for store, key in shared:
            with contextlib.suppress(StateError, AuthError):
                return store.write(key, changed(store.read(key)).encode())
        return here.write(name, changed(here.read(name)).encode())

    def forget(self) -> None:
        """Nothing happens where there is none. Raises StateError, AuthError."""
        for store, key in self._places():
            store.remove(key)

    def _places(self) -> list[tuple[StateStore, str]]:
        """Where it belongs, then this machine, where it is kept otherwise."""
        name = f"{self.stack}.{self.kind}"
        here: tuple[StateStore, str] = (FolderStore(self.environment.records.folder), name)
        shared = _shared_store(self.environment)
        return [here] if shared is None else [(shared, f"{_FOLDER}{name}"), here]


def _shared_store(environment: Environment) -> StateStore | None:
    engine = environment.engine
    folder = state_place(engine.backend_url).folder
    if folder is None:
        return state_store(engine)
    return None if witness_of(engine).alone else FolderStore(folder)
