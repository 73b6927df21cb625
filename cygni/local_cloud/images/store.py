"""Keeps bundles in a folder of the local cloud, and the names they have.

    bundles/DIGEST/files/  the files, which tasks share and must not write to
    names/HASH.json        one name and what it stands for

A bundle is made aside and moved into place, so one that is there is whole. Of several commands one writes at a time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from cygni.builder.context import Context
from cygni.errors import NotFound, StateError, UsageError
from cygni.local_cloud.images.names import familiar_name, full_name

IMAGES_FOLDER = "images"
DIGEST_LENGTH = 64
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Image:
    """A name and the bundle it stands for. `start` is the command, run in `folder`; `added_at` is ISO 8601."""

    name: str
    digest: str
    start: tuple[str, ...]
    added_at: str
    folder: Path

    @property
    def familiar_name(self) -> str:
        return familiar_name(self.name)


class ImageStore:
    """The images of the local cloud whose folder is given. What it raises beside what is said is StateError."""

    def __init__(self, local_cloud: Path) -> None:
        self._folder = local_cloud / IMAGES_FOLDER
        self._bundles = self._folder / "bundles"
        self._names = self._folder / "names"

    def add(
        self, name: str, context: Context, start: Sequence[str], prepare: Callable[[Path], None] | None = None
    ) -> Image:
        """Make the bundle of a context unless it is there, and give it a name, which may have stood for another.

        `prepare` may change the copy before it becomes the bundle; what it does must follow from what the digest
        is of. Raises UsageError for a name or a start command that is none.
        """
        if not start or not start[0]:
            raise UsageError("the start command is empty", hint="Write the program and its arguments")
        return self.add_digested(name, bundle_digest(context, start), context, start, prepare)

    def add_digested(
        self,
        name: str,
        digest: str,
        context: Context,
        start: Sequence[str],
        prepare: Callable[[Path], None] | None = None,
    ) -> Image:
        """`add` for a caller that knows the digest."""
        full = full_name(name)
        with self._writing():
            if not (self._bundles / digest).is_dir():
                self._make(digest, context, prepare)
            image = Image(full, digest, tuple(start), _now(), self._root(digest))
            values = {key: value for key, value in asdict(image).items() if key != "folder"}
            _write_whole(self._name_file(full), json.dumps(values))
        return image

    def find(self, name: str) -> Image | None:
        """The image of that name, None if there is none."""
        try:
            return self._read(self._name_file(full_name(name)))
        except UsageError:
            return None

    def list(self) -> list[Image]:
        """Every image, by name."""
        found = [self._read(file) for file in self._names.glob("*.json")]
        return sorted((image for image in found if image), key=lambda image: image.familiar_name)

    def remove(self, name: str, in_use: Collection[str] = ()) -> Image:
        """Take a name away, and its bundle where it has no other and its digest is not `in_use`. Raises NotFound."""
        image = self.find(name)
        if image is None:
            raise NotFound(f'there is no image "{name}"', hint="See what there is: cx local image list")
        with self._writing():
            self._name_file(image.name).unlink(missing_ok=True)
            named = {one.digest for one in self.list()}
            for bundle in self._bundles.iterdir() if self._bundles.is_dir() else []:
                if (
                    bundle.name not in named
                    and bundle.name not in in_use
                    and len(bundle.name) == DIGEST_LENGTH
                ):
                    _remove(bundle)
        return image

    def _root(self, digest: str) -> Path:
        return self._bundles / digest / "files"

    def _name_file(self, full: str) -> Path:
        return self._names / f"{hashlib.sha256(full.encode()).hexdigest()}.json"

    def _read(self, file: Path) -> Image | None:
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
            start = tuple(str(word) for word in values["start"])
            digest = str(values["digest"])
            image = Image(values["name"], digest, start, values["added_at"], self._root(digest))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return image if image.folder.is_dir() else None

    def _make(self, digest: str, context: Context, prepare: Callable[[Path], None] | None) -> None:
        self._bundles.mkdir(parents=True, exist_ok=True, mode=0o700)
        making = Path(tempfile.mkdtemp(dir=self._bundles, prefix=".making-"))
        try:
            root = making / "files"
            root.mkdir()
            context.copy_to(root)
            if prepare is not None:
                prepare(root)
            _close_to_writing(root)
            making.rename(self._bundles / digest)
        finally:
            if making.exists():
                _remove(making)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time: a name must not be given to a bundle that is being removed."""
        import filelock

        try:
            self._names.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = filelock.FileLock(self._folder / "images.lock")
            lock.acquire()
        except OSError as error:
            raise self._unusable(error) from error
        try:
            yield
        except OSError as error:
            raise self._unusable(error) from error
        finally:
            lock.release()

    def _unusable(self, error: OSError) -> StateError:
        return StateError(
            f"cannot keep images in {self._folder}: {error.strerror or error}",
            hint="Free some space or fix the permissions, or name another folder in CYGNI_DATA_DIR",
            details={"folder": str(self._folder), "errno": error.errno},
        )


def bundle_digest(context: Context, start: Sequence[str], steps: Sequence[str] = ()) -> str:
    """What a bundle is known by: its files, its start command, and the steps that make it from them."""
    return context.digest("start", *start, "steps", *steps)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _write_whole(file: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".name-")
    with os.fdopen(descriptor, "w", encoding="utf-8") as written:
        written.write(text)
    Path(name).replace(file)


def _close_to_writing(root: Path) -> None:
    for folder, folders, files in os.walk(root, topdown=False):
        for name in [*files, *folders]:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & ~_WRITABLE)
    root.chmod(root.stat().st_mode & ~_WRITABLE)


def _remove(folder: Path) -> None:
    """Remove a bundle: folders are opened to writing first."""
    for found, _, _ in os.walk(folder):
        Path(found).chmod(0o700)
    shutil.rmtree(folder)
