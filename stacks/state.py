"""The engine's state as seen from outside: fingerprints, what is pending, what is there.

Where the files of the backend can be read (`file://`, `s3://`, `postgres://`) the checkpoint is, which takes
milliseconds instead of the half second of an export; Pulumi Cloud is asked through the engine.
"""

from __future__ import annotations

import glob
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from cygni.errors import NotFound, StateError
from stacks.engine_locks import EngineLock, engine_lock, locks_folder
from stacks.operations import EngineSettings, OperationKind, StackOperation, StackRunner
from stacks.pulumi_project import PULUMI_PROJECT
from stacks.state_store import StateStore, state_store


class StackState:
    """One look at a stack's state. `deployment` is the engine's own document, None for no such stack; `torn`
    are files beside it that a kill cut off and that keep the engine from reading it."""

    def __init__(
        self,
        deployment: Mapping[str, Any] | None,
        fingerprint: str,
        locks: Sequence[EngineLock] = (),
        torn: Sequence[Path] = (),
    ) -> None:
        self.deployment = deployment
        self.fingerprint = fingerprint
        self.locks = tuple(locks)
        self.torn = tuple(torn)

    @property
    def locked(self) -> bool:
        return bool(self.locks)

    @property
    def unsettled(self) -> bool:
        """Whether an engine was interrupted here, or is at work."""
        return self.locked or bool(self.pending) or bool(self.torn)

    @property
    def exists(self) -> bool:
        return self.deployment is not None

    @property
    def resources(self) -> list[Mapping[str, Any]]:
        """The resources in the state, the engine's own (stack, providers) included."""
        return list((self.deployment or {}).get("resources") or [])

    @property
    def pending(self) -> list[Mapping[str, Any]]:
        """Operations that were begun and never finished, as an interrupted engine leaves them."""
        return list((self.deployment or {}).get("pending_operations") or [])


def look(runner: StackRunner, settings: EngineSettings, stack: str) -> StackState:
    """Reads the state of `stack`. Raises StateError if it is there but cannot be read."""
    found = look_at_files(settings, stack)
    return _exported(runner, settings, stack) if found is None else found


def look_at_files(settings: EngineSettings, stack: str) -> StackState | None:
    """As `look`, without the engine; None where the backend shows no files. Raises StateError."""
    folder = file_backend(settings.backend_url)
    if folder is not None:
        return look_in_folder(folder, stack)
    store = state_store(settings)
    return None if store is None else look_in_store(store, stack)


def look_in_store(store: StateStore, stack: str) -> StackState:
    """Reads the state of `stack` from a bucket or a database. Raises StateError."""
    content = store.read(checkpoint_key(stack))
    if content is None:
        return StackState(None, "")
    try:
        latest = latest_in(content)
    except ValueError:
        raise StateError(
            f"cannot read the state of {stack} in {store.shown}: it is cut off or damaged",
            hint=f"Put the newest readable version of {checkpoint_key(stack)} in its place; the engine keeps one "
            "as .bak beside it.",
        ) from None
    locks = [key for key in store.keys(locks_folder(stack)) if key.endswith(".json")]
    said = {key: found for key in locks if (found := store.read(key)) is not None}
    held = [engine_lock(key, lock) for key, lock in said.items()]
    return StackState(latest, hashlib.sha256(content).hexdigest(), held)


def look_in_folder(folder: Path, stack: str) -> StackState:
    """Reads the state of `stack` from the folder of a `file://` backend. Raises StateError."""
    path = checkpoint_path(folder, stack)
    locks = folder / locks_folder(stack)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return StackState(None, "")
    except OSError as error:
        raise StateError(
            f"cannot read the state {path}: {error.strerror or error}",
            hint="Mend the permissions of the file and of its folder.",
        ) from None
    try:
        latest = latest_in(content)
    except ValueError:
        raise StateError(
            f"cannot read the state {path}: it is cut off or damaged",
            hint="Run cx deploy, or cx destroy: they put the newest readable copy in its place, and adopt what "
            "the cloud has by now.",
        ) from None
    found = [_lock(folder, file) for file in sorted(locks.glob("*.json"))] if locks.is_dir() else []
    return StackState(latest, hashlib.sha256(content).hexdigest(), found, _torn(path, locks))


def checkpoint_path(folder: Path, stack: str) -> Path:
    """Where a `file://` backend has the state of `stack`."""
    return folder / checkpoint_key(stack)


def checkpoint_key(stack: str) -> str:
    """The file in which any backend has the state of `stack`."""
    return f"{stacks_folder()}/{stack}.json"


def stacks_folder() -> str:
    """Where any backend has the states of all stacks."""
    return f".pulumi/stacks/{PULUMI_PROJECT}"


def latest_in(content: bytes) -> dict[str, Any]:
    """The deployment in the file of a checkpoint. Raises ValueError if it is not one."""
    try:
        latest = json.loads(content)["checkpoint"]["latest"] or {}
    except (KeyError, TypeError, RecursionError):
        raise ValueError("not a checkpoint") from None
    if not isinstance(latest, dict):
        raise ValueError("not a checkpoint")  # noqa: TRY004  # of the content, which a caller only hands on
    return latest


def stored_salt(settings: EngineSettings, stack: str) -> str | None:
    """The salt with which the passphrase encrypts the secrets of `stack`, as its state has it; None where there is
    none yet or the backend shows no files. A state that cannot be read tells nothing: what reads it next says so."""
    try:
        state = look_at_files(settings, stack)
    except StateError:
        return None
    return salt_of(state) if state is not None else None


def salt_of(state: StackState) -> str | None:
    """The salt with which the passphrase encrypts the secrets of a stack, None where there is none."""
    provider = (state.deployment or {}).get("secrets_providers") or {}
    salt = (provider.get("state") or {}).get("salt") if provider.get("type") == "passphrase" else None
    return str(salt) if salt else None


def _torn(checkpoint: Path, locks: Path) -> list[Path]:
    """The notes beside a stack's files (`.attrs`, which hold a content type) that a kill cut off.

    The engine writes them in place, unlike the files themselves, and cannot read a file whose note is no JSON.
    Without the note it can.
    """
    notes = [*checkpoint.parent.glob(f"{glob.escape(checkpoint.name)}*.attrs"), *locks.glob("*.attrs")]
    return [note for note in sorted(notes) if not _is_json(note)]


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except ValueError:
        return False
    except OSError:
        return True  # gone by now, or not ours to read
    return True


def _lock(folder: Path, path: Path) -> EngineLock:
    key = path.relative_to(folder).as_posix()
    try:
        return engine_lock(key, path.read_bytes())
    except OSError:
        return EngineLock(key)


def file_backend(url: str) -> Path | None:
    """The folder of a `file://` backend, None for any other."""
    parsed = urlparse(url)
    return Path(unquote(parsed.path)) if parsed.scheme == "file" else None


def _exported(runner: StackRunner, settings: EngineSettings, stack: str) -> StackState:
    operation = StackOperation(kind=OperationKind.EXPORT, stack=stack, settings=settings)
    try:
        result = runner.run(operation, lambda event: None)
    except NotFound:
        return StackState(None, "")
    deployment = (result.deployment or {}).get("deployment") or {}
    text = json.dumps(deployment, sort_keys=True)
    return StackState(deployment, hashlib.sha256(text.encode()).hexdigest())
