"""The repositories that detection is measured in are what they are said to be."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import detection
from benchmarks.measuring import Commands
from cygni.builder.detect import detect


@pytest.mark.parametrize("write", [detection._flat, detection._workspace, detection._deep])
def test_has_as_many_files_as_it_says(
    write: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detection, "FILES", 1_000)
    write(tmp_path / "repository")
    assert sum(path.is_file() for path in (tmp_path / "repository").rglob("*")) == pytest.approx(1_000, abs=1)


def test_a_workspace_has_its_members(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "FILES", 1_000)
    detection._workspace(tmp_path / "repository")
    assert len(detect(tmp_path / "repository").members) == 10


def test_the_corpus_is_measured_against_the_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detection, "FILES", 100)
    monkeypatch.setattr(detection, "ROUNDS", 1)
    first, *rest = detection.measured(
        tmp_path / "place", Commands(tmp_path, os.environ, 60.0), lambda text: None
    )
    assert first.measure.startswith("detection, p95 of ")
    assert (len(rest), first.goal, first.b) == (4, 1.0, "100 ms")
