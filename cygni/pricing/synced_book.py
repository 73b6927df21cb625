"""The price book that was synchronised on this machine: one SQLite file, written whole or not at all. The SHA-256 of it
stands behind its last page, where SQLite does not look.

Every row has the day on which it was read. The book that ships stays beside it, for what was not synchronised.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import shutil
import sqlite3
import struct
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Final

from cygni.errors import PriceBookError
from cygni.pricing.book_file import Row

FILE: Final = "book.sqlite"
PREVIOUS: Final = "previous.sqlite"
"""What was there before the last synchronisation, to compare it."""

_APPLICATION: Final = 0x43594750  # "CYGP", as SQLite's header has it
_FORMAT: Final = 1
_DIGEST_BYTES: Final = 32
_PART: Final = 1 << 20
_SCHEMA: Final = """
CREATE TABLE prices (
  service TEXT NOT NULL, region TEXT NOT NULL, usage TEXT NOT NULL, attributes TEXT NOT NULL,
  unit TEXT NOT NULL, usd TEXT NOT NULL, as_of TEXT NOT NULL, source TEXT NOT NULL,
  PRIMARY KEY (service, region, usage, attributes)
) WITHOUT ROWID;
"""
_COLUMNS: Final = "service, region, usage, attributes, unit, usd, as_of, source"


class SyncedBook:
    """The rows of a file. Each call opens it anew, so that what is replaced meanwhile is seen, and nothing is held.

    Every method raises PriceBookError where the file is damaged, of another format or not there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, service: str, region: str) -> tuple[Row, ...]:
        chosen = f"SELECT {_COLUMNS} FROM prices WHERE service = ? AND region = ?"  # noqa: S608
        with self._reading() as database:
            return tuple(_row(one) for one in database.execute(chosen, (service, region)))

    def regions(self, service: str) -> frozenset[str]:
        with self._reading() as database:
            found = database.execute("SELECT DISTINCT region FROM prices WHERE service = ?", (service,))
            return frozenset(region for (region,) in found)

    def services(self) -> tuple[str, ...]:
        """The services it has any price of, by name."""
        with self._reading() as database:
            found = database.execute("SELECT DISTINCT service FROM prices ORDER BY service")
            return tuple(service for (service,) in found)

    def all_rows(self) -> tuple[Row, ...]:
        with self._reading() as database:
            return tuple(_row(one) for one in database.execute(f"SELECT {_COLUMNS} FROM prices"))  # noqa: S608

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        if not _is_whole(self.path):
            raise _unusable(self.path, "it is cut off, changed, or no price book")
        try:
            with closing(sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True)) as database:
                marks = [
                    database.execute(f"PRAGMA {name}").fetchone()[0]
                    for name in ("application_id", "user_version")
                ]
                if marks != [_APPLICATION, _FORMAT]:
                    raise _unusable(self.path, "it is no price book, or of another version of Cygni")
                yield database
        except (sqlite3.Error, ValueError, KeyError, TypeError, InvalidOperation) as error:
            raise _unusable(self.path, str(error) or type(error).__name__) from error


def write_synced(folder: Path, rows: Iterable[Row]) -> Path:
    """Puts the rows in the place of the book in `folder`, which is kept as the previous one. The folder must be there.

    Raises OSError where there is no room, and PriceBookError for two rows of the same price; the book stays then.
    """
    target = folder / FILE
    descriptor, name = tempfile.mkstemp(prefix=f".{FILE}-", dir=folder)
    os.close(descriptor)
    new = Path(name)
    try:
        _fill(new, rows)
        _seal(new)
        if target.exists():
            _keep(target, folder / PREVIOUS)
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)
    return target


def _fill(path: Path, rows: Iterable[Row]) -> None:
    try:
        with closing(sqlite3.connect(path)) as database:
            database.executescript(
                f"PRAGMA application_id = {_APPLICATION}; PRAGMA user_version = {_FORMAT}; {_SCHEMA}"
            )
            with database:
                values = ", ".join("?" * len(_COLUMNS.split(",")))
                database.executemany(f"INSERT INTO prices VALUES ({values})", map(_values, rows))  # noqa: S608
    except sqlite3.IntegrityError as error:
        raise PriceBookError(f"Two prices for the same thing: {error}.", hint="Report this.") from error
    except sqlite3.OperationalError as error:  # a full disk
        raise OSError(f"the price book cannot be written: {error}") from error


def _is_whole(path: Path) -> bool:
    """Whether a file is as long as its head says, and unchanged since it was written. SQLite itself takes what is
    missing of the last page for zeros.

    Source: sqlite.org/fileformat.html, the page size (1 is 65,536) and the number of pages.
    """
    try:
        with path.open("rb") as file:
            head = file.read(32)
            found = os.fstat(file.fileno())
        size, pages = (int(one) for one in struct.unpack(">16xH10xI", head))
        length = pages * (65536 if size == 1 else size)
        known = (found.st_ino, found.st_mtime_ns, length)
        return found.st_size == length + _DIGEST_BYTES and _is_intact(str(path), known)
    except (OSError, struct.error):
        return False


@functools.lru_cache(maxsize=8)
def _is_intact(path: str, known: tuple[int, int, int]) -> bool:
    """Whether a file has the digest at its end; looked at once for a file of this inode, time and length."""
    whole = hashlib.sha256()
    with Path(path).open("rb") as file:
        left = known[-1]
        while left and (part := file.read(min(left, _PART))):
            whole.update(part)
            left -= len(part)
        return file.read() == whole.digest()


def _seal(path: Path) -> None:
    with path.open("r+b") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        file.seek(0, os.SEEK_END)
        file.write(digest)
        file.flush()
        os.fsync(file.fileno())


def _keep(current: Path, previous: Path) -> None:
    """A second name for the file is enough, for it is replaced and never written to."""
    beside = previous.with_name(f".{previous.name}-{os.getpid()}")
    try:
        beside.unlink(missing_ok=True)
        try:
            beside.hardlink_to(current)
        except OSError:
            shutil.copyfile(current, beside)
        beside.replace(previous)
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def _values(row: Row) -> tuple[str, ...]:
    attributes = json.dumps(dict(row.attributes), sort_keys=True, separators=(",", ":"))
    price = format(row.usd, "f")
    return (row.service, row.region, row.usage, attributes, row.unit, price, row.as_of or "", row.source)


def _row(values: tuple[str, ...]) -> Row:
    service, region, usage, attributes, unit, usd, as_of, source = values
    known: Mapping[str, str] = json.loads(attributes)
    return Row(service, region, usage, tuple(known.items()), unit, Decimal(usd), as_of or None, source)


def _unusable(path: Path, why: str) -> PriceBookError:
    return PriceBookError(
        f"The synchronised price book cannot be read: {why}.",
        hint=f"Make it again with cx prices sync, or remove {path} to use the book that ships.",
        details={"file": str(path)},
    )
