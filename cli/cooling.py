"""The process that a release leaves behind: it stops the old tasks when they have been warm for long enough.

It sleeps with next to nothing loaded and looks at its note once a second. It ends when the note is gone, because the
environment was destroyed, or the local cloud is. One is enough for an environment; whatever it cannot do is done by the
next command.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cygni.releases.release import Live

_LOOK = 1.0
"""Seconds between two looks at the note: a later release may bring it forward."""
_TRIES, _BETWEEN_TRIES = 10, 60.0
"""For a network or a project file that is not as it should be just then."""
_HANDOVER = 5.0
"""Seconds that a new process waits for one that is about to end."""
_DUE, _LOCK, _LOG = "cooling", "cooling.lock", "cooling.log"


@dataclass(frozen=True)
class Warmth:
    """Where old colours are warm: `folder` is what this machine keeps of the environment, `app` has its cygni.yaml.
    `cloud` is the file that says which local cloud it runs on; None on AWS."""

    folder: Path
    app: Path
    env: str
    cloud: Path | None = None


def leave_behind(warmth: Warmth, live: Live) -> bool:
    """Lets a process wait for the end of what is warm; whether there is anything, and a machine that stays: a job of
    a CI ends with all its processes. That it cannot be started is no error: the next command does it."""
    from cygni.errors import StateError
    from cygni.releases.settle import warm_ends
    from stacks.records import write_whole

    ends = warm_ends(live)
    if not ends or os.environ.get("CI"):
        return False
    with contextlib.suppress(OSError, StateError):
        write_whole(warmth.folder / _DUE, str(min(ends).timestamp()))
        with (warmth.folder / _LOG).open("wb") as log:
            subprocess.Popen(
                [sys.executable, "-P", "-m", "cli.cooling", *_arguments(warmth)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=warmth.folder,
                start_new_session=True,
            ).wait()
    return True


def call_off(folder: Path) -> None:
    """Nothing of the environment is warm any more: whoever waits for it ends within a second."""
    for name in (_DUE, _LOG):
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def _arguments(warmth: Warmth) -> list[str]:
    found = ["--folder", str(warmth.folder), "--app", str(warmth.app), "--env", warmth.env]
    return [*found, "--cloud", str(warmth.cloud)] if warmth.cloud is not None else found


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m cli.cooling", description=(__doc__ or "").split("\n")[0])
    for name in ("--folder", "--app"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--env", required=True)
    parser.add_argument("--cloud", type=Path)
    asked = Warmth(**vars(parser.parse_args(arguments)))
    if os.fork():
        os._exit(0)  # whoever started it need not wait
    cool(asked)


def cool(warmth: Warmth, sleep: Callable[[float], None] = time.sleep) -> None:
    """Waits for the time that is noted, then stops what has been warm for long enough; for what is warm for longer
    another process waits. Does nothing where one waits already."""
    still_warm = None
    with contextlib.suppress(OSError), _alone(warmth.folder):
        still_warm = _in_time(warmth, sleep)
    if still_warm is not None:
        leave_behind(warmth, still_warm)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Raises OSError where another process waits already. (The usual lock, filelock's, would double the memory.)"""
    with (folder / _LOCK).open("w") as file:
        until = time.monotonic() + _HANDOVER
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise
                time.sleep(_LOOK / 10)
        yield


def _in_time(warmth: Warmth, sleep: Callable[[float], None]) -> Live | None:
    """What is still warm once it was time, and what was due is stopped; None where nobody needs to wait any more."""
    from cygni.errors import CygniError, NotFound

    life = _life(warmth)
    for _ in range(_TRIES):
        if not _is_time(warmth, life, sleep):
            return None
        try:
            return _stop_what_is_old(warmth)
        except CygniError as error:
            sys.stderr.write(f"{error.message}\n")
            if isinstance(error, NotFound):  # it is not deployed any more, or its cloud is down
                return None
        sleep(_BETWEEN_TRIES)
    return None


def _is_time(warmth: Warmth, life: bytes, sleep: Callable[[float], None]) -> bool:
    """Whether the time has come; not where the note is gone, or the cloud of this `life`."""
    while _life(warmth) == life:
        try:
            left = float((warmth.folder / _DUE).read_text(encoding="utf-8")) - time.time()
        except (OSError, ValueError):
            return False
        if left <= 0:
            return True
        sleep(min(left, _LOOK))
    return False


def _life(warmth: Warmth) -> bytes:
    """Tells one life of the local cloud from another; empty where none runs, and on AWS."""
    try:
        return warmth.cloud.read_bytes() if warmth.cloud is not None else b""
    except OSError:
        return b""


def _stop_what_is_old(warmth: Warmth) -> Live | None:
    """What is warm for longer. None where nothing is, or somebody is releasing: their command leaves a process of its
    own behind. Raises CygniError."""
    from datetime import UTC, datetime

    from cli.release_session import release_session
    from cygni.releases.settle import warm

    opened = release_session(warmth.app, warmth.env)
    opened.releases(lambda event: None).cool()
    live = opened.store.live()
    return None if warm(live, datetime.now(UTC)) else live


if __name__ == "__main__":
    main()
