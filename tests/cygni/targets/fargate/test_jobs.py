from __future__ import annotations

import time
from typing import Any, cast

import pytest

from cygni.errors import NotFound
from cygni.releases.observed import JobPhase
from cygni.targets.fargate.clients import Clients
from cygni.targets.fargate.jobs import TaskJobs, job_state
from cygni.targets.fargate.running import Running, RunningJob


@pytest.fixture
def jobs(clients: Clients, running: Running) -> TaskJobs:
    return TaskJobs(clients, running)


class TestStart:
    def test_starts_a_task_once_for_a_token(self, jobs: TaskJobs, running: Running) -> None:
        revision = running.job("migrate").task_definition
        first = jobs.start("migrate", revision, "cx-1")
        assert jobs.start("migrate", revision, "cx-1") == first
        assert jobs.start("migrate", revision, "cx-2") != first

    def test_starts_nothing_again_that_has_stopped(self, jobs: TaskJobs, running: Running) -> None:
        revision = running.job("migrate").task_definition
        first = jobs.start("migrate", revision, "cx-3")
        jobs.stop(first)
        assert jobs.start("migrate", revision, "cx-3") == first
        until = time.monotonic() + 30
        while jobs.read(first).phase is not JobPhase.STOPPED:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert jobs.start("migrate", revision, "cx-3") == first

    def test_is_found_again_by_its_token_alone(self, jobs: TaskJobs, running: Running) -> None:
        assert jobs.started("migrate", "cx-4") is None
        first = jobs.start("migrate", running.job("migrate").task_definition, "cx-4")
        assert jobs.started("migrate", "cx-4") == first

    def test_refuses_a_job_that_is_not_there(self, jobs: TaskJobs) -> None:
        with pytest.raises(NotFound, match="no job called seed"):
            jobs.start("seed", "arn", "cx-1")


class TestRead:
    def test_refuses_a_task_that_ecs_has_forgotten(self, jobs: TaskJobs, running: Running) -> None:
        cluster = running.job("migrate").cluster
        with pytest.raises(NotFound, match="knows nothing"):
            jobs.read(f"{cluster}#{cluster.replace(':cluster/', ':task/')}/0123456789abcdef0123456789abcdef")

    def test_takes_for_pending_what_ecs_does_not_know_yet(self) -> None:
        class Forgetful:
            """Answers RunTask before DescribeTasks knows of it."""

            def list_tasks(self, **_: Any) -> dict[str, Any]:
                return {"taskArns": []}

            def run_task(self, **_: Any) -> dict[str, Any]:
                return {"tasks": [{"taskArn": "arn:task/new"}]}

            def describe_tasks(self, **_: Any) -> dict[str, Any]:
                return {"tasks": [], "failures": [{"reason": "MISSING"}]}

        running = Running(jobs={"migrate": RunningJob("migrate", "arn:cluster", "arn:1", (), (), False)})
        jobs = TaskJobs(cast(Clients, lambda service: Forgetful()), running)
        assert jobs.read(jobs.start("migrate", "arn:1", "cx-1")).phase is JobPhase.PENDING
        with pytest.raises(NotFound):
            jobs.read("arn:cluster#arn:task/old")


class TestJobState:
    @pytest.mark.parametrize(
        ("status", "phase"), [("PROVISIONING", JobPhase.PENDING), ("RUNNING", JobPhase.RUNNING)]
    )
    def test_of_one_under_way_has_no_exit_code(self, status: str, phase: JobPhase) -> None:
        found = job_state("id", {"lastStatus": status, "containers": [{}]})
        assert (found.phase, found.exit_code) == (phase, None)

    def test_of_one_that_stopped_has_its_worst_exit_code_and_its_reason(self) -> None:
        task: dict[str, Any] = {
            "lastStatus": "STOPPED",
            "stoppedReason": "Essential container in task exited",
            "containers": [{"exitCode": 3, "reason": "no table"}, {"exitCode": 0}],
        }
        found = job_state("id", task)
        assert (found.exit_code, found.reason) == (3, "Essential container in task exited: no table")
