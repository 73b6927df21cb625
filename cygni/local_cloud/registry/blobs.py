"""Uploads and blobs on the disk: a folder for each repository, and in it

    uploads/ID        what has arrived of one
    blobs/DIGEST      whole, and what its digest says

All of them together have a bound. What is kept is as short-lived as the local cloud, so nothing is read back when it
starts: what an earlier one left is removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cygni.local_cloud.registry.problems import (
    Problem,
    blob_unknown,
    digest_invalid,
    range_invalid,
    upload_unknown,
)

LIMIT_BYTES: Final = 20 * 1024**3
_CHUNK: Final = 1024 * 1024
_IDLE_SECONDS: Final = 3600.0
"""After which an upload that nobody continues is given up."""


@dataclass
class _Upload:
    repository: str
    path: Path
    size: int = 0
    hash: hashlib._Hash = field(default_factory=hashlib.sha256)
    touched: float = field(default_factory=time.monotonic)
    turn: threading.Lock = field(default_factory=threading.Lock)


class BlobStore:
    """Safe in threads. `repository` is a name that tells repositories apart; what is wrong is a Problem."""

    def __init__(self, folder: Path, limit: int = LIMIT_BYTES) -> None:
        self._folder = folder
        self._limit = limit
        self._lock = threading.Lock()
        self._uploads: dict[str, _Upload] = {}
        self._used = 0
        self.clear()

    def clear(self) -> None:
        """Remove all of it."""
        with self._lock:
            self._uploads.clear()
            self._used = 0
            shutil.rmtree(self._folder, ignore_errors=True)

    def forget(self, repository: str) -> None:
        """Remove a repository's blobs, and what is being uploaded to it."""
        with self._lock:
            for identity, upload in list(self._uploads.items()):
                if upload.repository == repository:
                    del self._uploads[identity]
            for file in self._place(repository).glob("*/*"):
                self._remove(file)
            shutil.rmtree(self._place(repository), ignore_errors=True)

    def begin(self, repository: str) -> str:
        """Begin an upload; its id."""
        with self._lock:
            self._give_up_idle()
            identity = uuid.uuid4().hex
            path = self._place(repository) / "uploads" / identity
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            self._uploads[identity] = _Upload(repository, path)
            return identity

    def received(self, repository: str, identity: str) -> int:
        """How many bytes of an upload have arrived."""
        return self._upload(repository, identity).size

    def append(
        self, repository: str, identity: str, content: io.BufferedIOBase, first: int | None = None
    ) -> int:
        """Add what follows to an upload; how many bytes it has then. A chunk whose `first` byte is not the next one is
        refused. Of one that breaks off, what has arrived is kept."""
        upload = self._upload(repository, identity)
        with upload.turn:
            if first is not None and first != upload.size:
                raise range_invalid(f"the next byte is {upload.size}, not {first}")
            with upload.path.open("ab") as file:
                while chunk := content.read1(_CHUNK):  # what has arrived, before what may not
                    self._take_room(len(chunk))
                    file.write(chunk)
                    upload.hash.update(chunk)
                    upload.size += len(chunk)
            upload.touched = time.monotonic()
            return upload.size

    def finish(self, repository: str, identity: str, digest: str) -> int:
        """Make a blob of an upload whose content has this digest; its size in bytes. One of another is removed."""
        upload = self._upload(repository, identity)
        with upload.turn, self._lock:
            if self._uploads.pop(identity, None) is None:
                raise upload_unknown(identity)
            found = f"sha256:{upload.hash.hexdigest()}"
            blob = self._blob(repository, digest)
            if found != digest or blob.is_file():
                self._remove(upload.path)
            if found != digest:
                raise digest_invalid(f"what was uploaded is {found}, not {digest}")
            if not blob.is_file():
                blob.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                upload.path.rename(blob)
            return upload.size

    def cancel(self, repository: str, identity: str) -> None:
        upload = self._upload(repository, identity)
        with upload.turn, self._lock:
            if self._uploads.pop(identity, None) is not None:
                self._remove(upload.path)

    def find(self, repository: str, digest: str) -> Path:
        """The file of a blob."""
        blob = self._blob(repository, digest)
        if not blob.is_file():
            raise blob_unknown(digest)
        return blob

    def has(self, repository: str, digest: str) -> bool:
        return self._blob(repository, digest).is_file()

    def mount(self, source: str, repository: str, digest: str) -> bool:
        """Give a repository a blob of another; False where that has none. It takes no room twice."""
        with self._lock, contextlib.suppress(FileNotFoundError):
            to = self._blob(repository, digest)
            to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with contextlib.suppress(FileExistsError):
                os.link(self._blob(source, digest), to)
            return True
        return False

    def delete(self, repository: str, digest: str) -> None:
        with self._lock:
            self._remove(self.find(repository, digest))

    def _place(self, repository: str) -> Path:
        return self._folder / hashlib.sha256(repository.encode()).hexdigest()[:32]

    def _blob(self, repository: str, digest: str) -> Path:
        return self._place(repository) / "blobs" / digest.removeprefix("sha256:")

    def _upload(self, repository: str, identity: str) -> _Upload:
        with self._lock:
            upload = self._uploads.get(identity)
        if upload is None or upload.repository != repository:
            raise upload_unknown(identity)
        return upload

    def _take_room(self, size: int) -> None:
        with self._lock:
            if self._used + size > self._limit:
                room = f"{self._limit / 1024**3:g} GiB"
                raise Problem(
                    413, "SIZE_INVALID", f"the local cloud keeps {room} of images: delete some first"
                )
            self._used += size

    def _remove(self, file: Path) -> None:
        """With what it takes, unless another repository has it too."""
        with contextlib.suppress(FileNotFoundError):
            found = file.stat()
            file.unlink()
            if found.st_nlink == 1:
                self._used -= found.st_size

    def _give_up_idle(self) -> None:
        until = time.monotonic() - _IDLE_SECONDS
        for identity, upload in list(self._uploads.items()):
            if upload.touched < until:
                del self._uploads[identity]
                self._remove(upload.path)
