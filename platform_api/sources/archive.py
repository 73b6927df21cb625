"""Archives of projects' folders: gzipped tar files that somebody sent, and that nobody trusts."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import tempfile
import zlib
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import IO

from cygni.errors import UsageError

LARGEST_UNPACKED = 256 * 1024**2
MOST_FILES = 20_000
_MAGIC = b"\x1f\x8b"
_CHUNK = 1024**2


def demand_archive(content: bytes) -> None:
    """Raises UsageError for what is no gzipped file at its first look."""
    if not content.startswith(_MAGIC):
        raise UsageError(
            "this is no archive of a folder",
            hint="Send what `tar -cz .` makes in the folder with cygni.yaml.",
        )


def unpack(archive: bytes, folder: Path) -> None:
    """Into an empty folder; nothing outside of it is written, or linked to. Raises UsageError."""
    with tempfile.TemporaryFile() as plain:
        try:
            _inflate(archive, plain)
            plain.seek(0)
            with tarfile.open(fileobj=plain, mode="r:") as tar:
                _write(tar, folder)
        except (tarfile.TarError, EOFError, zlib.error, OSError, RuntimeError, ValueError) as error:
            raise _refused(str(error)) from error


def _write(tar: tarfile.TarFile, folder: Path) -> None:
    """Symbolic links come last, so that no file is written through one. (The filters of `tarfile` came with Python
    3.11.4.)"""
    links: list[tuple[Path, str]] = []
    size = 0
    for count, member in enumerate(tar, 1):
        if count > MOST_FILES:
            raise UsageError(f"the archive has more than {MOST_FILES} files")
        path = _inside(folder, member.name)
        size += _size_on_disk(member, folder)
        if size > LARGEST_UNPACKED:  # files with holes, and copies, are larger than what was sent
            raise _too_large()
        if member.isdir():
            path.mkdir(parents=True, exist_ok=True)
        elif member.issym():
            links.append((path, member.linkname))
        elif member.isreg() or member.islnk():
            _write_file(tar, member, folder, path)
        else:
            raise _refused(f"{member.name} is no file, folder or link")
    _link(links, folder.resolve())


def _link(links: list[tuple[Path, str]], folder: Path) -> None:
    """Each has to lead to somewhere inside before it is made, or the next could be made through it; and once all are
    there, since what one leads to can change with another. Where one does not, none of them remains."""
    made: list[Path] = []
    try:
        for path, target in links:
            _require_inside(folder, path, path.parent, path.parent / target)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.symlink_to(target)
            made.append(path)
        for path in made:
            _require_inside(folder, path, path)
    except BaseException:
        for path in reversed(made):  # each is found by the links that it was made through
            path.unlink()
        raise


def _require_inside(folder: Path, path: Path, *found: Path) -> None:
    if not all(one.resolve().is_relative_to(folder) for one in found):
        raise _refused(f"{path.name} leads out of it")


def _size_on_disk(member: tarfile.TarInfo, folder: Path) -> int:
    """Bytes. A second name for a file is written as a copy of it. Raises UsageError for fewer than none, OSError where
    there is no such file."""
    if member.size < 0:
        raise _refused(f"{member.name} has a size below zero")
    return _inside(folder, member.linkname).stat().st_size if member.islnk() else member.size


def _write_file(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if member.islnk():
        shutil.copy(_inside(folder, member.linkname), path)
        return
    source = tar.extractfile(member)
    assert source is not None
    with source, path.open("wb") as file:
        shutil.copyfileobj(source, file)
    path.chmod(0o755 if member.mode & 0o100 else 0o644)


def _inside(folder: Path, name: str) -> Path:
    """Where a member goes. Raises UsageError for a name that leads elsewhere."""
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or "\0" in name:
        raise _refused(f"{name} leads out of it")
    return folder / parts


def _refused(why: str) -> UsageError:
    return UsageError(f"the archive cannot be unpacked: {why}")


def _inflate(archive: bytes, plain: IO[bytes]) -> None:
    """Counts while it goes: a small archive can hold a lot of nothing."""
    written = 0
    with gzip.open(BytesIO(archive)) as compressed:
        while chunk := compressed.read(_CHUNK):
            written += len(chunk)
            if written > LARGEST_UNPACKED:
                raise _too_large()
            plain.write(chunk)


def _too_large() -> UsageError:
    return UsageError(
        f"the archive has more than {LARGEST_UNPACKED // 1024**2} MiB in it",
        hint="Leave out what is built or installed, such as node_modules and .venv.",
    )
