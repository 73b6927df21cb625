"""The file of a backup: a tar with what it is, and the dump of the database. It holds no key, so nobody reads the
secrets in it who has not the server's key too."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from cygni.errors import DocumentError, StateError
from platform_api.keys import ServerKey

FORMAT = 1
_MANIFEST, _DUMP = "manifest.json", "database.dump"
_LARGEST_MANIFEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """`key` tells whether a server's key belongs to it, and nothing of the key. `database` is the name that the roles
    of the database begin with. `digest` is the SHA-256 of the dump."""

    format: int
    created_at: str
    cygni: str
    database: str
    key: str
    digest: str


def fingerprint(key: ServerKey) -> str:
    return key.derived("fingerprint").hex()[:16]


def digest_of(dumped: Path) -> str:
    with dumped.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(to: Path, manifest: Manifest, dumped: Path) -> None:
    """Whole or not at all, for its owner alone. Raises StateError."""
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{to.name}-", dir=to.parent)
        own = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
                told, member = json.dumps(asdict(manifest)).encode(), tarfile.TarInfo(_MANIFEST)
                member.size = len(told)
                tar.addfile(member, BytesIO(told))
                tar.add(dumped, _DUMP)
            own.replace(to)
        finally:
            own.unlink(missing_ok=True)
    except OSError as error:
        raise StateError(f"{to} cannot be written: {error.strerror or error}") from error


@contextmanager
def opened(path: Path, folder: Path) -> Iterator[tuple[Manifest, Path]]:
    """What a backup is, and its dump as a file below `folder` while the block runs.

    Raises DocumentError for what is no backup, or a damaged one, and StateError where it cannot be read.
    """
    with tempfile.TemporaryDirectory(dir=folder) as place:
        dumped = Path(place) / _DUMP
        try:
            with tarfile.open(path, mode="r:") as tar:
                manifest = _manifest(_member(tar, _MANIFEST).read(_LARGEST_MANIFEST))
                with dumped.open("wb") as file:
                    source = _member(tar, _DUMP)
                    while chunk := source.read(1024 * 1024):
                        file.write(chunk)
        except OSError as error:
            raise StateError(f"{path} cannot be read: {error.strerror or error}") from error
        except (tarfile.TarError, EOFError, KeyError, ValueError, TypeError) as error:
            raise DocumentError(
                f"{path} is no backup of a control plane, or was cut off",
                hint="Make one with: cx server backup",
            ) from error
        if manifest.format != FORMAT:
            raise DocumentError(
                f"{path} is a backup of form {manifest.format}, and this Cygni knows {FORMAT}"
            )
        if digest_of(dumped) != manifest.digest:
            raise DocumentError(f"{path} is damaged: what is in it is not what was put into it")
        yield manifest, dumped


def _member(tar: tarfile.TarFile, name: str) -> Any:
    found = tar.extractfile(name)
    if found is None:
        raise KeyError(name)
    return found


def _manifest(text: bytes) -> Manifest:
    return Manifest(**json.loads(text))
