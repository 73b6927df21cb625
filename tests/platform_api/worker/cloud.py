"""A cloud with an append-only ledger, and the program that makes things in it: a stand-in for `cx` and AWS.

The program makes five things for each deployment, one after another, and each once: it looks first. That is what `cx`
does after an interruption. Each line of the ledger is written and synced before the program goes on.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

THINGS = 5
THING_SECONDS = 0.15
STUBBORN = "stubborn"
HELD = "held"
"""A file beside the ledger with a number: who has made so many things waits while it is there."""
HELD_SECONDS = 90.0


def write(ledger: Path, **line: Any) -> None:
    with ledger.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**line, "at": time.monotonic()}) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read(ledger: Path) -> list[dict[str, Any]]:
    if not ledger.exists():
        return []
    return [json.loads(line) for line in ledger.read_text(encoding="utf-8").splitlines()]


def made(ledger: Path) -> dict[str, list[int]]:
    """The things that each deployment made, in order."""
    found = defaultdict(list)
    for line in read(ledger):
        if line["what"] == "made":
            found[line["deployment"]].append(line["thing"])
    return dict(found)


def spans(ledger: Path) -> Iterator[tuple[str, int, float, float]]:
    """For each fence: its environment, and when it was first and last seen at work."""
    seen = defaultdict(list)
    for line in read(ledger):
        seen[line["environment"], line["fence"]].append(line["at"])
    for (environment, fence), times in seen.items():
        yield environment, fence, min(times), max(times)


def overlaps(ledger: Path) -> list[tuple[int, int]]:
    """Fences that were at work in the same environment at the same time."""
    found = sorted(spans(ledger), key=lambda one: one[1])
    return [
        (first[1], second[1])
        for number, first in enumerate(found)
        for second in found[number + 1 :]
        if first[0] == second[0] and first[3] > second[2]
    ]


def main(ledger: Path, environment: str, deployment: str, fence: int, kind: str) -> None:
    if kind == STUBBORN:
        import signal

        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    line = {"environment": environment, "deployment": deployment, "fence": fence}
    for thing in range(THINGS):
        write(ledger, what="looked", **line)
        if thing not in made(ledger).get(deployment, []):
            write(ledger, what="made", thing=thing, **line)
        time.sleep(THING_SECONDS)
        _wait(ledger.with_name(HELD), thing + 1)


def _wait(held: Path, things: int) -> None:
    until = time.monotonic() + HELD_SECONDS
    with suppress(FileNotFoundError):
        while things >= int(held.read_text()) and time.monotonic() < until:
            time.sleep(0.05)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
