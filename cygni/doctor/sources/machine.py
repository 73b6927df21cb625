"""What this machine can tell of itself: packages, folders, what builds images."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import Final

from cygni.doctor.checks.machine import Builders, DataFolder, Packages
from cygni.private_file import granted_to_others

_BUILDERS: Final = {
    "docker": ("docker", "info", "--format", "{{.ServerVersion}}"),
    "buildah": ("buildah", "version"),
    "podman": ("podman", "version"),
}
_SECONDS: Final = 5.0


def packages(distribution: str = "cygni") -> Packages:
    """Which of the packages that a distribution asks for, by itself, are not of the versions that it asks for."""
    from packaging.requirements import Requirement

    wanted = [Requirement(line) for line in metadata.requires(distribution) or ()]
    own = [one for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})]
    wrong = {}
    for one in own:
        has = _version(one.name)
        if not has or not one.specifier.contains(has, prereleases=True):
            wrong[one.name] = (has, str(one.specifier))
    return Packages(wrong, len(own), sys.executable)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def data_folder(folder: Path) -> DataFolder:
    """Whether Cygni's folder, or the nearest one above that is there, can be written, and who else may read it."""
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        return DataFolder(str(there), "it may not be written")
    if not there.is_dir():
        return DataFolder(str(there), "it is a file, not a folder")
    found = there.stat()
    if there != folder or found.st_uid != os.geteuid() or found.st_mode & stat.S_ISVTX:
        return DataFolder(str(folder))
    others = [
        name
        for name, bits in (("its group", stat.S_IRWXG), ("everybody", stat.S_IRWXO))
        if granted_to_others(found) & bits
    ]
    return DataFolder(str(folder), open_to=others[-1] if others else "")


def builders(wanted_by: Iterable[str]) -> Builders:
    """What builds images here; `wanted_by` are the services that need one of them."""
    found, silent = [], {}
    for name, command in _BUILDERS.items():
        if shutil.which(name) is None:
            continue
        said = _asked(command)
        if said is None:
            found.append(name)
        else:
            silent[name] = said
    return Builders(tuple(found), silent, tuple(wanted_by))


def _asked(command: tuple[str, ...]) -> str | None:
    """Why a program does not work; None where it does."""
    try:
        ended = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = (ended.stderr.strip() or "it failed").splitlines()[0]
    return said if ended.returncode else None
