"""What a worker hears of a deployment while it renews the lease, on a real PostgreSQL."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg

from platform_api.database.transactions import Database
from platform_api.deployments.held import Claim
from platform_api.deployments.queue import Queue
from platform_api.worker.heartbeat import Heartbeat, Stop, Wished
from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.worker.scripted_runner import TIMING


def claimed(workshop: Workshop, environment: uuid.UUID) -> Claim:
    workshop.deployment(environment)

    async def claim(queue: Queue, _: Database) -> Claim | None:
        return await queue.claim("me", timedelta(seconds=TIMING.lease))

    found = workshop.with_queue(claim)
    assert found is not None
    return found


class TestTakeWish:
    def test_gives_each_wish_once_also_where_two_are_for_the_same(
        self, workshop: Workshop, environment: uuid.UUID
    ) -> None:
        claim = claimed(workshop, environment)

        async def ask(heartbeat: Heartbeat, number: int) -> Wished | None:
            workshop.run("UPDATE deployments SET wish = 'promote', wish_number = %s", number)
            heartbeat.wake()
            for _ in range(300):
                if (found := heartbeat.take_wish()) is not None:
                    return found
                await asyncio.sleep(0.02)
            return None

        async def work() -> list[Wished | None]:
            seldom = replace(TIMING, renew=1000.0)
            async with Heartbeat(workshop.worker_url, claim, seldom) as heartbeat:
                found = [await ask(heartbeat, 4), await ask(heartbeat, 5)]
                heartbeat.wake()
                await asyncio.sleep(0.2)
                return [*found, heartbeat.take_wish()]

        assert asyncio.run(work()) == [Wished(4, "promote"), Wished(5, "promote"), None]


class TestStop:
    def test_is_a_lost_lease_where_it_was_renewed_too_late(
        self, workshop: Workshop, environment: uuid.UUID
    ) -> None:
        claim = claimed(workshop, environment)
        short = replace(TIMING, stop=3.0)

        async def work(owner: psycopg.Connection[Any]) -> list[Stop | None]:
            async with Heartbeat(workshop.worker_url, claim, short) as heartbeat:
                await asyncio.sleep(0.5)
                found = [heartbeat.stop]
                with owner.transaction():
                    owner.execute("SELECT 1 FROM deployments FOR UPDATE")
                    await asyncio.sleep(3.5)
                await asyncio.sleep(0.5)
                return [*found, heartbeat.stop]

        with closing(psycopg.connect(workshop.owner_url)) as owner:
            assert asyncio.run(work(owner)) == [None, Stop.LOST]

    def test_is_none_once_a_server_that_only_read_writes_again(
        self, workshop: Workshop, environment: uuid.UUID
    ) -> None:
        claim = claimed(workshop, environment)
        before = workshop.row(claim.deployment)["lease_expires_at"]

        async def work(owner: psycopg.Connection[Any]) -> Stop | None:
            async with Heartbeat(workshop.worker_url, claim, TIMING) as heartbeat:
                await asyncio.sleep(0.5)
                assert workshop.row(claim.deployment)["lease_expires_at"] == before
                owner.execute(f"{reads} = off".encode())
                for _ in range(300):
                    if workshop.row(claim.deployment)["lease_expires_at"] > before:
                        break
                    await asyncio.sleep(0.1)
                return heartbeat.stop

        with closing(psycopg.connect(workshop.owner_url, autocommit=True)) as owner:
            [database] = owner.execute("SELECT current_database()").fetchone() or ("",)
            reads = f'ALTER DATABASE "{database}" SET default_transaction_read_only'
            owner.execute(f"{reads} = on".encode())
            assert asyncio.run(work(owner)) is None
        assert workshop.row(claim.deployment)["lease_expires_at"] > before
