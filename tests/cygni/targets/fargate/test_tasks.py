from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from cygni.targets.fargate.clients import Clients
from cygni.targets.fargate.jobs import TaskJobs
from cygni.targets.fargate.running import Running
from cygni.targets.fargate.tasks import TasksOf, batches
from tests.cygni.targets.fargate.conftest import register


class TestTasksOf:
    @pytest.fixture
    def start(self, clients: Clients, running: Running) -> Callable[[str], str]:
        """Starts a task of a revision; its id."""
        jobs = TaskJobs(clients, running)
        return lambda revision: jobs.start("migrate", revision, uuid.uuid4().hex).rpartition("/")[2]

    def test_are_those_of_its_revisions(
        self, clients: Clients, running: Running, aws: Callable[..., Any], start: Callable[[str], str]
    ) -> None:
        family = f"f{uuid.uuid4().hex[:8]}"
        old, new = register(aws, family), register(aws, family)
        tasks = {revision: start(revision) for revision in (old, new)}
        ours = TasksOf(clients, running.job("migrate").cluster, [new])
        assert tasks[new] in ours
        assert tasks[old] not in ours

    def test_are_found_when_they_come_later(
        self, clients: Clients, running: Running, aws: Callable[..., Any], start: Callable[[str], str]
    ) -> None:
        revision = register(aws, f"f{uuid.uuid4().hex[:8]}")
        ours = TasksOf(clients, running.job("migrate").cluster, [revision])
        assert "nobody" not in ours
        assert start(revision) in ours


def test_batches_are_of_a_size() -> None:
    assert list(batches("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]
