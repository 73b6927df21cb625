"""Backing up the control plane of this machine, and restoring one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cygni.control_plane.files import BACKUPS, server_folder
from cygni.control_plane.process import require_libraries, status
from cygni.errors import ControlPlaneError, NotFound, UsageError, rebuilt
from cygni.settings import Settings


def back_up(settings: Settings, environ: Mapping[str, str], to: Path) -> dict[str, Any]:
    """Writes all that the control plane keeps into `to`, but for its key; it may serve meanwhile. What the file is:
    `created_at`, `cygni`, `database`, `key` (a fingerprint) and `digest`.

    Raises UsageError where there is a file already, NotFound where there is no control plane, StateError, ToolMissing.
    """
    if to.exists():
        raise UsageError(f"{to} is there already", hint="Give a file that is not there yet.")
    folder = server_folder(settings.data_dir)
    if not (folder / "key").exists() and not environ.get("CYGNI_SERVER_KEY_FILE"):
        raise NotFound("there is no control plane here", hint="Start one with: cx server up")
    return _done(settings, environ, "backup", to)


def restore(settings: Settings, environ: Mapping[str, str], path: Path) -> dict[str, Any]:
    """Fills an empty control plane, which does not serve, with a backup. What the file is, as `back_up` has it.

    Raises UsageError where one serves, or has something, or has another key; DocumentError for what is no backup.
    """
    if status(settings) is not None:
        raise UsageError("the control plane serves", hint="End it first: cx server down")
    return _done(settings, environ, "restore", path)


def _done(settings: Settings, environ: Mapping[str, str], what: str, path: Path) -> dict[str, Any]:
    require_libraries()
    folder = server_folder(settings.data_dir)
    settings.make_data_dir()
    command = [sys.executable, "-P", "-m", BACKUPS, what, str(path.absolute()), "--folder", str(folder)]
    done = subprocess.run(
        command, env=dict(environ), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise ControlPlaneError(f"the {what} broke off:\n{done.stderr[-2000:].rstrip()}") from None
    if "error" in found:
        raise rebuilt(found["error"])
    return found
