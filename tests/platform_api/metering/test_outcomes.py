"""What deployments use is told with what they come to, in one transaction."""

from __future__ import annotations

import asyncio
import uuid
from decimal import Decimal
from typing import Any

import pytest

from platform_api.database.transactions import Database
from platform_api.deployments.events import Told
from platform_api.deployments.held import Claim, Held
from platform_api.deployments.lifecycle import Status
from platform_api.deployments.queue import Queue
from platform_api.worker.timing import Timing
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop

BUILT = Told("built", {"service": "web", "seconds": 90.3})


@pytest.fixture
def workshop(control_plane: ControlPlane) -> Workshop:
    return Workshop(control_plane)


@pytest.fixture
def environment(workshop: Workshop) -> uuid.UUID:
    return workshop.environment(workshop.organization("acme"))


def used(workshop: Workshop) -> dict[str, Decimal]:
    rows = workshop.run("SELECT meter, sum(quantity) AS total FROM usage_events GROUP BY meter")
    return {row["meter"]: row["total"] for row in rows}


def carried_out(workshop: Workshop, *, tell: int = 0, status: Status = Status.SUCCEEDED) -> None:
    """The next deployment, which is built `tell` times."""

    async def work(queue: Queue, database: Database) -> None:
        claim = await queue.claim("worker", Timing().lease_time)
        assert claim is not None
        held = Held(database, claim)
        for _ in range(tell):
            await held.tell([BUILT, Told("said", {"text": "built"})])
        if held.status is Status.PLANNING:
            await held.move(Status.APPLYING)
        await held.move(status)

    workshop.with_queue(work)


class TestADeployment:
    def test_counts_when_it_has_succeeded(self, workshop: Workshop, environment: uuid.UUID) -> None:
        first = workshop.deployment(environment)
        carried_out(workshop)
        workshop.deployment(environment)
        carried_out(workshop)
        assert used(workshop) == {"deployments": 2}
        [event, _] = workshop.run("SELECT * FROM usage_events ORDER BY number")
        assert (event["subject"], event["environment"]) == (str(first), "staging")
        assert workshop.run("SELECT count, total FROM usage_hours") == [{"count": 2, "total": 2}]

    def test_that_failed_does_not(self, workshop: Workshop, environment: uuid.UUID) -> None:
        workshop.deployment(environment)
        carried_out(workshop, status=Status.FAILED)
        assert used(workshop) == {}

    def test_that_only_looks_at_a_plan_does_not(self, workshop: Workshop, environment: uuid.UUID) -> None:
        deployment = workshop.deployment(environment)
        workshop.run("UPDATE deployments SET plan_only = true WHERE id = %s", deployment)
        carried_out(workshop)
        assert (workshop.status(deployment), used(workshop)) == ("succeeded", {})

    def test_that_goes_back_does_not(self, workshop: Workshop, environment: uuid.UUID) -> None:
        back = workshop.deployment(environment, kind="rollback")

        async def work(queue: Queue, database: Database) -> None:
            claim = await queue.claim("worker", Timing().lease_time)
            assert claim is not None
            await Held(database, claim).move(Status.SUCCEEDED)

        workshop.with_queue(work)
        assert (workshop.status(back), used(workshop)) == ("succeeded", {})

    def test_and_its_event_are_written_together_or_not_at_all(
        self, workshop: Workshop, environment: uuid.UUID
    ) -> None:
        deployment = workshop.deployment(environment)
        workshop.run("ALTER TABLE usage_events ADD CONSTRAINT full_disk CHECK (meter <> 'deployments')")
        try:
            with pytest.raises(Exception, match="full_disk"):
                carried_out(workshop)
        finally:
            workshop.run("ALTER TABLE usage_events DROP CONSTRAINT full_disk")
        assert (workshop.status(deployment), used(workshop)) == ("applying", {})


class TestABuild:
    def test_counts_the_seconds_it_took_whatever_comes_of_the_deployment(
        self, workshop: Workshop, environment: uuid.UUID
    ) -> None:
        workshop.deployment(environment)
        carried_out(workshop, tell=2, status=Status.FAILED)
        assert used(workshop) == {"build_minutes": Decimal("3.01")}
        assert {row["subject"] for row in workshop.run("SELECT subject FROM usage_events")} == {"web"}

    def test_counts_once_when_a_worker_that_was_taken_over_tells_it_again(
        self, workshop: Workshop, environment: uuid.UUID
    ) -> None:
        deployment = workshop.deployment(environment)

        async def work(queue: Queue, database: Database) -> Claim:
            claim = await queue.claim("frozen", Timing().lease_time)
            assert claim is not None
            await Held(database, claim).tell([BUILT])
            return claim

        claim = workshop.with_queue(work)
        workshop.expire(deployment)

        async def late(queue: Queue, database: Database) -> Any:
            await queue.reap()
            return await asyncio.gather(Held(database, claim).tell([BUILT]), return_exceptions=True)

        [error] = workshop.with_queue(late)
        assert "taken over" in str(error)
        assert used(workshop) == {"build_minutes": Decimal("1.505")}
