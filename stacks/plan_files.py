"""Where the engine's own plans are kept between preview and apply: a folder for each command that runs.

Two commands never see each other's plans, so a `cx diff` in another window cannot replace what is about to be
applied. The folder goes when the command ends; one that was killed leaves its own behind, which the next sweeps.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from stacks.data_folder import unusable


@contextmanager
def plans_folder(environment: Path) -> Iterator[Path]:
    """A folder of this process below an environment's, there while the block runs. Raises StateError."""
    plans = environment / "plans"
    mine = plans / str(os.getpid())
    try:
        _sweep(plans)
        shutil.rmtree(mine, ignore_errors=True)
        mine.mkdir(parents=True, mode=0o700)
    except OSError as error:
        raise unusable("write", mine, error) from None
    try:
        yield mine
    finally:
        shutil.rmtree(mine, ignore_errors=True)


def _sweep(plans: Path) -> None:
    if not plans.is_dir():
        return
    for left in plans.iterdir():
        if not left.name.isdigit() or not psutil.pid_exists(int(left.name)):
            shutil.rmtree(left, ignore_errors=True)
