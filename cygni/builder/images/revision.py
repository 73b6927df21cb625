"""The revision of Git that a folder is at."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

_ANSWER_SECONDS: Final = 5.0


def revision_of(folder: Path) -> str | None:
    """The full hash of HEAD; None outside of a repository, before its first commit, and without Git."""
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), "rev-parse", "--verify", "--quiet", "HEAD"],
            capture_output=True,
            text=True,
            timeout=_ANSWER_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 and done.stdout.strip() else None
