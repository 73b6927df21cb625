"""`python -m platform_api`: serves until it is told to end. Makes the database ready first.

With `--background` it returns once it listens, and goes on in a process of its own; what keeps it from that is told as
one JSON object on stdout. `cx server up` and `cx server run` start it.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cygni.background.process import detach
from cygni.control_plane.files import LOG
from cygni.errors import CygniError
from platform_api.logs import log_to_stderr
from platform_api.serving import Prepared, prepare, serve
from platform_api.settings import ServerSettings
from platform_api.told import told_error
from platform_api.worker.settings import WorkerSettings


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    log_to_stderr()
    try:
        settings = ServerSettings.from_environment()
        if settings.worker:
            WorkerSettings.from_environment()  # raises here what would end the worker beside it again and again
        if options.folder is not None:
            settings = replace(settings, folder=options.folder)
        prepared = prepare(settings)
    except CygniError as error:
        _tell(error, as_json=options.background)
        return 1
    if options.background:
        _go_on_alone(settings.folder)
    else:
        _greet(prepared)
    serve(prepared)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m platform_api", description="The control plane's server.")
    parser.add_argument("--background", action="store_true", help="return once it listens")
    parser.add_argument("--folder", type=Path, help="where its key, its record and its database are kept")
    return parser.parse_args(arguments)


def _tell(error: CygniError, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(told_error(error)) + "\n")
    else:
        sys.stderr.write(f"error: {error.message}\n" + (f"hint:  {error.hint}\n" if error.hint else ""))


def _greet(prepared: Prepared) -> None:
    sys.stderr.write(f"Cygni serves at {prepared.url}\n")


def _go_on_alone(folder: Path) -> None:
    """Speaks into the log from now on, as nobody's child."""
    with (folder / LOG).open("ab") as log:
        os.dup2(log.fileno(), sys.stdout.fileno())
        os.dup2(log.fileno(), sys.stderr.fileno())
    detach()


if __name__ == "__main__":
    sys.exit(main())
