"""Workers as processes that are killed, frozen and told to end, on a real PostgreSQL and a cloud with a ledger."""

from __future__ import annotations

import os
import signal
import uuid

import psutil
import pytest

from platform_api.deployments.lifecycle import Status
from platform_api.worker.service import WATCHED, Room, room
from tests.platform_api.deployments.workshop import Workshop, archive
from tests.platform_api.people import Team
from tests.platform_api.worker import cloud, ledger_runner
from tests.platform_api.worker.processes import PATIENCE, Workers, all_made_once


def staging_of(team: Team) -> tuple[str, str]:
    """Where the API has the environment of a new project, and the folder that was sent for it."""
    shop = "/v1/organizations/acme/projects/shop"
    team.owner.post("/v1/organizations/acme/projects", slug="shop")
    team.owner.post(f"{shop}/environments", name="staging")
    source = team.owner.ask("POST", f"{shop}/sources", content=archive()).json()["id"]
    return f"{shop}/environments/staging", source


class TestWorker:
    def test_carries_out_what_somebody_asked_for_and_shows_no_secret(
        self, workers: Workers, workshop: Workshop, team: Team
    ) -> None:
        staging, source = staging_of(team)
        team.owner.ask("PUT", f"{staging}/secrets/PASSWORD", json={"value": ledger_runner.SECRET})
        deployment = uuid.UUID(team.owner.post(f"{staging}/deployments", source=source).json()["id"])
        workers.start()
        assert workers.until_over(deployment) == ["succeeded"]
        assert all_made_once(workers, deployment)
        found = team.owner.get(f"{staging}/deployments/{deployment}").json()
        assert (found["release"], found["monthly_delta"]) == (1, "12.34")
        events = workshop.events(deployment)
        told = [one["data"]["status"] for one in events if one["kind"] == "status"]
        assert told == ["queued", "planning", "applying", "releasing", "succeeded"]
        said = [one["data"]["text"] for one in events if one["kind"] == "said"]
        assert said[:2] == ["the plan has [secret] in it", "[secret]"]
        for kept in (events, workshop.row(deployment), found, workers.logs()):
            assert ledger_runner.SECRET not in str(kept)

    def test_waits_for_a_person_and_then_applies_what_was_approved(
        self, workers: Workers, workshop: Workshop, environment: uuid.UUID
    ) -> None:
        deployment = workshop.deployment(environment, needs_approval=True)
        workers.start()
        workers.until(lambda: workshop.status(deployment) == "awaiting_approval")
        assert cloud.read(workers.ledger) == []
        workshop.run(
            "UPDATE deployments SET status = 'approved', approved_plan = plan WHERE id = %s", deployment
        )
        assert workers.until_over(deployment) == ["succeeded"]
        assert workshop.row(deployment)["attempt"] == 1

    def test_cancels_what_runs(self, workers: Workers, workshop: Workshop, environment: uuid.UUID) -> None:
        deployment = workshop.deployment(environment)
        workers.hold(1)
        workers.start()
        workers.until_made(deployment, 1)
        workshop.run("UPDATE deployments SET cancel_requested_at = now() WHERE id = %s", deployment)
        assert workers.until_over(deployment) == ["cancelled"]
        lines = len(cloud.read(workers.ledger))
        assert cloud.made(workers.ledger)[str(deployment)] == [0]
        workers.let_go()
        following = workshop.deployment(environment)
        assert workers.until_over(following) == ["succeeded"]
        assert {one["deployment"] for one in cloud.read(workers.ledger)[lines:]} == {str(following)}

    def test_forgets_what_stripe_told_long_ago(self, workers: Workers, workshop: Workshop) -> None:
        workshop.run(
            "INSERT INTO stripe_events (id, type, object, received_at, attempts) "
            "VALUES ('evt_1', 'invoice.paid', 'in_1', now() - interval '61 days', 1)"
        )
        workers.start()
        workers.until(lambda: workshop.run("SELECT id FROM stripe_events") == [])

    def test_ends_what_takes_longer_than_its_phase_may(
        self, workers: Workers, workshop: Workshop, environment: uuid.UUID
    ) -> None:
        deployment = workshop.deployment(environment)
        workers.hold(1)
        workers.start()
        workers.until_made(deployment, 1)
        workshop.run("UPDATE deployments SET phase_deadline = now() WHERE id = %s", deployment)
        assert workers.until_over(deployment) == ["failed"]
        assert workshop.row(deployment)["error"]["code"] == "deadline_exceeded"

    def test_told_to_end_hands_back_what_it_has(
        self, workers: Workers, workshop: Workshop, environment: uuid.UUID
    ) -> None:
        deployment = workshop.deployment(environment)
        workers.hold(2)
        first = workers.start()
        workers.until_made(deployment, 2)
        first.terminate()
        assert first.wait(PATIENCE) == 0
        assert workshop.status(deployment) == "recovering"
        workers.let_go()
        workers.start()
        assert workers.until_over(deployment) == ["succeeded"]
        assert all_made_once(workers, deployment)
        assert workshop.row(deployment)["attempt"] == 1


class TestRoom:
    @pytest.mark.parametrize(
        ("at_work", "deploying", "watching"),
        [
            ([], True, True),
            ([Status.APPLYING], False, True),
            ([Status.WATCHING] * (WATCHED - 1), True, True),
            ([Status.WATCHING] * WATCHED, True, False),
            ([Status.WATCHING] * (WATCHED + 1), False, False),
        ],
    )
    def test_is_left_by_jobs_that_are_only_watched(
        self, at_work: list[Status], deploying: bool, watching: bool
    ) -> None:
        assert room(at_work, 1) == Room(deploying, watching)


class TestBeingTold:
    def test_begins_and_cancels_without_looking_by_itself(
        self, workers: Workers, workshop: Workshop, team: Team
    ) -> None:
        staging, source = staging_of(team)
        deployments = f"{staging}/deployments"
        first, second = (
            uuid.UUID(team.owner.post(deployments, source=source).json()["id"]) for _ in range(2)
        )
        workers.hold(1)
        workers.start(timing="told")
        workers.until_made(first, 1)
        assert team.owner.post(f"{deployments}/{first}/cancel").status_code == 202
        assert workers.until_over(first) == ["cancelled"]
        workers.let_go()
        assert workers.until_over(second) == ["succeeded"]
        third = uuid.UUID(team.owner.post(deployments, source=source).json()["id"])
        assert workers.until_over(third) == ["succeeded"]


def test_a_database_that_drops_every_connection_again_and_again_loses_and_doubles_nothing(
    workers: Workers, workshop: Workshop, environment: uuid.UUID
) -> None:
    deployment = workshop.deployment(environment)
    workers.start(timing="steady")
    for things in range(1, cloud.THINGS):
        workers.until_made(deployment, things)
        workshop.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_database() || '_worker'"
        )
    assert workers.until_over(deployment) == ["succeeded"]
    assert all_made_once(workers, deployment)
    assert cloud.overlaps(workers.ledger) == []
    numbers = [one["number"] for one in workshop.events(deployment)]
    assert numbers == list(range(1, workshop.row(deployment)["last_event"] + 1))


class TestALostWorker:
    @pytest.mark.parametrize("things", [0, 1, 4])
    def test_that_was_killed_loses_and_doubles_nothing(
        self, workers: Workers, workshop: Workshop, environment: uuid.UUID, things: int
    ) -> None:
        deployment = workshop.deployment(environment)
        first = workers.start()
        if things:
            workers.until_made(deployment, things)
        else:
            workers.until(lambda: workshop.status(deployment) != "queued")
        first.kill()
        workers.start()
        assert workers.until_over(deployment) == ["succeeded"]
        assert all_made_once(workers, deployment)
        assert cloud.overlaps(workers.ledger) == []

    @pytest.mark.parametrize("kind", ["obedient", cloud.STUBBORN])
    def test_that_froze_leaves_no_program_beside_that_of_the_next(
        self, workers: Workers, workshop: Workshop, environment: uuid.UUID, kind: str
    ) -> None:
        (workers.folder / kind).touch()
        deployment = workshop.deployment(environment)
        frozen = workers.start()
        workers.until_made(deployment, 1)
        os.kill(frozen.pid, signal.SIGSTOP)
        workers.start()
        assert workers.until_over(deployment) == ["succeeded"]
        before = workshop.row(deployment), workshop.events(deployment)
        os.kill(frozen.pid, signal.SIGCONT)
        workers.until(lambda: "] lost " in workers.logs())
        assert (workshop.row(deployment), workshop.events(deployment)) == before
        assert all_made_once(workers, deployment)
        assert cloud.overlaps(workers.ledger) == []

    def test_takes_its_program_with_it_when_both_die_at_once(
        self, workers: Workers, workshop: Workshop, environment: uuid.UUID
    ) -> None:
        deployment = workshop.deployment(environment)
        first = workers.start()
        workers.until_made(deployment, 1)
        family = psutil.Process(first.pid).children(recursive=True)
        watchdogs = [one for one in family if "platform_api.worker.watchdog" in one.cmdline()]
        assert len(watchdogs) == 1
        first.kill()
        watchdogs[0].kill()
        psutil.wait_procs(family, timeout=PATIENCE)
        assert not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family)


def test_two_workers_never_run_an_environment_at_once_and_leave_nothing(
    workers: Workers, workshop: Workshop
) -> None:
    acme, other = workshop.organization("acme"), workshop.organization("other")
    environments = [workshop.environment(acme), workshop.environment(other, "production")]
    deployments = [workshop.deployment(environment) for environment in environments * 2]
    for _ in range(2):
        workers.start(at_a_time=2)
    assert workers.until_over(*deployments) == ["succeeded"] * 4
    assert all_made_once(workers, *deployments)
    assert cloud.overlaps(workers.ledger) == []
