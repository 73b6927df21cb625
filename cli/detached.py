"""A command in a process of its own, which goes on when the terminal is gone; `cx attach` shows what it tells."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_STARTS_IN = 20.0
_LOOK = 0.05
_LOG = "log"


@dataclass(frozen=True)
class Detached:
    """A process that was left alone, and the folder of its event file."""

    pid: int
    folder: Path


def detach(environment: Path, arguments: Sequence[str]) -> Detached:
    """Lets `cx` with these arguments go on by itself; `environment` is what this machine keeps of its environment.

    Raises CygniError where it does not start.
    """
    from cli.event_file import lives, new_folder
    from cygni.errors import CygniError

    folder = new_folder(environment)
    folder.mkdir(parents=True, mode=0o700)
    log = folder / _LOG
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "cli.detached", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    until = time.monotonic() + _STARTS_IN
    while not lives(folder):
        if process.poll() is not None or time.monotonic() > until:
            raise CygniError(
                "the deploy did not start in a process of its own", hint=f"See {log}, or leave out --detach."
            )
        time.sleep(_LOOK)
    return Detached(process.pid, folder)


def main(given: Sequence[str] | None = None) -> int:
    """Runs the command; nobody is at its terminal."""
    from cli.event_file import EventFile, Said, write_here
    from cli.invocation import invoke
    from cygni.errors import CygniError

    parser = argparse.ArgumentParser(prog="python -m cli.detached", description=(__doc__ or "").split(";")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("arguments", nargs=argparse.REMAINDER)
    asked = parser.parse_args(given)
    errors: list[CygniError] = []
    with EventFile(asked.folder, f"cx {asked.arguments[0]}") as file:
        write_here(file)
        sys.stderr = Said(file)
        code = invoke(asked.arguments, lambda error, as_json: errors.append(error))
        sys.stderr = sys.__stderr__
        file.end(code, errors[-1] if errors else None)
    return code


if __name__ == "__main__":
    sys.exit(main())
