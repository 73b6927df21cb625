"""What Cygni remembers of each stack's last success, so that an unchanged stack need not be asked again.

A record is a memory, never the truth: it holds only as long as the engine's state is the one it was written
for. Losing every record costs time, nothing else.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from cygni.errors import StateError
from cygni.naming import Part
from cygni.resources import UNKNOWN, Resource
from stacks.inputs import StackInputs

_FORMAT = 1
_PROGRAM_FOLDERS = ("components", "stacks")


@dataclass(frozen=True)
class StackRecord:
    """A stack as its last successful apply left it.

    `digest` is of everything that decides its resources, `state` the fingerprint of the engine's state then,
    `cloud` that of `stacks.target.Environment`, `applied_at` ISO 8601 in UTC.
    """

    digest: str
    state: str
    cloud: str
    applied_at: str
    resources: tuple[Resource, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)


class RecordStore:
    """The records of one environment: one small JSON file for each stack."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def read(self, part: Part) -> StackRecord | None:
        """The record of `part`; None if there is none or it cannot be understood (it is only a memory)."""
        try:
            stored = json.loads(self._path(part).read_text(encoding="utf-8"))
            return _record(stored) if stored["format"] == _FORMAT else None
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return None

    def write(self, part: Part, record: StackRecord) -> None:
        """Keeps `record`, whole or not at all. Raises StateError if it cannot."""
        stored = {
            "format": _FORMAT,
            "digest": record.digest,
            "state": record.state,
            "cloud": record.cloud,
            "applied_at": record.applied_at,
            "outputs": record.outputs,
            "resources": [
                {
                    "urn": one.urn,
                    "type": one.type,
                    "name": one.name,
                    "inputs": one.inputs,
                    "region": one.region,
                    "references": one.references,
                }
                for one in record.resources
            ],
        }
        write_whole(self._path(part), json.dumps(stored, default=_unknown_as_text))

    def forget(self, part: Part) -> None:
        """Drops the record: the next deploy asks the engine. Raises StateError if it cannot."""
        path = self._path(part)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _cannot_write(path, error) from None

    def _path(self, part: Part) -> Path:
        return self.folder / f"{part}.json"


def _record(stored: Mapping[str, Any]) -> StackRecord:
    """Raises TypeError, KeyError or AttributeError for anything but a record."""
    record = StackRecord(
        digest=stored["digest"],
        state=stored["state"],
        cloud=stored["cloud"],
        applied_at=stored["applied_at"],
        outputs=stored["outputs"],
        resources=tuple(
            Resource(**{**one, "references": {key: tuple(urns) for key, urns in one["references"].items()}})
            for one in stored["resources"]
        ),
    )
    texts = [record.digest, record.state, record.cloud, record.applied_at]
    texts += [text for one in record.resources for text in (one.urn, one.type, one.name, one.region)]
    mappings = [record.outputs, *(one.inputs for one in record.resources)]
    if not all(isinstance(text, str) for text in texts) or not all(isinstance(one, dict) for one in mappings):
        raise TypeError("not a record")
    return record


def write_whole(path: Path, text: str, *, private: bool = True) -> None:
    """Writes a file so that a reader, or a crash, sees the old content or the new, never half of it.

    Its owner alone may read it, unless it is not `private`: others may share a state in files. Raises StateError.
    """
    mode = 0o600 if private else 0o666
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise _cannot_write(path, error) from None


def _cannot_write(path: Path, error: OSError) -> StateError:
    return StateError(
        f"cannot write {path}: {error.strerror or error}",
        hint="Free some space or mend the folder's permissions, then run the same command again.",
    )


def digest(
    inputs: StackInputs, upstream: Mapping[str, Mapping[str, Any]], surroundings: Sequence[str]
) -> str:
    """A fingerprint of everything that decides what a stack declares.

    `upstream` are the outputs of the stacks before it, `surroundings` region, target and the like. The text
    of the programs themselves and the version of the AWS SDK are part of it.
    """
    material = {
        "inputs": dataclasses.asdict(inputs),
        "part": inputs.part,
        "upstream": upstream,
        "surroundings": list(surroundings),
        "programs": _program_text(),
    }
    text = json.dumps(material, sort_keys=True, default=_unknown_as_text)
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=1)
def _program_text() -> str:
    """A hash over the source of the components and stack programs that are installed."""
    root = Path(__file__).resolve().parent.parent
    hashed = hashlib.sha256()
    for folder in _PROGRAM_FOLDERS:
        for source in sorted((root / folder).glob("*.py")):
            hashed.update(source.name.encode())
            hashed.update(source.read_bytes())
    hashed.update((root / "cygni" / "naming.py").read_bytes())
    return hashed.hexdigest()


def _unknown_as_text(value: Any) -> Any:
    if value is UNKNOWN:
        return "<unknown>"
    raise TypeError(f"cannot keep a {type(value).__name__}")
