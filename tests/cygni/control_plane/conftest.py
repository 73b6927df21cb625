"""A control plane of a test's own, in the background."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cygni.control_plane import process
from cygni.control_plane.process import ControlPlane
from cygni.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    """Nothing runs after the test."""
    made = Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")
    yield made
    process.stop(made)


@pytest.fixture
def start(settings: Settings) -> Callable[..., ControlPlane]:
    """Starts it on a free port, as a caller whose environment is this one's and `more`."""

    def started(port: int = 0, **more: str) -> ControlPlane:
        environ = {**os.environ, "CYGNI_DATA_DIR": str(settings.data_dir), **more}
        return process.start(settings, environ, host=None, port=port)

    return started
