"""What comes of a deployment, whose runner follows a script, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import time
import uuid
from typing import Any

import pytest

from platform_api.clock import SystemClock
from platform_api.database.transactions import Database
from platform_api.deployments.held import Claim
from platform_api.deployments.queue import Queue
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.roots import ServerKeyRoot
from platform_api.worker.heartbeat import Heartbeat
from platform_api.worker.runner import Order, Outcome, Task, Tell
from platform_api.worker.service import Worker, WorkerParts
from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.server_key import KEY
from tests.platform_api.worker.scripted_runner import TIMING, Script, working


class TestARollbackToTheReleaseBefore:
    def test_goes_no_further_back_when_its_worker_ends(
        self, workshop: Workshop, environment: uuid.UUID
    ) -> None:
        deployment = workshop.deployment(environment, kind="rollback")
        workshop.run("UPDATE deployments SET release = NULL WHERE id = %s", deployment)
        script = Script()
        script.held.set()
        with working(workshop.worker_url, script):
            assert script.releasing.wait(30)
        assert workshop.status(deployment) == "recovering"
        script.releasing.clear()
        script.held.clear()
        with working(workshop.worker_url, script):
            assert script.releasing.wait(30)
        assert [one.release for one in script.orders] == [None, 1]


class TestACancelAtTheEndOfPlanning:
    @pytest.mark.parametrize("waits", [True, False])
    def test_leaves_nothing_to_approve_and_applies_nothing(
        self, workshop: Workshop, environment: uuid.UUID, waits: bool
    ) -> None:
        deployment = workshop.deployment(environment, needs_approval=waits)

        class Cancelled(Script):
            """The worker hears no more of it: its program has ended with the plan."""

            async def run(self, order: Order, heartbeat: Heartbeat, tell: Tell) -> Outcome:
                outcome = await super().run(order, heartbeat, tell)
                workshop.run("UPDATE deployments SET cancel_requested_at = now() WHERE id = %s", deployment)
                return outcome

        script = Cancelled()
        with working(workshop.worker_url, script):
            ends = time.monotonic() + 30
            while workshop.status(deployment) in ("queued", "planning"):
                assert time.monotonic() < ends
                time.sleep(0.02)
        row = workshop.row(deployment)
        assert (row["status"], row["worker"], row["plan"] is None) == ("cancelled", None, False)
        assert [one.task for one in script.orders] == [Task.PLAN]


class TestWhatCannotBeBegun:
    @pytest.mark.parametrize("status", ["queued", "watching"])
    def test_fails_at_once_and_says_why(
        self, workshop: Workshop, environment: uuid.UUID, status: str
    ) -> None:
        deployment = workshop.deployment(environment, status, kind="run")
        workshop.run("UPDATE sources SET archive = NULL")
        script = Script()
        with working(workshop.worker_url, script):
            ends = time.monotonic() + 30
            while workshop.status(deployment) != "failed":
                assert time.monotonic() < ends, workshop.status(deployment)
                time.sleep(0.02)
        row = workshop.row(deployment)
        assert (row["error"]["code"], row["worker"], script.orders) == ("wrong_state", None, [])
        assert workshop.events(deployment)[-1]["data"]["error"]["hint"] == "Deploy again: cx deploy"


def test_what_is_taken_up_while_the_worker_is_told_to_end_is_handed_back(
    workshop: Workshop, environment: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment = workshop.deployment(environment)
    script = Script()
    script.held.set()
    claim = Queue.claim

    async def work() -> None:
        database = Database(workshop.worker_url)
        ring = KeyRing([ServerKeyRoot(KEY)], SystemClock())
        parts = WorkerParts(workshop.worker_url, database, ring, KEY, script, {}, TIMING)
        worker = Worker(parts, "script")

        async def claimed(*asked: Any, **how: Any) -> Claim | None:
            found = await claim(*asked, **how)
            worker.end()
            return found

        monkeypatch.setattr(Queue, "claim", claimed)
        await asyncio.wait_for(worker.work(), 30)
        await database.close()

    asyncio.run(work())
    assert workshop.status(deployment) == "recovering"
