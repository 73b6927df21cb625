"""`python -m platform_api.backups backup|restore FILE`, behind `cx server backup` and `restore`. Answers with one JSON
object on stdout."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from cygni.errors import CygniError
from platform_api.backups.service import back_up, restore
from platform_api.clock import SystemClock
from platform_api.settings import ServerSettings
from platform_api.told import told_error


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m platform_api.backups")
    parser.add_argument("what", choices=["backup", "restore"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args(arguments)
    try:
        settings = replace(ServerSettings.from_environment(), folder=options.folder)
        if options.what == "backup":
            found = back_up(settings, options.file, SystemClock())
        else:
            found = restore(settings, options.file)
    except CygniError as error:
        sys.stdout.write(json.dumps(told_error(error)) + "\n")
        return 1
    sys.stdout.write(json.dumps(asdict(found)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
