"""Deployments over the API, where workers are played by the test."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import psycopg
import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from platform_api.database.transactions import Database
from platform_api.deployments import event_router
from platform_api.deployments.held import Held
from platform_api.deployments.lifecycle import Status
from platform_api.deployments.models import DeploymentEvent
from platform_api.deployments.queue import Queue
from platform_api.deployments.repository import DeploymentEvents
from tests.platform_api.deployments.plans import plan, step
from tests.platform_api.deployments.test_queue import LEASE
from tests.platform_api.deployments.workshop import Workshop, archive
from tests.platform_api.people import Person, Team

SHOP = "/v1/organizations/acme/projects/shop"
DEPLOYMENTS = f"{SHOP}/environments/staging/deployments"
PLAN = plan(step("web"), delta="31.00")


def send(person: Person, content: bytes) -> httpx2.Response:
    return person.ask("POST", f"{SHOP}/sources", content=content)


class Desk:
    """The project `shop` with the environment `staging`, and who deploys it."""

    def __init__(self, team: Team, workshop: Workshop) -> None:
        self.team, self.workshop = team, workshop
        team.owner.post("/v1/organizations/acme/projects", slug="shop")
        team.owner.post(f"{SHOP}/environments", name="staging", needs_approval=True)
        self.developer = team.invite("dora", "developer")
        self.source = send(team.owner, archive()).json()["id"]

    def deploy(self, **headers: str) -> httpx2.Response:
        return self.developer.ask("POST", DEPLOYMENTS, json={"source": self.source}, headers=headers)

    def deployment(self) -> str:
        made = self.deploy()
        assert made.status_code == 202, made.text
        return str(made.json()["id"])

    def planned(self) -> str:
        """One that waits for somebody to approve `PLAN`."""
        identifier = self.deployment()
        self.work(Status.AWAITING_APPROVAL, plan=PLAN, monthly_delta=PLAN["cost"]["delta"]["monthly"])
        return identifier

    def released(self, release: int) -> str:
        """One that has succeeded."""
        identifier = self.deployment()
        self.work(Status.SUCCEEDED, release=release)
        return identifier

    def work(self, *statuses: Status, **values: Any) -> None:
        """A worker takes up what comes next, and goes through these statuses; the last one gets the values."""

        async def do(queue: Queue, database: Database) -> None:
            claim = await queue.claim("one", LEASE)
            assert claim is not None
            held = Held(database, claim)
            for status in statuses:
                await held.move(status, **(values if status is statuses[-1] else {}))

        self.workshop.with_queue(do)

    def told(self, deployment: str) -> dict[str, Any]:
        """Its newest event."""
        items = self.developer.get(f"{DEPLOYMENTS}/{deployment}/events").json()["items"]
        return dict(items[-1]["data"])

    def read(self, deployment: str) -> dict[str, Any]:
        found: dict[str, Any] = self.developer.get(f"{DEPLOYMENTS}/{deployment}").json()
        return found


@pytest.fixture
def desk(team: Team, workshop: Workshop) -> Desk:
    return Desk(team, workshop)


class TestSources:
    def test_are_kept_once(self, desk: Desk) -> None:
        again = send(desk.developer, archive())
        assert (again.status_code, again.json()["id"]) == (201, desk.source)

    @pytest.mark.parametrize(
        ("content", "status", "code"),
        [
            (b"", 422, "usage"),
            (b"PK\x03\x04", 422, "usage"),
            (b"\x1f\x8b" + bytes(32 * 1024**2), 413, "content_too_large"),
        ],
    )
    def test_are_refused_where_they_are_none_or_too_large(
        self, desk: Desk, content: bytes, status: int, code: str
    ) -> None:
        answer = send(desk.developer, content)
        assert (answer.status_code, answer.json()["code"]) == (status, code)

    def test_of_another_project_are_not_deployed(self, desk: Desk) -> None:
        desk.team.owner.post("/v1/organizations/acme/projects", slug="blog")
        sent = desk.team.owner.ask("POST", "/v1/organizations/acme/projects/blog/sources", content=archive())
        answer = desk.developer.post(DEPLOYMENTS, source=sent.json()["id"])
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestCreate:
    def test_queues_it(self, desk: Desk) -> None:
        made = desk.deploy()
        assert made.status_code == 202
        read = desk.read(made.json()["id"])
        assert {**made.json(), "may_accept": False, "yours": True} == read
        assert desk.team.owner.get(f"{DEPLOYMENTS}/{read['id']}").json()["yours"] is False
        assert (made.json()["status"], made.json()["needs_approval"]) == ("queued", True)
        assert made.json()["actor"] == {
            "kind": "user",
            "id": desk.developer.id,
            "name": desk.developer.email,
        }

    def test_tells_what_it_waits_for_in_its_environment(self, desk: Desk) -> None:
        first, second = desk.deployment(), desk.deployment()
        assert "behind" not in desk.told(first)
        assert desk.told(second)["behind"]["id"] == first
        assert desk.told(second)["behind"]["actor"]["name"] == desk.developer.email
        desk.work(Status.AWAITING_APPROVAL, plan=PLAN, monthly_delta=PLAN["cost"]["delta"]["monthly"])
        third = desk.deployment()
        assert desk.told(third)["behind"]["id"] == second, "the first waits for a person, and holds nobody up"
        digest = desk.read(first)["plan"]["digest"]
        assert desk.team.owner.post(f"{DEPLOYMENTS}/{first}/approve", plan=digest).status_code == 200
        assert "behind" not in desk.told(first), "the oldest that waits is next"
        for one in (first, second, third):
            desk.team.owner.post(f"{DEPLOYMENTS}/{one}/cancel")
        assert "behind" not in desk.told(desk.deployment())

    def test_is_for_those_who_may(self, desk: Desk) -> None:
        viewer = desk.team.invite("vera", "viewer")
        assert viewer.post(DEPLOYMENTS, source=desk.source).status_code == 403
        assert viewer.get(DEPLOYMENTS).status_code == 200

    def test_is_audited(self, desk: Desk) -> None:
        made = desk.deployment()
        [entry] = desk.team.owner.get("/v1/organizations/acme/audit?limit=1").json()["items"]
        assert (entry["action"], entry["subject"]) == ("deployment.create", f"shop/staging/{made}")

    def test_is_refused_where_its_environment_is_deleted_meanwhile(self, desk: Desk) -> None:
        with psycopg.connect(desk.workshop.owner_url) as owner, ThreadPoolExecutor(1) as deploying:
            owner.execute("DELETE FROM environments")
            answer = deploying.submit(desk.deploy)
            desk.workshop.wait_for_lock()
            owner.commit()
            assert (answer.result().status_code, answer.result().json()["code"]) == (409, "world_changed")


class TestList:
    def test_comes_newest_first_in_pages_without_plans(self, desk: Desk) -> None:
        made = [desk.deployment() for _ in range(5)]
        first = desk.developer.get(f"{DEPLOYMENTS}?limit=3").json()
        second = desk.developer.get(f"{DEPLOYMENTS}?limit=3&cursor={first['next']}").json()
        assert [one["id"] for one in first["items"] + second["items"]] == made[::-1]
        assert second["next"] is None
        assert "plan" not in first["items"][0]


class TestIdempotencyKeys:
    def test_do_once_what_is_sent_twice(self, desk: Desk) -> None:
        first, second = (desk.deploy(**{"Idempotency-Key": "one"}) for _ in range(2))
        assert (first.status_code, first.json()) == (second.status_code, second.json())
        assert len(desk.developer.get(DEPLOYMENTS).json()["items"]) == 1

    def test_do_once_what_is_sent_many_times_at_once(self, desk: Desk) -> None:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: desk.deploy(**{"Idempotency-Key": "one"}), range(16)))
        assert {one.status_code for one in answers} <= {202, 409}
        assert len({one.json()["id"] for one in answers if one.status_code == 202}) == 1
        assert len(desk.developer.get(DEPLOYMENTS).json()["items"]) == 1

    def test_are_refused_with_another_request(self, desk: Desk) -> None:
        assert desk.deploy(**{"Idempotency-Key": "one"}).status_code == 202
        other = {"source": desk.source, "allow_destroy": ["uploads"]}
        answer = desk.developer.ask("POST", DEPLOYMENTS, json=other, headers={"Idempotency-Key": "one"})
        assert (answer.status_code, answer.json()["code"]) == (422, "usage")

    def test_belong_to_who_sent_them(self, desk: Desk) -> None:
        made = desk.deploy(**{"Idempotency-Key": "one"}).json()["id"]
        body = {"json": {"source": desk.source}, "headers": {"Idempotency-Key": "one"}}
        assert desk.team.owner.ask("POST", DEPLOYMENTS, **body).json()["id"] != made

    def test_keep_no_failure(self, desk: Desk) -> None:
        key = {"Idempotency-Key": "one"}
        body = {"source": str(uuid.uuid4())}
        assert desk.developer.ask("POST", DEPLOYMENTS, json=body, headers=key).status_code == 404
        assert desk.deploy(**key).status_code == 202

    @pytest.mark.parametrize("key", ["", "a b", "x" * 256])
    def test_are_refused_where_they_are_none(self, desk: Desk, key: str) -> None:
        assert desk.deploy(**{"Idempotency-Key": key}).status_code == 422


class TestApprove:
    def test_lets_the_plan_be_applied_that_was_looked_at(self, desk: Desk) -> None:
        waiting = desk.planned()
        assert desk.read(waiting)["monthly_delta"] == "31.00"
        answer = desk.team.owner.post(f"{DEPLOYMENTS}/{waiting}/approve", plan=PLAN["digest"])
        assert (answer.status_code, answer.json()["status"]) == (200, "approved")
        assert answer.json()["approved_by"] == {"kind": "user", "id": desk.team.owner.id}
        desk.work(Status.SUCCEEDED)
        assert desk.read(waiting)["status"] == "succeeded"

    def test_needs_a_person_with_the_right(self, desk: Desk) -> None:
        waiting = desk.planned()
        key, _ = desk.team.key(scopes=["deployment:approve", "project:read"])
        for who in (desk.developer, key):
            answer = who.post(f"{DEPLOYMENTS}/{waiting}/approve", plan=PLAN["digest"])
            assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        assert desk.read(waiting)["status"] == "awaiting_approval"
        entries = desk.team.owner.get("/v1/organizations/acme/audit").json()["items"]
        told = [one["actor"]["kind"] for one in entries if one["outcome"] == "refused"]
        assert told == ["api_key", "user"], "both attempts are in the log"

    def test_is_for_the_plan_that_it_has(self, desk: Desk) -> None:
        waiting = desk.planned()
        answer = desk.team.owner.post(f"{DEPLOYMENTS}/{waiting}/approve", plan="0" * 64)
        assert (answer.status_code, answer.json()["code"]) == (409, "world_changed")

    def test_is_refused_where_nothing_waits_for_it(self, desk: Desk) -> None:
        queued = desk.deployment()
        answer = desk.team.owner.post(f"{DEPLOYMENTS}/{queued}/approve", plan="0" * 64)
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


class TestApply:
    def confirmed(self, desk: Desk) -> str:
        """One that waits for whoever began it, in an environment that asks for no approval."""
        desk.team.owner.ask("PATCH", f"{SHOP}/environments/staging", json={"needs_approval": False})
        made = desk.developer.post(DEPLOYMENTS, source=desk.source, confirm=True)
        desk.work(Status.AWAITING_APPROVAL, plan=PLAN, monthly_delta=PLAN["cost"]["delta"]["monthly"])
        return str(made.json()["id"])

    def test_is_for_whoever_may_deploy(self, desk: Desk) -> None:
        waiting = self.confirmed(desk)
        viewer = desk.team.invite("vera", "viewer")
        assert viewer.post(f"{DEPLOYMENTS}/{waiting}/apply", plan=PLAN["digest"]).status_code == 403
        other = desk.developer.post(f"{DEPLOYMENTS}/{waiting}/apply", plan="0" * 64)
        assert (other.status_code, other.json()["code"]) == (409, "world_changed")
        answer = desk.developer.post(f"{DEPLOYMENTS}/{waiting}/apply", plan=PLAN["digest"])
        assert (answer.status_code, answer.json()["status"]) == (200, "approved")

    def test_is_no_way_around_an_approval(self, desk: Desk) -> None:
        waiting = desk.planned()
        for who in (desk.developer, desk.team.owner):
            answer = who.post(f"{DEPLOYMENTS}/{waiting}/apply", plan=PLAN["digest"])
            assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
        assert desk.read(waiting)["status"] == "awaiting_approval"


class TestSteering:
    @pytest.mark.parametrize(
        ("verb", "body", "wish"),
        [
            ("pause", {}, "pause"),
            ("resume", {}, "resume"),
            ("promote", {}, "promote"),
            ("promote", {"full": True}, "promote_full"),
            ("abort", {}, "abort"),
        ],
    )
    def test_leaves_a_wish_for_the_worker(
        self, desk: Desk, verb: str, body: dict[str, bool], wish: str
    ) -> None:
        running = desk.deployment()
        desk.work(Status.APPLYING, Status.RELEASING)
        assert desk.developer.post(f"{DEPLOYMENTS}/{running}/{verb}", **body).status_code == 202
        assert desk.workshop.row(uuid.UUID(running))["wish"] == wish
        last = desk.workshop.events(uuid.UUID(running))[-1]
        assert (last["kind"], last["data"]["wish"]) == ("wish", wish)

    def test_is_refused_where_nothing_is_released(self, desk: Desk) -> None:
        answer = desk.developer.post(f"{DEPLOYMENTS}/{desk.planned()}/pause")
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


class TestCancel:
    def test_ends_at_once_what_waits(self, desk: Desk) -> None:
        for waiting in (desk.deployment(), desk.planned()):
            answer = desk.developer.post(f"{DEPLOYMENTS}/{waiting}/cancel")
            assert (answer.status_code, answer.json()["status"]) == (202, "cancelled")
            again = desk.developer.post(f"{DEPLOYMENTS}/{waiting}/cancel")
            assert (again.status_code, again.json()["code"]) == (409, "wrong_state")

    def test_asks_the_worker_of_what_runs_once(self, desk: Desk) -> None:
        running = desk.deployment()
        desk.work(Status.APPLYING)
        for _ in range(2):
            answer = desk.developer.post(f"{DEPLOYMENTS}/{running}/cancel")
            assert (answer.status_code, answer.json()["status"]) == (202, "applying")
            assert answer.json()["cancel_requested_at"] is not None
        kinds = [one["kind"] for one in desk.workshop.events(uuid.UUID(running))]
        assert kinds.count("cancel_requested") == 1


class TestRollback:
    def test_goes_back_to_the_release_and_asks_nobody(self, desk: Desk) -> None:
        before = desk.released(41)
        desk.released(42)
        answer = desk.developer.post(f"{DEPLOYMENTS}/{before}/rollback")
        assert answer.status_code == 202
        found = {name: answer.json()[name] for name in ("kind", "release", "needs_approval", "source_id")}
        assert found == {"kind": "rollback", "release": 41, "needs_approval": False, "source_id": desk.source}
        desk.work(Status.SUCCEEDED)

    def test_of_an_environment_goes_to_a_release_or_to_the_one_before(self, desk: Desk) -> None:
        path = DEPLOYMENTS.removesuffix("deployments") + "rollback"
        assert desk.developer.post(path).status_code == 409
        desk.released(41)
        for wanted in (41, 7, None):
            made = desk.developer.post(path, release=wanted)
            assert made.status_code == 202
            found = {name: made.json()[name] for name in ("kind", "release", "source_id")}
            assert found == {"kind": "rollback", "release": wanted, "source_id": desk.source}
            desk.work(Status.SUCCEEDED)

    def test_is_refused_where_nothing_was_released(self, desk: Desk) -> None:
        answer = desk.developer.post(f"{DEPLOYMENTS}/{desk.planned()}/rollback")
        assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


class TestEvents:
    def test_come_in_their_order_until_it_is_over(self, desk: Desk) -> None:
        waiting = desk.planned()
        found = desk.developer.get(f"{DEPLOYMENTS}/{waiting}/events?limit=2").json()
        assert ([one["number"] for one in found["items"]], found["over"]) == ([1, 2], False)
        desk.developer.post(f"{DEPLOYMENTS}/{waiting}/cancel")
        found = desk.developer.get(f"{DEPLOYMENTS}/{waiting}/events?after=2").json()
        assert [one["data"]["status"] for one in found["items"]] == ["awaiting_approval", "cancelled"]
        assert found["over"] is True

    def stream(self, desk: Desk, deployment: str, **headers: str) -> list[tuple[str, str]]:
        """The id and the event of each message."""
        answer = desk.developer.get(f"{DEPLOYMENTS}/{deployment}/events/stream", **headers)
        assert answer.headers["content-type"].startswith("text/event-stream")
        found = []
        for block in answer.text.strip().split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines())
            assert isinstance(json.loads(fields["data"]), dict)
            found.append((fields.get("id", ""), fields["event"]))
        return found

    def test_are_streamed_and_go_on_where_a_connection_was_lost(self, desk: Desk) -> None:
        waiting = desk.planned()
        desk.developer.post(f"{DEPLOYMENTS}/{waiting}/cancel")
        all_of_it = [(str(number), "status") for number in range(1, 5)] + [("", "over")]
        assert self.stream(desk, waiting) == all_of_it
        assert self.stream(desk, waiting, **{"Last-Event-ID": "3"}) == all_of_it[3:]
        assert self.stream(desk, waiting, **{"Last-Event-ID": "4"}) == all_of_it[4:]

    def test_are_streamed_on_where_the_database_was_away_for_a_moment(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(event_router, "LOOK_SECONDS", 0.05)
        monkeypatch.setattr(event_router, "MOST", 2)
        after = DeploymentEvents.after
        away: list[Exception] = [PoolTimeout(), OperationalError("SELECT", {}, Exception())]

        async def failing(events: DeploymentEvents, number: int, size: int) -> Sequence[DeploymentEvent]:
            if number == 2 and away:
                raise away.pop()
            return await after(events, number, size)

        monkeypatch.setattr(DeploymentEvents, "after", failing)
        waiting = desk.planned()
        desk.developer.post(f"{DEPLOYMENTS}/{waiting}/cancel")
        found = self.stream(desk, waiting)
        assert found == [(str(number), "status") for number in range(1, 5)] + [("", "over")]
        assert not away

    def test_are_streamed_for_so_long_and_then_asked_for_again(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(event_router, "STREAM_SECONDS", 0.3)
        monkeypatch.setattr(event_router, "LOOK_SECONDS", 0.05)
        waiting = desk.planned()
        assert self.stream(desk, waiting) == [(str(number), "status") for number in range(1, 4)]


def test_a_project_goes_with_its_deployments_and_sources(desk: Desk) -> None:
    desk.planned()
    desk.released(1)
    assert desk.team.owner.ask("DELETE", SHOP).status_code == 204
    for table in ("deployments", "deployment_events", "sources"):
        assert desk.workshop.run(f"SELECT 1 FROM {table}") == []
