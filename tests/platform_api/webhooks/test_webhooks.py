"""Webhooks over the API, and their deliveries as a worker makes them, to a receiver on this machine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from standardwebhooks.webhooks import Webhook as Checking
from standardwebhooks.webhooks import WebhookVerificationError

from platform_api.access.permissions import MATRIX, Role
from platform_api.database.roles import url_as
from platform_api.database.transactions import Database
from platform_api.outbox.schedule import PAUSES
from platform_api.outbox.sender import BATCH, PER_RECIPIENT
from platform_api.webhooks.destinations import Allowed
from platform_api.webhooks.sender import Sender
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import archive
from tests.platform_api.people import Team
from tests.platform_api.server_key import KEY
from tests.platform_api.webhooks.receiver import Receiver, receiver

WEBHOOKS = "/v1/organizations/acme/webhooks"
HERE = Allowed.parse("127.0.0.1")
Result = TypeVar("Result")


class Post:
    """The owner's webhooks, and a worker that delivers."""

    def __init__(self, team: Team, plane: ControlPlane) -> None:
        self.plane = plane
        self.owner = team.key(scopes=sorted(MATRIX[Role.OWNER]))[0]  # whose key holds for all days of a test
        self.url = url_as(plane.owner_url, plane.roles.worker, KEY)

    def webhook(self, url: str, **more: Any) -> dict[str, Any]:
        made = self.owner.post(WEBHOOKS, url=url, **more)
        assert made.status_code == 201, made.text
        return dict(made.json())

    def ping(self, webhook: dict[str, Any]) -> dict[str, Any]:
        made = self.owner.post(f"{WEBHOOKS}/{webhook['id']}/ping")
        assert made.status_code == 202, made.text
        return dict(made.json())

    def deliveries(self, webhook: dict[str, Any]) -> list[dict[str, Any]]:
        """The newest first."""
        found = self.owner.get(f"{WEBHOOKS}/{webhook['id']}/deliveries")
        return list(found.json()["items"])

    def sent(self, times: int = 1, allowed: Allowed = HERE, between: timedelta = timedelta()) -> list[int]:
        """How many each of some batches had, with some time `between` them."""

        async def several(sender: Sender) -> list[int]:
            found = []
            for _ in range(times):
                found.append(await sender.make_due())
                self.plane.clock.move(between)
            return found

        return self.work(several, allowed)

    def sent_by(self, workers: int) -> int:
        """How many were delivered by several workers at once."""

        async def at_once(sender: Sender) -> int:
            return sum(await asyncio.gather(*(sender.make_due() for _ in range(workers))))

        return self.work(at_once, HERE)

    def work(self, what: Callable[[Sender], Awaitable[Result]], allowed: Allowed) -> Result:
        async def working() -> Result:
            database = Database(self.url)
            try:
                return await what(Sender(database, KEY, self.plane.clock, allowed))
            finally:
                await database.close()

        return asyncio.run(working())


@pytest.fixture
def post(team: Team, control_plane: ControlPlane) -> Post:
    return Post(team, control_plane)


class TestDelivery:
    def test_is_signed_and_taken_once(self, post: Post, listening: Receiver) -> None:
        made = post.webhook(listening.url)
        post.ping(made)
        assert post.sent(2) == [1, 0]
        [(headers, body)] = listening.got
        assert (
            Checking(made["secret"]).sign(headers["webhook-id"], post.plane.clock.now(), body.decode())
            == (headers["webhook-signature"])
        )
        told = json.loads(body)
        assert (told["type"], told["data"]) == ("webhook.ping", {})
        [delivery] = post.deliveries(made)
        assert (delivery["attempts"], delivery["last_status"], delivery["due_at"]) == (1, 204, None)
        assert delivery["delivered_at"] is not None

    def test_goes_on_until_a_receiver_that_was_down_for_a_day_is_back(
        self, post: Post, listening: Receiver
    ) -> None:
        """Eight pings, each taken in the end, under one name however often it was sent."""
        made = post.webhook(listening.url)
        listening.status = 500
        for _ in range(8):
            post.ping(made)
        post.sent(24 * 12, between=timedelta(minutes=5))
        assert {one["delivered_at"] for one in post.deliveries(made)} == {None}
        attempts = {one["attempts"] for one in post.deliveries(made)}
        assert attempts <= {7, 8}
        listening.status = 200
        post.plane.clock.move(timedelta(hours=21))
        assert sum(post.sent(3)) == 8
        assert all(one["delivered_at"] for one in post.deliveries(made))
        names = [headers["webhook-id"] for headers, _ in listening.got]
        assert len(set(names)) == 8
        assert all(names.count(name) >= 7 for name in names)

    def test_ends_after_the_last_pause_and_can_be_made_again(self, post: Post, listening: Receiver) -> None:
        made = post.webhook(listening.url)
        listening.status = 503
        post.ping(made)
        post.sent(len(PAUSES) + 3, between=timedelta(hours=27))
        [given_up] = post.deliveries(made)
        assert (given_up["attempts"], given_up["due_at"]) == (len(PAUSES) + 1, None)
        listening.status = 200
        path = f"{WEBHOOKS}/{made['id']}/deliveries/{given_up['id']}/replay"
        assert post.owner.post(path).status_code == 202
        assert post.sent() == [1]
        again, before = post.deliveries(made)
        assert (again["payload"], before["id"]) == (given_up["payload"], given_up["id"])
        assert again["delivered_at"] is not None

    def test_waits_as_long_as_a_receiver_asks(self, post: Post, listening: Receiver) -> None:
        made = post.webhook(listening.url)
        listening.status, listening.headers = 429, {"Retry-After": "600"}
        post.ping(made)
        post.sent()
        post.plane.clock.move(timedelta(seconds=599))
        assert post.sent() == [0]
        post.plane.clock.move(timedelta(seconds=2))
        assert post.sent() == [1]

    def test_stops_where_a_receiver_is_gone(self, post: Post, listening: Receiver) -> None:
        made = post.webhook(listening.url)
        listening.status = 410
        post.ping(made)
        post.ping(made)
        post.sent(2)
        found = post.owner.get(f"{WEBHOOKS}/{made['id']}").json()
        assert "410" in found["disabled_because"]
        listening.status = 200
        assert post.sent() == [0]
        assert {one["due_at"] for one in post.deliveries(made)} == {None}
        path = f"{WEBHOOKS}/{made['id']}"
        assert post.owner.ask("PATCH", path, json={"enabled": True}).json()["disabled_at"] is None
        post.ping(made)
        assert post.sent() == [1]

    def test_that_waited_when_its_webhook_was_switched_off_is_never_made(
        self, post: Post, listening: Receiver
    ) -> None:
        made = post.webhook(listening.url)
        listening.status = 500
        delivery = post.ping(made)
        post.sent()
        path = f"{WEBHOOKS}/{made['id']}"
        post.owner.ask("PATCH", path, json={"enabled": False})
        for more in ("ping", f"deliveries/{delivery['id']}/replay"):
            refused = post.owner.post(f"{path}/{more}")
            assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
        assert post.sent() == [0]
        [ended] = post.deliveries(made)
        assert (ended["due_at"], ended["last_error"]) == (None, "its recipient was switched off")
        listening.status = 204
        post.owner.ask("PATCH", path, json={"enabled": True})
        assert post.sent(2, between=timedelta(days=1)) == [0, 0]
        assert post.ping(made)

    def test_does_not_reach_what_it_may_not(self, post: Post, listening: Receiver) -> None:
        made = post.webhook(listening.url)
        post.ping(made)
        assert post.sent(allowed=Allowed()) == [1]
        [delivery] = post.deliveries(made)
        assert "not allowed" in delivery["last_error"]
        assert listening.got == []
        assert (delivery["attempts"], delivery["due_at"]) == (1, None), "it would go no better"

    def test_of_one_webhook_leaves_room_for_others(self, post: Post, listening: Receiver) -> None:
        with receiver() as other:
            busy, quiet = post.webhook(listening.url), post.webhook(other.url)
            for _ in range(PER_RECIPIENT + 3):
                post.ping(busy)
            post.ping(quiet)
            assert post.sent() == [PER_RECIPIENT + 1]
            assert (len(listening.got), len(other.got)) == (PER_RECIPIENT, 1)

    def test_is_made_by_one_of_several_workers(self, post: Post, listening: Receiver) -> None:
        made = [post.webhook(listening.url) for _ in range(3)]
        for one in made:
            post.ping(one)
        assert post.sent_by(5) == 3
        assert len({headers["webhook-id"] for headers, _ in listening.got}) == len(listening.got) == 3
        assert BATCH > 3

    def test_of_a_worker_that_was_killed_is_made_by_another(self, post: Post, listening: Receiver) -> None:
        made = post.webhook(listening.url)
        post.ping(made)

        async def claim_and_die(sender: Sender) -> int:
            return len(await sender._claimed())  # as far as a killed one came

        assert post.work(claim_and_die, HERE) == 1
        assert post.sent() == [0]
        post.plane.clock.move(timedelta(minutes=5))
        assert post.sent() == [1]
        assert len(listening.got) == 1


class TestSecrets:
    def test_are_replaced_while_both_are_good(self, post: Post, listening: Receiver) -> None:
        made = post.webhook(listening.url)
        replaced = post.owner.post(f"{WEBHOOKS}/{made['id']}/secret").json()
        assert replaced["secret"] != made["secret"]
        post.ping(made)
        post.sent()
        post.plane.clock.move(timedelta(hours=25))
        post.ping(made)
        post.sent()
        for (headers, body), old_is_good in zip(listening.got, (True, False), strict=True):
            signatures = headers["webhook-signature"].split()
            assert len(signatures) == (2 if old_is_good else 1)
            moment = int(headers["webhook-timestamp"])
            for secret, good in ((replaced["secret"], True), (made["secret"], old_is_good)):
                checking = Checking(secret)
                signed = checking.sign(headers["webhook-id"], _at(moment), body.decode())
                assert (signed in signatures) is good
        with pytest.raises(WebhookVerificationError):
            Checking(made["secret"]).verify(listening.got[1][1], listening.got[1][0])

    def test_are_shown_once(self, post: Post, listening: Receiver) -> None:
        made = post.webhook(listening.url)
        for path in (WEBHOOKS, f"{WEBHOOKS}/{made['id']}", "/v1/organizations/acme/audit"):
            assert made["secret"] not in post.owner.get(path).text


class TestWebhooks:
    @pytest.mark.parametrize(
        "wanted",
        [
            {"url": "ftp://x"},
            {"url": "https://u:p@x.example/"},
            {"url": "http://10.0.0.1:9999/hook"},
            {"url": "https://10.0.0.1/hook"},
            {"url": "http://1.1.1.1/hook"},
            {"url": "https://x.example/", "events": ["nothing.of_the_kind"]},
            {"url": "https://x.example/", "events": []},
            {"url": "https://x.example/", "more": 1},
        ],
    )
    def test_that_make_no_sense_are_refused(self, post: Post, wanted: dict[str, Any]) -> None:
        assert post.owner.post(WEBHOOKS, **wanted).status_code == 422

    def test_are_changed_and_deleted_by_who_has_seen_them(self, post: Post) -> None:
        made = post.webhook("https://x.example/secret-path", description="chat")
        path = f"{WEBHOOKS}/{made['id']}"
        stale = post.owner.ask("PATCH", path, json={"events": ["*"]}, headers={"If-Match": '"7"'})
        assert stale.status_code == 412
        changed = post.owner.ask("PATCH", path, json={"events": ["deployment.*"], "enabled": False})
        assert (changed.json()["events"], changed.json()["url"]) == (["deployment.*"], made["url"])
        assert post.owner.ask("DELETE", path).status_code == 204
        assert post.owner.get(path).status_code == 404
        told = post.owner.get("/v1/organizations/acme/audit").text
        assert ("x.example" in told, "secret-path" in told) == (True, False)

    def test_have_pages_of_deliveries(self, post: Post) -> None:
        made = post.webhook("https://x.example/")
        numbers = [post.ping(made)["id"] for _ in range(5)]
        path = f"{WEBHOOKS}/{made['id']}/deliveries?limit=2"
        found, cursor = [], ""
        while cursor is not None:
            page = post.owner.get(path + (f"&cursor={cursor}" if cursor else "")).json()
            found += [one["id"] for one in page["items"]]
            cursor = page["next"]
        assert found == list(reversed(numbers))


class TestDeployments:
    def test_are_told_to_those_who_want_them(self, post: Post, listening: Receiver) -> None:
        owner = post.owner
        all_of_them = post.webhook(listening.url, events=["deployment.*"])
        cancelled = post.webhook(listening.url, events=["deployment.cancelled"])
        others = post.webhook(listening.url, events=["webhook.ping"])
        shop = "/v1/organizations/acme/projects/shop"
        owner.post("/v1/organizations/acme/projects", slug="shop")
        owner.post(f"{shop}/environments", name="staging")
        source = owner.ask("POST", f"{shop}/sources", content=archive()).json()["id"]
        deployments = f"{shop}/environments/staging/deployments"
        made = owner.post(deployments, source=source).json()["id"]
        owner.post(f"{deployments}/{made}/cancel")
        told = [[one["type"] for one in post.deliveries(each)] for each in (all_of_them, cancelled, others)]
        assert told == [["deployment.cancelled", "deployment.queued"], ["deployment.cancelled"], []]
        [last] = post.deliveries(cancelled)
        assert last["payload"]["data"] == {
            "deployment": made,
            "project": "shop",
            "environment": "staging",
            "kind": "deploy",
            "status": "cancelled",
        }


def _at(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, UTC)
