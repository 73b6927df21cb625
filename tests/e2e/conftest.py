"""What the tests of the whole get: projects that clean up after themselves."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cygni.settings import Settings
from tests.e2e.cloud_gate import CloudGate, gate_before
from tests.e2e.project import Project


def _cache_dir() -> Path:
    return Settings.from_environment(os.environ).cache_dir


@pytest.fixture
def new_project(tmp_path: Path) -> Iterator[Callable[..., Project]]:
    """Makes projects; whatever they left running is ended after the test."""
    made: list[Project] = []

    def make(name: str = "shop") -> Project:
        root = tmp_path / f"project-{len(made)}"
        root.mkdir()
        made.append(Project(root, _cache_dir(), name))
        return made[-1]

    yield make
    for project in made:
        project.close()


@pytest.fixture
def project(new_project: Callable[..., Project]) -> Project:
    """A project of a test's own."""
    return new_project()


@pytest.fixture
def gate(project: Project) -> Iterator[CloudGate]:
    """The gate before the project's local cloud, which it starts."""
    with gate_before(project.settings) as opened:
        yield opened
