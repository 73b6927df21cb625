"""What a server in the background has written to its log, and what it writes from now on."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path


def last_lines(log: Path, lines: int) -> list[str]:
    """The last `lines` of the log and of the one before it (`NAME.1`), oldest first; none where there is no log."""
    kept: deque[str] = deque(maxlen=max(0, lines))
    for name in (log.with_name(f"{log.name}.1"), log):
        with contextlib.suppress(FileNotFoundError), name.open(encoding="utf-8", errors="replace") as file:
            kept.extend(line.rstrip("\n") for line in file)
    return list(kept)


def follow(log: Path, pause: float) -> Iterator[str]:
    """Lines that are written from now on, without end; looks every `pause` seconds."""
    return _lines_after(log, log.stat().st_size if log.exists() else 0, pause)


def last_words(log: Path, count: int = 15) -> str:
    """The last lines as part of a message; empty where there are none."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(f"  {line}" for line in text.splitlines()[-count:])


def _lines_after(path: Path, position: int, pause: float) -> Iterator[str]:
    partial = ""
    while True:
        size = path.stat().st_size if path.exists() else 0
        if size < position:  # rotated
            position = 0
        if size > position:
            with path.open("rb") as file:
                file.seek(position)
                chunk = file.read()
            position += len(chunk)
            *whole, partial = (partial + chunk.decode("utf-8", "replace")).split("\n")
            yield from whole
        time.sleep(pause)
