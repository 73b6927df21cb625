"""Where an engine may be found, and what is found there: the part of the lookup that costs nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from cygni.errors import UsageError
from cygni.settings import Settings
from stacks.engine_version import PINNED, WANTED, NotAnEngine, VersionMemory, ask


class Origin(StrEnum):
    """Where an engine can come from, in the order of looking."""

    VARIABLE = "variable"
    PATH = "path"
    CACHE = "cache"
    DOWNLOAD = "download"
    BUILD = "build"


class Outcome(StrEnum):
    """What came of looking at one place."""

    FOUND = "found"
    ABSENT = "absent"
    UNUSABLE = "unusable"
    SKIPPED = "skipped"
    POSSIBLE = "possible"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine to run: an absolute path, its version, where it came from, and why that one."""

    path: Path
    version: str
    origin: Origin
    reason: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One place that was looked at; `reason` is a phrase for a person."""

    origin: Origin
    outcome: Outcome
    reason: str
    path: Path | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """Progress of getting the engine; `fraction` is from 0 to 1, or None where the end cannot be told."""

    origin: Origin
    text: str
    elapsed_seconds: float
    fraction: float | None = None


Progress = Callable[[Step], None]


class Report(Protocol):
    """How a way tells its progress: what it is doing, and the share done from 0 to 1 where it is known."""

    def __call__(self, text: str, fraction: float | None = None) -> None: ...


Way = Callable[[Path, Report], Path]
"""Makes an engine in the folder it is given and returns the executable; raises CygniError when it cannot."""


def cache_path(settings: Settings) -> Path:
    """Where Cygni keeps the engine that it downloaded or built."""
    return settings.cache_dir / "engine" / f"v{PINNED}" / "pulumi"


class Search:
    """One search: the settings and environment it goes by, and what it remembers of versions.

    `progress` hears when an executable lets it wait for its version.
    """

    def __init__(
        self, settings: Settings, environ: Mapping[str, str], progress: Progress = lambda step: None
    ):
        self.settings = settings
        self.environ = dict(environ)
        self.progress = progress
        self.memory = VersionMemory(settings.cache_dir / "engine" / "versions.json", self._ask)

    def _ask(self, executable: Path) -> str:
        def on_wait(seconds: float) -> None:
            text = f"waiting for {executable} to tell its version"
            self.progress(Step(Origin.PATH, text, seconds))

        return ask(executable, self.environ, on_wait=on_wait)


def look_around(search: Search) -> list[Attempt]:
    """The three places that cost nothing, up to the first that settles it."""
    attempts: list[Attempt] = []
    for look in (_look_at_variable, _look_on_path, look_in_cache):
        attempts.append(look(search))
        if attempts[-1].outcome is Outcome.FOUND:
            break
        if attempts[-1] is attempts[0] and attempts[0].outcome is Outcome.UNUSABLE:
            break
    return attempts


def _look_at_variable(search: Search) -> Attempt:
    value = search.environ.get("CYGNI_PULUMI", "")
    if not value:
        return Attempt(Origin.VARIABLE, Outcome.ABSENT, "not set")
    path = Path(value)
    with suppress(RuntimeError):  # `~somebody` who does not exist stays as it is, and is not found
        path = path.expanduser()
    return judge(search, Origin.VARIABLE, path.absolute(), "CYGNI_PULUMI names it")


def _look_on_path(search: Search) -> Attempt:
    found = shutil.which("pulumi", path=search.environ.get("PATH", ""))
    if found is None:
        return Attempt(Origin.PATH, Outcome.ABSENT, "no `pulumi` there")
    return judge(search, Origin.PATH, Path(found).absolute(), "the first `pulumi` on PATH")


def look_in_cache(search: Search) -> Attempt:
    """What Cygni downloaded or built before."""
    path = cache_path(search.settings)
    if not path.exists():
        return Attempt(Origin.CACHE, Outcome.ABSENT, f"nothing at {path}", path)
    return judge(search, Origin.CACHE, path, "got by Cygni before")


def judge(search: Search, origin: Origin, path: Path, reason: str) -> Attempt:
    """Whether the file at `path` is an engine to use; `reason` tells why it would be this one."""
    if not path.exists():
        return Attempt(origin, Outcome.UNUSABLE, "does not exist", path)
    if not path.is_file():
        return Attempt(origin, Outcome.UNUSABLE, "is not a file", path)
    if not os.access(path, os.X_OK):
        return Attempt(origin, Outcome.UNUSABLE, "is not executable", path)
    try:
        version = search.memory.version(path)
    except NotAnEngine as error:
        return Attempt(origin, Outcome.UNUSABLE, str(error), path)
    if not version.compatible:
        return Attempt(origin, Outcome.UNUSABLE, f"is version {version}, not {WANTED}", path, str(version))
    return Attempt(origin, Outcome.FOUND, reason, path, str(version))


def found_in(attempt: Attempt) -> Engine:
    """The engine of an attempt that found one."""
    if attempt.path is None or attempt.version is None:
        raise ValueError(f"nothing was found: {attempt}")
    return Engine(attempt.path, attempt.version, attempt.origin, attempt.reason)


def may_download(environ: Mapping[str, str]) -> bool:
    """Whether `CYGNI_ENGINE_DOWNLOAD` lets upstream be asked. Raises UsageError for a value it cannot have."""
    value = environ.get("CYGNI_ENGINE_DOWNLOAD", "") or "auto"
    if value not in {"auto", "never"}:
        raise UsageError(
            f"CYGNI_ENGINE_DOWNLOAD is {value!r}, which means nothing.", hint="Set it to `auto` or `never`."
        )
    return value == "auto"


_NAMES = {
    Origin.VARIABLE: "CYGNI_PULUMI",
    Origin.PATH: "PATH",
    Origin.CACHE: "Cygni's cache",
    Origin.DOWNLOAD: "download from upstream",
    Origin.BUILD: "build with Go",
}


def describe(attempt: Attempt) -> str:
    """One line for a person: the place, and what came of it."""
    name = _NAMES[attempt.origin]
    if attempt.outcome is Outcome.UNUSABLE:
        return f"{name}: {attempt.path} {attempt.reason}"
    if attempt.outcome is Outcome.FOUND:
        return f"{name}: {attempt.reason}: {attempt.path}, {attempt.version}"
    return f"{name}: {attempt.reason}"


def as_details(attempt: Attempt) -> dict[str, str | None]:
    """The attempt in values that JSON has."""
    return {
        "origin": attempt.origin.value,
        "outcome": attempt.outcome.value,
        "reason": attempt.reason,
        "path": str(attempt.path) if attempt.path else None,
        "version": attempt.version,
    }
