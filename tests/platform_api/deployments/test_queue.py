"""The queue on a real PostgreSQL: who gets what, and whose writes count."""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections import Counter
from datetime import timedelta

import psycopg
import pytest

from cygni.errors import LeaseLost
from platform_api.database.roles import IDLE_SECONDS
from platform_api.database.transactions import Database
from platform_api.deployments.events import Told
from platform_api.deployments.held import Claim, Held
from platform_api.deployments.lifecycle import ATTEMPTS, OVER, RUNNING, Status
from platform_api.deployments.queue import Queue
from platform_api.worker.timing import Timing
from tests.platform_api.deployments.workshop import Workshop

LEASE = timedelta(minutes=1)
ENDS = (Status.SUCCEEDED, Status.FAILED)


def claimed(workshop: Workshop) -> Claim | None:
    return workshop.with_queue(lambda queue, _: queue.claim("one", LEASE))


class TestClaim:
    def test_gives_what_waits_with_a_fence_that_grows(self, workshop: Workshop) -> None:
        acme = workshop.organization("acme")
        made = [workshop.deployment(workshop.environment(acme)) for _ in range(3)]
        found = [claimed(workshop) for _ in range(4)]
        assert found.pop() is None
        assert [one.deployment for one in found if one] == made
        fences = [one.fence for one in found if one]
        assert fences == sorted(set(fences))
        row = workshop.row(made[0])
        assert (row["status"], row["worker"], row["attempt"]) == ("planning", "one", 1)

    @pytest.mark.parametrize(
        ("status", "kind", "becomes"),
        [
            ("queued", "deploy", "planning"),
            ("queued", "rollback", "releasing"),
            ("approved", "deploy", "applying"),
            ("recovering", "deploy", "planning"),
            ("recovering", "rollback", "releasing"),
            ("watching", "run", "watching"),
            ("awaiting_approval", "deploy", None),
            ("succeeded", "deploy", None),
            ("needs_attention", "deploy", None),
        ],
    )
    def test_goes_on_where_a_deployment_is(
        self, workshop: Workshop, status: str, kind: str, becomes: str | None
    ) -> None:
        there = workshop.deployment(workshop.environment(workshop.organization("acme")), status, kind)
        claim = claimed(workshop)
        assert (claim.status.value if claim else None) == becomes
        assert workshop.status(there) == (becomes or status)

    def test_leaves_what_is_overdue(self, workshop: Workshop) -> None:
        workshop.deployment(workshop.environment(workshop.organization("acme")), overdue=True)
        assert claimed(workshop) is None

    def test_keeps_the_order_of_an_environment(self, workshop: Workshop) -> None:
        environment = workshop.environment(workshop.organization("acme"))
        first = workshop.deployment(environment)
        workshop.deployment(environment, "approved")
        found = claimed(workshop)
        assert found is not None
        assert found.deployment == first
        assert claimed(workshop) is None

    def test_lets_nothing_overtake_what_somebody_is_looking_at(self, workshop: Workshop) -> None:
        environment = workshop.environment(workshop.organization("acme"))
        first = workshop.deployment(environment)
        workshop.deployment(environment)
        with psycopg.connect(workshop.owner_url) as owner:
            owner.execute("SELECT 1 FROM deployments WHERE id = %s FOR UPDATE", (first,))
            assert claimed(workshop) is None
        assert claimed(workshop) is not None

    def test_gives_jobs_to_watch_or_deployments_as_there_is_room(self, workshop: Workshop) -> None:
        acme = workshop.organization("acme")
        job = workshop.deployment(workshop.environment(acme), "watching", "run")
        deploy = workshop.deployment(workshop.environment(acme))

        def found(**room: bool) -> uuid.UUID | None:
            claim = workshop.with_queue(lambda queue, _: queue.claim("one", LEASE, **room))
            return claim.deployment if claim else None

        assert found(deploying=False, watching=False) is None
        assert found(watching=False) == deploy
        assert found(deploying=False) == job

    def test_takes_what_was_interrupted_before_all_else_of_its_environment(self, workshop: Workshop) -> None:
        environment = workshop.environment(workshop.organization("acme"))
        workshop.deployment(environment)
        lost = workshop.deployment(environment, "recovering")
        found = claimed(workshop)
        assert found is not None
        assert found.deployment == lost

    def test_is_fair_among_tenants(self, workshop: Workshop) -> None:
        many, few = workshop.organization("many"), workshop.organization("few")
        whose: dict[uuid.UUID, str] = {}
        for _ in range(6):
            whose[workshop.deployment(workshop.environment(many))] = "many"
        for _ in range(3):
            whose[workshop.deployment(workshop.environment(few))] = "few"
        order = []
        while (claim := claimed(workshop)) is not None:
            order.append(whose[claim.deployment])
        assert order == ["many", "few"] * 3 + ["many"] * 3

    def test_by_many_at_once_gives_each_environment_to_one(self, workshop: Workshop) -> None:
        acme = workshop.organization("acme")
        environments = [workshop.environment(acme) for _ in range(4)]
        for environment in environments * 5:
            workshop.deployment(environment)

        async def race(queue: Queue, _: Database) -> list[Claim]:
            found: list[Claim] = []

            async def worker(name: str) -> None:
                for _ in range(8):
                    claim = await queue.claim(name, LEASE)
                    if claim is not None:
                        found.append(claim)

            await asyncio.gather(*(worker(str(number)) for number in range(8)))
            return found

        found = workshop.with_queue(race)
        assert Counter(claim.environment for claim in found) == Counter(environments)

    def test_twice_in_an_environment_is_refused_by_the_table_itself(self, workshop: Workshop) -> None:
        environment = workshop.environment(workshop.organization("acme"))
        workshop.deployment(environment, "recovering")
        with pytest.raises(psycopg.errors.UniqueViolation, match="deployments_one_at_a_time"):
            workshop.deployment(environment, "recovering")


class TestHeld:
    def prepared(self, workshop: Workshop) -> Claim:
        workshop.deployment(workshop.environment(workshop.organization("acme")))
        found = claimed(workshop)
        assert found is not None
        return found

    def test_writes_events_without_gaps_and_gives_the_lease_back_at_the_end(self, workshop: Workshop) -> None:
        claim = self.prepared(workshop)

        async def work(_: Queue, database: Database) -> None:
            held = Held(database, claim)
            await held.tell([Told("said", {"text": "one"}), Told("said", {"text": "two"})])
            await held.tell([])
            await held.move(Status.APPLYING)
            await held.move(Status.SUCCEEDED, release=7)

        workshop.with_queue(work)
        row = workshop.row(claim.deployment)
        assert (row["status"], row["worker"], row["release"]) == ("succeeded", None, 7)
        assert row["finished_at"] is not None
        assert row["phase_deadline"] is None
        events = workshop.events(claim.deployment)
        assert [one["number"] for one in events] == list(range(1, row["last_event"] + 1))
        assert [one["data"].get("status") or one["data"]["text"] for one in events] == [
            *("planning", "one", "two", "applying", "succeeded")
        ]

    @pytest.mark.parametrize("reaped", [False, True])
    def test_accepts_nothing_of_a_worker_that_slept_past_its_lease(
        self, workshop: Workshop, reaped: bool
    ) -> None:
        claim = self.prepared(workshop)
        workshop.expire(claim.deployment)
        if reaped:
            assert workshop.with_queue(lambda queue, _: queue.reap()) == 1
            again = claimed(workshop)
            assert again is not None
            assert (again.deployment, again.attempt) == (claim.deployment, 2)
            assert again.fence > claim.fence
        before = workshop.row(claim.deployment), workshop.events(claim.deployment)

        async def write(_: Queue, database: Database) -> None:
            with pytest.raises(LeaseLost):
                await Held(database, claim).tell([Told("said", {"text": "late"})])
            with pytest.raises(LeaseLost):
                await Held(database, claim).move(Status.FAILED)

        workshop.with_queue(write)
        assert (workshop.row(claim.deployment), workshop.events(claim.deployment)) == before

    def test_takes_as_many_events_at_once_as_a_job_writes(self, workshop: Workshop) -> None:
        claim = self.prepared(workshop)
        lines = [Told("wrote", {"text": str(number)}) for number in range(14_000)]
        workshop.with_queue(lambda _, database: Held(database, claim, patience=0).tell(lines))
        found = [one["data"] for one in workshop.events(claim.deployment) if one["kind"] == "wrote"]
        assert found == [{"text": str(number)} for number in range(14_000)]

    def test_hands_back_without_counting_it_as_an_attempt(self, workshop: Workshop) -> None:
        claim = self.prepared(workshop)

        async def work(_: Queue, database: Database) -> None:
            held = Held(database, claim)
            await held.move(Status.APPLYING)
            await held.hand_back()

        workshop.with_queue(work)
        again = claimed(workshop)
        assert again is not None
        assert (again.deployment, again.status, again.attempt) == (claim.deployment, Status.PLANNING, 1)


class TestReap:
    def test_leaves_what_is_alive_and_what_is_over(self, workshop: Workshop) -> None:
        acme = workshop.organization("acme")
        workshop.deployment(workshop.environment(acme), "failed", overdue=True)
        workshop.deployment(workshop.environment(acme))
        assert claimed(workshop) is not None
        assert workshop.with_queue(lambda queue, _: queue.reap()) == 0

    def test_has_a_lost_deployment_tried_again_so_often_and_no_more(self, workshop: Workshop) -> None:
        environment = workshop.environment(workshop.organization("acme"))
        lost = workshop.deployment(environment)
        next_one = workshop.deployment(environment)
        for attempt in range(1, ATTEMPTS + 1):
            claim = claimed(workshop)
            assert claim is not None
            assert (claim.deployment, claim.attempt) == (lost, attempt)
            workshop.expire(lost)
            assert workshop.with_queue(lambda queue, _: queue.reap()) == 1
        assert workshop.status(lost) == "needs_attention"
        assert workshop.row(lost)["error"]["code"] == "deploy_killed"
        following = claimed(workshop)
        assert following is not None
        assert following.deployment == next_one

    def test_tells_people_why(self, workshop: Workshop) -> None:
        organization = workshop.organization("acme")
        lost = workshop.deployment(workshop.environment(organization))
        workshop.run(
            "INSERT INTO notifications VALUES (%s, %s, NULL, 'email', '{ada@example.com}', '{failed}', '', NULL, NULL, 1, "
            "now())",
            *(organization, uuid.uuid4()),
        )
        assert claimed(workshop) is not None
        workshop.run("UPDATE deployments SET attempt = %s WHERE id = %s", ATTEMPTS, lost)
        workshop.expire(lost)
        workshop.with_queue(lambda queue, _: queue.reap())
        [told] = workshop.run("SELECT data FROM notification_deliveries")
        assert told["data"]["error"] == "every worker that carried it out was lost"

    def test_cancels_what_was_to_be_cancelled_when_its_worker_was_lost(self, workshop: Workshop) -> None:
        lost = workshop.deployment(workshop.environment(workshop.organization("acme")))
        assert claimed(workshop) is not None
        workshop.run("UPDATE deployments SET cancel_requested_at = now() WHERE id = %s", lost)
        workshop.expire(lost)
        workshop.with_queue(lambda queue, _: queue.reap())
        assert workshop.status(lost) == "cancelled"

    def test_has_a_job_watched_by_the_next_worker_whatever_else_is_under_way(
        self, workshop: Workshop
    ) -> None:
        environment = workshop.environment(workshop.organization("acme"))
        job = workshop.deployment(environment, "watching", "run")
        workshop.deployment(environment)
        for _ in range(ATTEMPTS + 1):
            before = workshop.row(job)
            claim = claimed(workshop)
            assert claim is not None
            assert (claim.deployment, claim.status, claim.attempt) == (job, Status.WATCHING, 0)
            assert workshop.row(job)["phase_deadline"] == before["phase_deadline"]
            other = claimed(workshop)
            workshop.expire(job)
            assert workshop.with_queue(lambda queue, _: queue.reap()) == 1
        assert other is None  # it was taken up in the first round
        assert (workshop.status(job), workshop.row(job)["worker"]) == ("watching", None)

    def test_has_the_task_stopped_of_a_job_that_was_to_be_cancelled(self, workshop: Workshop) -> None:
        job = workshop.deployment(workshop.environment(workshop.organization("acme")), kind="run")
        assert claimed(workshop) is not None
        workshop.run("UPDATE deployments SET cancel_requested_at = now() WHERE id = %s", job)
        workshop.expire(job)
        workshop.with_queue(lambda queue, _: queue.reap())
        assert workshop.status(job) == "recovering"

    @pytest.mark.parametrize("status", ["queued", "awaiting_approval", "approved", "recovering", "watching"])
    def test_cancels_what_waited_for_too_long(self, workshop: Workshop, status: str) -> None:
        waiting = workshop.deployment(
            workshop.environment(workshop.organization("acme")), status, overdue=True
        )
        assert workshop.with_queue(lambda queue, _: queue.reap()) == 1
        assert workshop.status(waiting) == "cancelled"
        assert workshop.events(waiting)[-1]["data"]["overdue"] == status


class History:
    """Workers that take up, lose and finish deployments at random; nobody of them knows of the others."""

    def __init__(self, workshop: Workshop, queue: Queue, database: Database, seed: int) -> None:
        self.workshop, self.queue, self.database = workshop, queue, database
        self.chosen = random.Random(seed)
        self.claims: list[tuple[Claim, Held]] = []
        self.accepted: list[Claim] = []

    async def step(self) -> None:
        match self.chosen.choice(["claim", "claim", "expire", "reap", "finish", "finish", "move", "cancel"]):
            case "claim":
                claim = await self.queue.claim("somebody", LEASE)
                if claim is not None:
                    self.claims.append((claim, Held(self.database, claim)))
            case "reap":
                await self.queue.reap()
            case _ if not self.claims:
                return
            case "expire":
                self.workshop.expire(self.chosen.choice(self.claims)[0].deployment)
            case "cancel":
                query = (
                    "UPDATE deployments SET cancel_requested_at = now() WHERE id = %s AND worker IS NOT NULL"
                )
                self.workshop.run(query, self.chosen.choice(self.claims)[0].deployment)
            case what:
                await self.write(what)

    async def write(self, what: str) -> None:
        claim, held = self.chosen.choice(self.claims)
        row = self.workshop.row(claim.deployment)
        mine = row["fence"] == claim.fence and row["worker"] is not None
        mine = mine and bool(
            self.workshop.run("SELECT 1 WHERE %s > clock_timestamp()", row["lease_expires_at"])
        )
        if held.status not in RUNNING:
            return
        try:
            if what == "move" and held.status is Status.PLANNING:
                await held.move(Status.APPLYING)
            elif what == "move":
                await held.tell([Told("said", {"text": "working"})])
            else:
                await held.move(self.chosen.choice(ENDS))
                self.accepted.append(claim)
            assert mine, "a write was accepted of a worker that had lost its lease"
        except LeaseLost:
            assert not mine, "a write was refused of the worker that has the lease"


@pytest.mark.parametrize("seed", range(6))
def test_in_any_history_each_deployment_ends_once_and_one_runs_at_a_time(
    workshop: Workshop, seed: int
) -> None:
    acme = workshop.organization("acme")
    environments = [workshop.environment(acme) for _ in range(2)]
    made = [workshop.deployment(environment) for environment in environments * 3]

    async def live(queue: Queue, database: Database) -> list[Claim]:
        history = History(workshop, queue, database, seed)
        for _ in range(120):
            await history.step()
        return history.accepted

    accepted = workshop.with_queue(live)
    assert max(Counter(claim.deployment for claim in accepted).values(), default=0) <= 1
    for deployment in made:
        row, events = workshop.row(deployment), workshop.events(deployment)
        assert [one["number"] for one in events] == list(range(1, row["last_event"] + 1))
        ends = [one for one in events if one["data"].get("status") in OVER]
        assert len(ends) == (row["status"] in OVER)


class TestAWorkerThatFreezesWithinAWrite:
    def test_is_cut_off_by_the_server_before_its_lease_is_over(self, workshop: Workshop) -> None:
        with psycopg.connect(workshop.worker_url) as worker:
            [limit] = worker.execute("SHOW idle_in_transaction_session_timeout").fetchone() or ("",)
        assert limit == f"{IDLE_SECONDS}s"
        assert Timing().renew < IDLE_SECONDS < Timing().lease

    def test_locks_nobody_out(self, workshop: Workshop) -> None:
        lost = workshop.deployment(workshop.environment(workshop.organization("acme")))
        claim = claimed(workshop)
        assert claim is not None
        workshop.expire(lost)
        with psycopg.connect(workshop.worker_url) as frozen:
            frozen.execute("SET SESSION idle_in_transaction_session_timeout = '200ms'")
            frozen.commit()
            frozen.execute("UPDATE deployments SET last_event = 99 WHERE id = %s", (lost,))

            while not workshop.with_queue(lambda queue, _: queue.reap()):
                time.sleep(0.05)
            frozen.close()
        assert (workshop.status(lost), workshop.row(lost)["last_event"]) == ("recovering", 2)
