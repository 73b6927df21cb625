"""The engine's state as seen from outside: fingerprints, what is pending, what is there.

With the default `file://` backend the checkpoint is read directly, which takes a millisecond instead of the
half second of an export; any other backend is asked through the engine.
"""

from __future__ import annotations

import glob
import hashlib
import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

import psutil

from cygni.errors import NotFound, StateError
from stacks.operations import EngineSettings, OperationKind, StackOperation, StackRunner
from stacks.pulumi_project import PULUMI_PROJECT

_CLOCK_SLACK = 2.0  # seconds between what the engine and the kernel say of one moment


@dataclass(frozen=True)
class EngineLock:
    """The engine's lock on a stack: a file that a killed engine leaves behind.

    `since` is in seconds since the epoch. `pid` is 0 for a file that was cut off while it was written.
    """

    path: Path
    pid: int = 0
    host: str = ""
    since: float = 0.0

    @property
    def holder(self) -> str:
        since = datetime.fromtimestamp(self.since).astimezone().isoformat(timespec="seconds")
        return f"an engine (pid {self.pid} on {self.host}, since {since})"

    def may_be_held(self) -> bool:
        """Whether the engine that made it may still be at work. Of another machine nobody can tell."""
        if not self.pid:
            return False
        if self.host != socket.gethostname():
            return True
        try:
            process = psutil.Process(self.pid)
            # A process that began after the lock was made is somebody else with the same number.
            return (
                process.create_time() <= self.since + _CLOCK_SLACK
                and process.status() != psutil.STATUS_ZOMBIE
            )
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:
            return True


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
    folder = file_backend(settings.backend_url)
    if folder is None:
        return _exported(runner, settings, stack)
    return look_in_folder(folder, stack)


def look_in_folder(folder: Path, stack: str) -> StackState:
    """Reads the state of `stack` from the folder of a `file://` backend. Raises StateError."""
    path = checkpoint_path(folder, stack)
    locks = folder / ".pulumi" / "locks" / "organization" / PULUMI_PROJECT / stack
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
    found = [_lock(file) for file in sorted(locks.iterdir())] if locks.is_dir() else []
    return StackState(latest, hashlib.sha256(content).hexdigest(), found, _torn(path, locks))


def checkpoint_path(folder: Path, stack: str) -> Path:
    """Where a `file://` backend has the state of `stack`."""
    return folder / ".pulumi" / "stacks" / PULUMI_PROJECT / f"{stack}.json"


def latest_in(content: bytes) -> dict[str, Any]:
    """The deployment in the file of a checkpoint. Raises ValueError if it is not one."""
    try:
        latest = json.loads(content)["checkpoint"]["latest"] or {}
    except (KeyError, TypeError, RecursionError):
        raise ValueError("not a checkpoint") from None
    if not isinstance(latest, dict):
        raise ValueError("not a checkpoint")  # noqa: TRY004  # of the content, which a caller only hands on
    return latest


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


def _lock(path: Path) -> EngineLock:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        since = datetime.fromisoformat(said["timestamp"]).timestamp()
        return EngineLock(path, int(said["pid"]), str(said["hostname"]), since)
    except (OSError, ValueError, KeyError, TypeError):
        return EngineLock(path)


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
