"""The engine's state as seen from outside: fingerprints, what is pending, what is there.

With the default `file://` backend the checkpoint is read directly, which takes a millisecond instead of the
half second of an export; any other backend is asked through the engine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from cygni.errors import NotFound, StateError
from stacks.operations import EngineSettings, OperationKind, StackOperation, StackRunner
from stacks.pulumi_project import PULUMI_PROJECT


class StackState:
    """One look at a stack's state. `deployment` is the engine's own document, None for no such stack."""

    def __init__(self, deployment: Mapping[str, Any] | None, fingerprint: str, locked: bool) -> None:
        self.deployment = deployment
        self.fingerprint = fingerprint
        self.locked = locked

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
    folder = file_backend(settings.backend_url)
    if folder is None:
        return _exported(runner, settings, stack)
    return look_in_folder(folder, stack)


def look_in_folder(folder: Path, stack: str) -> StackState:
    """Reads the state of `stack` from the folder of a `file://` backend. Raises StateError."""
    path = folder / ".pulumi" / "stacks" / PULUMI_PROJECT / f"{stack}.json"
    locks = folder / ".pulumi" / "locks" / "organization" / PULUMI_PROJECT / stack
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return StackState(None, "", locked=False)
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from None
    try:
        latest = json.loads(content)["checkpoint"]["latest"] or {}
    except (ValueError, KeyError, TypeError):
        raise _unreadable(path, "it is not the engine's format") from None
    locked = locks.is_dir() and any(locks.iterdir())
    return StackState(latest, hashlib.sha256(content).hexdigest(), locked)


def file_backend(url: str) -> Path | None:
    """The folder of a `file://` backend, None for any other."""
    parsed = urlparse(url)
    return Path(unquote(parsed.path)) if parsed.scheme == "file" else None


def _exported(runner: StackRunner, settings: EngineSettings, stack: str) -> StackState:
    operation = StackOperation(kind=OperationKind.EXPORT, stack=stack, settings=settings)
    try:
        result = runner.run(operation, lambda event: None)
    except NotFound:
        return StackState(None, "", locked=False)
    deployment = (result.deployment or {}).get("deployment") or {}
    text = json.dumps(deployment, sort_keys=True)
    return StackState(deployment, hashlib.sha256(text.encode()).hexdigest(), locked=False)


def _unreadable(path: Path, why: str) -> StateError:
    return StateError(
        f"cannot read the state {path}: {why}",
        hint="The engine keeps a copy beside it, ending in .bak; put it in place if the file is damaged.",
    )
