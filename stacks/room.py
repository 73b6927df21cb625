"""Room on the disk of the engine's state: asked for before an operation begins, and kept for its end.

Measured on hello (engine 3.255, file:// backend; stacks of 27 to 124 KB): the greatest growth of the data folder
while one stack was applied was 5 times its checkpoint. The engine holds the checkpoint, its `.bak`, a temporary
file that replaces one of them, a copy in its history and one among its backups; Cygni adds its own copy and its
record of about that size, with a temporary file for one of them. That is 8 times.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cygni.errors import NoSpace
from stacks.operations import EngineSettings
from stacks.state import checkpoint_path, file_backend

COPIES = 8
"""How many times its checkpoint a stack may take on the disk while it is applied; see above."""

LEAST_BYTES = 1024 * 1024
"""What must be free besides: plans, locks, notes of at most 4 KiB each, and the log of the local cloud."""


def require_room(settings: EngineSettings, stacks: Iterable[tuple[str, Path | None]] = ()) -> None:
    """Raises NoSpace unless the disk of the state has room for operations on `stacks`, each with its plan file.

    A stack's checkpoint will be no larger than it is now and its plan together.
    """
    folder = file_backend(settings.backend_url)
    if folder is None:
        return
    sizes = [_size(checkpoint_path(folder, stack)) + (_size(plan) if plan else 0) for stack, plan in stacks]
    needed = LEAST_BYTES + COPIES * sum(sizes)
    free = shutil.disk_usage(next(one for one in (folder, *folder.parents) if one.exists())).free
    if free < needed:
        raise NoSpace(
            f"too little space to keep the state safe: {_mib(free)} free where {folder} is, "
            f"this may take {_mib(needed)}",
            hint="Free some space there and run the same command again, or choose another place with "
            "CYGNI_DATA_DIR.",
            details={"free_bytes": free, "needed_bytes": needed},
        )


@contextmanager
def reserved(settings: EngineSettings, stack: str, plan: Path | None) -> Iterator[None]:
    """Occupies space while the block runs, and gives it back at its end.

    So that what happened can be written down even if the block filled the disk: as much as the plan, which
    holds the inputs of every resource that may be created. Raises NoSpace.
    """
    path = settings.config_dir / f"{stack}.reserve"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.write(
                os.urandom(_size(plan) if plan else 0)
            )  # zeros take no room where files are compressed
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        _give_back(path)
        raise NoSpace(
            f"cannot keep space free in {path.parent}: {error.strerror}",
            hint="Free some space there and run the same command again.",
        ) from None
    try:
        yield
    finally:
        _give_back(path)


def _give_back(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _mib(count: int) -> str:
    return f"{count / 1024 / 1024:.1f} MiB"
