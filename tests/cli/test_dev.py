"""How `cx dev` learns of changes; what it does with them is in test_dev_cycle.py and tests/e2e/test_dev.py."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest
from rich.console import Console

from cli.dev import _changes
from cli.dev_cycle import Cycle


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "cygni.yaml"
    made.write_text("project: shop\n")
    return made


@pytest.fixture
def changes(file: Path) -> Iterator[tuple[Path, ...]]:
    return _changes((file.parent,), Cycle(Console(file=io.StringIO()), file, (), debug=False))


def _next(changes: Iterator[tuple[Path, ...]]) -> tuple[Path, ...]:
    """The next, within 30 seconds. It waits in a thread that nobody waits for, as one that misses a change never ends."""
    found: Queue[tuple[Path, ...]] = Queue()
    Thread(target=lambda: found.put(next(changes)), daemon=True).start()
    return found.get(timeout=30)


def test_looks_once_without_a_change(changes: Iterator[tuple[Path, ...]]) -> None:
    assert _next(changes) == ()


def test_misses_no_change_during_its_first_look(changes: Iterator[tuple[Path, ...]], file: Path) -> None:
    assert _next(changes) == ()
    file.write_text("project: shop\nregion: us-east-1\n")
    assert _next(changes) == (file,)
    file.write_text("project: other\n")
    assert _next(changes) == (file,)
