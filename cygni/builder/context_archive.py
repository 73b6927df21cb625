"""A context as a gzipped tar file: with links and who may execute what, without owners and times, so that the same
files are the same archive everywhere."""

from __future__ import annotations

import gzip
import os
import tarfile
from pathlib import Path
from typing import IO

from cygni.builder.context import Context, Entry
from cygni.builder.refusals import unreadable


def pack(context: Context, packed: IO[bytes]) -> None:
    """Writes the archive. Raises BuildContextRefused for what cannot be read."""
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as pressed,
        tarfile.open(fileobj=pressed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        for entry in context.entries:
            _add(tar, entry, context.folder / entry.path)


def _add(tar: tarfile.TarFile, entry: Entry, path: Path) -> None:
    about = tarfile.TarInfo(str(entry.path))
    about.mode = 0o755 if entry.kind == "folder" or entry.executable else 0o644
    if entry.kind == "folder":
        about.type = tarfile.DIRTYPE
    elif entry.kind == "link":
        about.type, about.linkname = tarfile.SYMTYPE, entry.target
    else:
        try:
            with path.open("rb") as content:
                about.size = os.fstat(content.fileno()).st_size
                tar.addfile(about, content)
        except OSError as error:
            raise unreadable(path, error) from error
        return
    tar.addfile(about)
