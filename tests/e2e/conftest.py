"""What the tests of the whole get: projects that clean up after themselves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest

from cygni.settings import Settings
from tests.e2e.cloud_gate import CloudGate, gate_before
from tests.e2e.project import Project


def _cache_dir() -> Path:
    return Settings.from_environment(os.environ).cache_dir


@contextmanager
def a_project(root: Path, name: str = "shop") -> Iterator[Project]:
    """A project in an existing folder, of which nothing goes on running afterwards."""
    project = Project(root, _cache_dir(), name)
    try:
        yield project
    finally:
        project.close()


@pytest.fixture
def new_project(tmp_path: Path) -> Iterator[Callable[..., Project]]:
    """Makes projects; whatever they left running is ended after the test."""
    with ExitStack() as made:
        numbers = count()

        def make(name: str = "shop") -> Project:
            root = tmp_path / f"project-{next(numbers)}"
            root.mkdir()
            return made.enter_context(a_project(root, name))

        yield make


@pytest.fixture
def project(new_project: Callable[..., Project]) -> Project:
    """A project of a test's own."""
    return new_project()


@pytest.fixture
def gate(project: Project) -> Iterator[CloudGate]:
    """The gate before the project's local cloud, which it starts."""
    with gate_before(project.settings) as opened:
        yield opened
