"""Get the engine into Cygni's cache, by upstream's download or by a build; one process at a time."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from cygni.errors import CygniError, EngineMissing
from cygni.settings import Settings
from stacks import engine_build, engine_download
from stacks.engine_places import (
    Attempt,
    Engine,
    Origin,
    Outcome,
    Progress,
    Report,
    Search,
    Step,
    Way,
    as_details,
    cache_path,
    describe,
    found_in,
    judge,
    look_in_cache,
    may_download,
)
from stacks.engine_version import PINNED, WANTED

_WORK_PREFIX = "getting-"
_LOCK_POLL_SECONDS = 0.5


def real_ways(search: Search) -> Mapping[Origin, Way]:
    """Upstream's download, and the build from the Go module."""

    def download(work: Path, report: Report) -> Path:
        return engine_download.download(work, search.environ, report)

    def build(work: Path, report: Report) -> Path:
        folder = engine_build.module_folder()
        tools = engine_build.toolchain(search.environ)
        return engine_build.build(folder, tools, work, search.environ, report)

    return {Origin.DOWNLOAD: download, Origin.BUILD: build}


def acquire(
    search: Search, attempts: list[Attempt], progress: Progress, ways: Mapping[Origin, Way] | None = None
) -> Engine:
    """The engine, put into the cache by the first of `ways` that works. Raises EngineMissing when none does.

    `attempts` is what was looked at before; what is tried here is added to it.
    """
    started = time.monotonic()

    def tell(origin: Origin, text: str, fraction: float | None = None) -> None:
        progress(Step(origin, text, time.monotonic() - started, fraction))

    try:
        with _alone(
            search.settings, lambda: tell(Origin.CACHE, "waiting for another process that is getting it")
        ):
            again = look_in_cache(search)
            if again.outcome is Outcome.FOUND:
                return found_in(again)
            for origin, way in (ways or real_ways(search)).items():
                if origin is Origin.DOWNLOAD and not may_download(search.environ):
                    attempts.append(Attempt(origin, Outcome.SKIPPED, "CYGNI_ENGINE_DOWNLOAD is `never`"))
                    continue
                attempts.append(_try(search, origin, way, tell))
                if attempts[-1].outcome is Outcome.FOUND:
                    return found_in(attempts[-1])
                tell(origin, attempts[-1].reason)
    except (OSError, NotImplementedError) as error:
        said = (isinstance(error, OSError) and error.strerror) or str(error)
        raise EngineMissing(
            f"The engine cannot be kept in {search.settings.cache_dir}: {said}.",
            hint="Free space there or make it writable, or let CYGNI_CACHE_DIR name another folder.",
        ) from error
    raise _nothing_worked(attempts)


def _try(
    search: Search, origin: Origin, way: Way, tell: Callable[[Origin, str, float | None], None]
) -> Attempt:
    """Get the engine one way into a folder of its own, judge it there, and only then put it into the cache."""
    target = cache_path(search.settings)
    with tempfile.TemporaryDirectory(
        dir=target.parent.parent, prefix=f"{_WORK_PREFIX}{origin}-", ignore_cleanup_errors=True
    ) as name:
        try:
            made = way(Path(name), lambda text, fraction=None: tell(origin, text, fraction))
            made.chmod(0o755)
        except CygniError as error:
            return Attempt(origin, Outcome.FAILED, f"{error} {error.hint or ''}".strip())
        except engine_build.CannotBuild as error:
            return Attempt(origin, Outcome.FAILED, str(error))
        except OSError as error:
            return Attempt(origin, Outcome.FAILED, error.strerror or str(error))
        judged = judge(search, origin, made, f"got by {origin} just now")
        if judged.outcome is not Outcome.FOUND:
            return Attempt(origin, Outcome.FAILED, f"what it left {judged.reason}")
        _put(made, target)
    return Attempt(origin, Outcome.FOUND, judged.reason, target, judged.version)


def _put(made: Path, target: Path) -> None:
    target.parent.mkdir(exist_ok=True)
    with made.open("rb") as opened:
        os.fsync(opened.fileno())
    made.replace(target)


@contextmanager
def _alone(settings: Settings, waiting: Callable[[], None]) -> Iterator[None]:
    """Only one process at a time gets the engine; what a killed one left is removed."""
    folder = cache_path(settings).parent.parent
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"v{PINNED}.lock")
    while True:
        try:
            lock.acquire(timeout=_LOCK_POLL_SECONDS)
            break
        except Timeout:
            waiting()
    try:
        for left in folder.glob(f"{_WORK_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        yield
    finally:
        lock.release()


def _nothing_worked(attempts: list[Attempt]) -> EngineMissing:
    listed = "\n".join(f"  - {describe(attempt)}" for attempt in attempts)
    return EngineMissing(
        f"No Pulumi engine ({WANTED}) was found, downloaded or built:\n{listed}",
        hint=(
            f"Install Go {engine_build.GO_NEEDED} or newer and run `cx engine install`; or install Pulumi and put it "
            "on PATH; or let CYGNI_PULUMI name a Pulumi executable."
        ),
        details={"attempts": [as_details(attempt) for attempt in attempts]},
    )
