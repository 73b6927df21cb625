"""Backing up the control plane of this machine, and restoring one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cygni.control_plane.files import BACKUPS
from cygni.control_plane.process import status
from cygni.control_plane.tool import answer_of, demand_control_plane
from cygni.errors import UsageError
from cygni.settings import Settings


def back_up(settings: Settings, environ: Mapping[str, str], to: Path) -> dict[str, Any]:
    """Writes all that the control plane keeps into `to`, but for its key; it may serve meanwhile. What the file is:
    `created_at`, `cygni`, `database`, `key` (a fingerprint) and `digest`.

    Raises UsageError where there is a file already, NotFound where there is no control plane, StateError, ToolMissing.
    """
    if to.exists():
        raise UsageError(f"{to} is there already", hint="Give a file that is not there yet.")
    demand_control_plane(settings, environ)
    return answer_of(settings, environ, BACKUPS, ["backup", str(to.absolute())], "backup")


def restore(settings: Settings, environ: Mapping[str, str], path: Path) -> dict[str, Any]:
    """Fills an empty control plane, which does not serve, with a backup. What the file is, as `back_up` has it.

    Raises UsageError where one serves, or has something, or has another key; DocumentError for what is no backup.
    """
    if status(settings) is not None:
        raise UsageError("the control plane serves", hint="End it first: cx server down")
    return answer_of(settings, environ, BACKUPS, ["restore", str(path.absolute())], "restore")
