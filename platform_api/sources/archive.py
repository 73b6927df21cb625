"""Archives of projects' folders: gzipped tar files that somebody sent, and that nobody trusts."""

from __future__ import annotations

import gzip
import tarfile
import tempfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import IO

from cygni.errors import UsageError

LARGEST = 32 * 1024**2
"""Bytes that are sent."""
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
                for count, member in enumerate(tar, 1):
                    if count > MOST_FILES:
                        raise UsageError(f"the archive has more than {MOST_FILES} files")
                    tar.extract(member, folder, filter="data")
        except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise UsageError(f"the archive cannot be unpacked: {error}") from error


def _inflate(archive: bytes, plain: IO[bytes]) -> None:
    """Counts while it goes: a small archive can hold a lot of nothing."""
    written = 0
    with gzip.open(BytesIO(archive)) as compressed:
        while chunk := compressed.read(_CHUNK):
            written += len(chunk)
            if written > LARGEST_UNPACKED:
                raise UsageError(
                    f"the archive has more than {LARGEST_UNPACKED // 1024**2} MiB in it",
                    hint="Leave out what is built or installed, such as node_modules and .venv.",
                )
            plain.write(chunk)
