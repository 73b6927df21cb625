"""Find the Pulumi engine, the program that does every deployment, or get it.

Looked for in this order: the executable that `CYGNI_PULUMI` names; a compatible `pulumi` on PATH; Cygni's own
cache; upstream's download; a build from the Go module that pins it. Only the last two take time, happen once
for a machine, and tell their progress.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from cygni.errors import EngineMissing
from cygni.settings import Settings
from stacks import engine_build
from stacks.engine_places import (
    Attempt,
    Engine,
    Origin,
    Outcome,
    Progress,
    Search,
    Step,
    Way,
    as_details,
    cache_path,
    describe,
    found_in,
    look_around,
    may_download,
)
from stacks.engine_version import WANTED

__all__ = [
    "Attempt",
    "Engine",
    "Origin",
    "Outcome",
    "Progress",
    "Step",
    "Way",
    "as_details",
    "cache_path",
    "describe",
    "find",
    "status",
]


def find(
    settings: Settings,
    progress: Progress | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    ways: Mapping[Origin, Way] | None = None,
) -> Engine:
    """The engine to use, downloaded or built when there is none: then it takes minutes, else a millisecond.

    Raises EngineMissing when `CYGNI_PULUMI` names something unusable, or when every way failed; UsageError
    for a wrong `CYGNI_ENGINE_DOWNLOAD`. Processes that come here together get it once: the others wait.
    `ways` stands in for the real download and build.
    """
    progress = progress or (lambda step: None)
    search = Search(settings, os.environ if environ is None else environ, progress)
    may_download(search.environ)  # a wrong setting is told at once, not on the day it matters
    attempts = look_around(search)
    if attempts[-1].outcome is Outcome.FOUND:
        return found_in(attempts[-1])
    if attempts[0].outcome is Outcome.UNUSABLE:
        raise EngineMissing(
            f"CYGNI_PULUMI names {attempts[0].path}, which {attempts[0].reason}.",
            hint=f"Let it name a Pulumi executable ({WANTED}), or unset it to let Cygni find one.",
            details={"attempts": [as_details(attempts[0])]},
        )
    # Not before it is needed: the lock alone takes a tenth of a second to import.
    from stacks.engine_acquire import acquire

    return acquire(search, attempts, progress, ways)


def status(
    settings: Settings, progress: Progress | None = None, *, environ: Mapping[str, str] | None = None
) -> list[Attempt]:
    """Each place in order: found, or why not. Nothing is downloaded or built; `progress` hears what is waited for.

    What stands after the place that is used is not looked at, except that a build's toolchain is.
    """
    search = Search(settings, os.environ if environ is None else environ, progress or (lambda step: None))
    attempts = look_around(search)
    if may_download(search.environ):
        attempts.append(Attempt(Origin.DOWNLOAD, Outcome.POSSIBLE, "tried when nothing is found above"))
    else:
        attempts.append(Attempt(Origin.DOWNLOAD, Outcome.SKIPPED, "CYGNI_ENGINE_DOWNLOAD is `never`"))
    attempts.append(_build_possible(search))
    return attempts


def _build_possible(search: Search) -> Attempt:
    try:
        engine_build.module_folder()
        tools = engine_build.toolchain(search.environ)
    except engine_build.CannotBuild as error:
        return Attempt(Origin.BUILD, Outcome.ABSENT, str(error))
    more = f", which first fetches Go {engine_build.GO_NEEDED}" if tools.fetches else ""
    return Attempt(Origin.BUILD, Outcome.POSSIBLE, f"possible with Go {tools.version}{more}", tools.go)
