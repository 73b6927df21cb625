"""What `.dockerignore` leaves out of a folder, as Docker reads it.

Patterns start at the folder's root, `**` stands for any number of folders, the last pattern that fits decides, `!`
takes back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pathspec import Pattern
from pathspec.patterns.gitignore.basic import GitIgnoreBasicPattern

from cygni.errors import UsageError

IGNORE_FILE = ".dockerignore"


@dataclass(frozen=True)
class Ignored:
    """What is left out of a context. `takes_back` when some pattern may name something below a folder that is left
    out."""

    patterns: Sequence[Pattern]
    takes_back: bool

    def names(self, path: PurePosixPath) -> bool:
        """Whether a path is left out: the last pattern decides that fits it, or a folder it is in."""
        text = str(path)
        places = [text, *(text[:at] for at, sign in enumerate(text) if sign == "/")]
        decided = [
            pattern.include
            for pattern in self.patterns
            if pattern.include is not None and any(pattern.match_file(place) for place in places)
        ]
        return bool(decided and decided[-1])


def ignored_in(folder: Path) -> Ignored:
    """What `.dockerignore` in the folder names. Raises UsageError when it cannot be read."""
    try:
        lines = (folder / IGNORE_FILE).read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        lines = []
    except UnicodeDecodeError as error:
        raise UsageError(f"{folder / IGNORE_FILE} is not UTF-8 text: {error}") from error
    written = [_anchored(line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    takes_back = any(pattern.startswith("!") for pattern in written)
    try:
        patterns = [GitIgnoreBasicPattern(pattern) for pattern in written]
    except ValueError as error:
        raise UsageError(f"{folder / IGNORE_FILE} has a pattern that cannot be read: {error}") from error
    return Ignored(patterns, takes_back)


def _anchored(pattern: str) -> str:
    """Docker's pattern in Git's dialect, where one without a slash would fit at any depth."""
    back = "!" if pattern.startswith("!") else ""
    path = pattern.removeprefix("!").strip().strip("/").removeprefix("./")
    return f"{back}/{path}"
