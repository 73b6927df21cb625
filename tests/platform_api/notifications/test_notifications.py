"""Notifications over the API, and their deliveries as a worker makes them, to servers on this machine."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from platform_api.access.permissions import MATRIX, Role
from platform_api.database.roles import url_as
from platform_api.database.transactions import Database, Scope
from platform_api.deployments.announcing import announce_status
from platform_api.notifications.mail import MailServer
from platform_api.notifications.sender import NotificationSender, Ways
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.roots import ServerKeyRoot
from platform_api.secrets.rotation import Rotation
from platform_api.webhooks.destinations import Allowed
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import archive
from tests.platform_api.notifications.mail_server import MailBox, mail_server
from tests.platform_api.people import Team
from tests.platform_api.server_key import KEY
from tests.platform_api.webhooks.receiver import Receiver, receiver

NOTIFICATIONS = "/v1/organizations/acme/notifications"
SHOP = "/v1/organizations/acme/projects/shop"
HOSTS = frozenset({"hooks.slack.com", "127.0.0.1"})
SECRET_PATH = "services/T0/B0/hunter2"


class Office:
    """The owner's notifications, and a worker that delivers them."""

    def __init__(self, team: Team, plane: ControlPlane, box: MailBox) -> None:
        self.plane, self.box = plane, box
        self.owner = team.key(scopes=sorted(MATRIX[Role.OWNER]))[0]
        self.worker_url = url_as(plane.owner_url, plane.roles.worker, KEY)

    def make(self, **wanted: Any) -> dict[str, Any]:
        made = self.owner.post(NOTIFICATIONS, **wanted)
        assert made.status_code == 201, made.text
        return dict(made.json())

    def email(self, **more: Any) -> dict[str, Any]:
        return self.make(kind="email", addresses=["ada@example.com"], **more)

    def slack(self, listening: Receiver, **more: Any) -> dict[str, Any]:
        return self.make(kind="slack", url=f"http://127.0.0.1:{listening.port}/{SECRET_PATH}", **more)

    def try_out(self, notification: dict[str, Any]) -> None:
        assert self.owner.post(f"{NOTIFICATIONS}/{notification['id']}/test").status_code == 202

    def deliveries(self, notification: dict[str, Any]) -> list[dict[str, Any]]:
        return list(self.owner.get(f"{NOTIFICATIONS}/{notification['id']}/deliveries").json()["items"])

    def sent(self, ways: Ways | None = None) -> int:
        async def make_due(database: Database, ring: KeyRing) -> int:
            mail = MailServer.parse(f"smtp://127.0.0.1:{self.box.port}", "cygni@example.com")
            usual = Ways(mail, HOSTS, Allowed.parse("127.0.0.1"))
            return await NotificationSender(database, self.plane.clock, ring, ways or usual).make_due()

        return self.work(make_due)

    def rotate(self) -> int:
        async def rotate(database: Database, ring: KeyRing) -> int:
            return (await Rotation(database, ring).rotate()).rewrapped

        return self.work(rotate)

    def work(self, what: Any) -> int:
        async def working() -> int:
            database = Database(self.worker_url)
            try:
                return int(await what(database, KeyRing([ServerKeyRoot(KEY)], self.plane.clock)))
            finally:
                await database.close()

        return asyncio.run(working())

    def everything_told(self, notification: dict[str, Any]) -> str:
        """All that the API says of it."""
        paths = (NOTIFICATIONS, f"{NOTIFICATIONS}/{notification['id']}", "/v1/organizations/acme/audit")
        return "".join(self.owner.get(path).text for path in paths) + str(self.deliveries(notification))


@pytest.fixture
def office(team: Team, control_plane: ControlPlane) -> Iterator[Office]:
    with mail_server() as box:
        yield Office(team, control_plane, box)


@pytest.fixture
def listening() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


class TestDelivery:
    def test_goes_by_mail_and_to_slack_once(self, office: Office, listening: Receiver) -> None:
        listening.status = 200
        both = [office.email(), office.slack(listening)]
        for one in both:
            office.try_out(one)
        assert (office.sent(), office.sent()) == (2, 0)
        [mail] = office.box.got
        assert (mail["To"], mail["Subject"]) == ("ada@example.com", "Cygni is watched")
        [(headers, body)] = listening.got
        assert (headers["content-type"], json.loads(body)["text"][:18]) == (
            "application/json",
            "*Cygni is watched*",
        )
        for one, status in zip(both, (250, 200), strict=True):
            [delivery] = office.deliveries(one)
            assert (delivery["last_status"], delivery["due_at"], delivery["attempts"]) == (status, None, 1)

    def test_is_tried_again_until_it_is_taken(self, office: Office, listening: Receiver) -> None:
        listening.status = 500
        office.box.answers["MAIL FROM"] = "451 later"
        both = [office.email(), office.slack(listening)]
        for one in both:
            office.try_out(one)
        assert (office.sent(), office.sent()) == (2, 0)
        listening.status = 200
        office.box.answers.clear()
        office.plane.clock.move(timedelta(seconds=6))
        assert office.sent() == 2
        assert all(office.deliveries(one)[0]["delivered_at"] for one in both)
        assert len(office.box.got) == 1

    def test_that_is_refused_for_good_is_not_tried_again(self, office: Office) -> None:
        office.box.answers["RCPT TO"] = "550 no such user"
        made = office.email()
        office.try_out(made)
        office.sent()
        [delivery] = office.deliveries(made)
        assert (delivery["due_at"], delivery["last_error"]) == (None, "ada@example.com: no such user")

    def test_ends_where_slack_says_that_the_webhook_is_no_more(
        self, office: Office, listening: Receiver
    ) -> None:
        listening.status = 404
        made = office.slack(listening)
        office.try_out(made)
        office.sent()
        path = f"{NOTIFICATIONS}/{made['id']}"
        assert "no more" in office.owner.get(path).json()["disabled_because"]
        assert office.owner.ask("PATCH", path, json={"enabled": True}).json()["disabled_at"] is None

    def test_without_a_mail_server_waits_and_says_so(self, office: Office) -> None:
        made = office.email()
        office.try_out(made)
        office.sent(Ways())
        [delivery] = office.deliveries(made)
        assert "CYGNI_SERVER_MAIL_URL" in delivery["last_error"]
        assert delivery["due_at"] is not None

    @pytest.mark.parametrize(
        "ways", [Ways(slack_hosts=HOSTS), Ways(allowed=Allowed.parse("127.0.0.1"))], ids=["network", "host"]
    )
    def test_reaches_nothing_but_slack(self, office: Office, listening: Receiver, ways: Ways) -> None:
        made = office.slack(listening)
        office.try_out(made)
        office.sent(ways)
        [delivery] = office.deliveries(made)
        assert "not allowed" in delivery["last_error"]
        assert listening.got == []


class TestUrls:
    def test_are_never_shown_and_not_in_the_clear_in_the_database(
        self, office: Office, listening: Receiver
    ) -> None:
        made = office.slack(listening)
        office.try_out(made)
        office.sent(Ways())
        assert "hunter2" not in office.everything_told(made)
        with psycopg.connect(office.plane.owner_url) as owner:
            rows = owner.execute("SELECT * FROM notification_urls, notifications").fetchall()
        assert rows
        assert b"hunter2" not in repr(rows).encode()

    def test_open_after_a_rotation_of_keys(self, office: Office, listening: Receiver) -> None:
        made = office.slack(listening)
        assert office.rotate() == 1
        office.try_out(made)
        office.sent()
        assert len(listening.got) == 1

    @pytest.mark.parametrize(
        "url",
        [
            "https://evil.example/services/hunter2",
            "https://hooks.slack.com.evil.example/services/hunter2",
            "https://hooks.slack.com@evil.example/services/hunter2",
            "https://hooks.slack.com/",
            "http://169.254.169.254/hunter2",
            "file:///hunter2",
            "hunter2",
        ],
    )
    def test_of_others_than_slack_are_refused_and_not_repeated(self, office: Office, url: str) -> None:
        refused = office.owner.post(NOTIFICATIONS, kind="slack", url=url)
        assert refused.status_code == 422
        assert "hunter2" not in refused.text


class TestNotifications:
    @pytest.mark.parametrize(
        "wanted",
        [
            {"kind": "pigeon"},
            {"kind": "email"},
            {"kind": "email", "addresses": []},
            {"kind": "email", "addresses": ["a@example.com\nBcc: b@example.com"]},
            {"kind": "email", "addresses": ["a@example.com"], "url": "https://hooks.slack.com/services/x"},
            {"kind": "email", "addresses": ["a@example.com"], "occasions": ["lunch"]},
            {"kind": "slack"},
        ],
    )
    def test_that_make_no_sense_are_refused(self, office: Office, wanted: dict[str, Any]) -> None:
        assert office.owner.post(NOTIFICATIONS, **wanted).status_code == 422

    def test_are_changed_and_deleted_by_who_has_seen_them(self, office: Office) -> None:
        made = office.email(description="team")
        path = f"{NOTIFICATIONS}/{made['id']}"
        stale = office.owner.ask("PATCH", path, json={"occasions": ["failed"]}, headers={"If-Match": '"7"'})
        assert stale.status_code == 412
        changed = office.owner.ask("PATCH", path, json={"occasions": ["failed"], "enabled": False}).json()
        assert (changed["occasions"], changed["addresses"]) == (["failed"], ["ada@example.com"])
        assert changed["disabled_because"] == "somebody switched it off"
        assert office.owner.post(f"{path}/test").status_code == 409
        assert office.owner.ask("DELETE", path).status_code == 204
        assert office.owner.get(path).status_code == 404

    def test_of_a_project_that_is_not_there_are_refused(self, office: Office) -> None:
        refused = office.owner.post(
            NOTIFICATIONS, kind="email", addresses=["ada@example.com"], project="nowhere"
        )
        assert refused.status_code == 404


class TestDeployments:
    def test_are_told_to_those_who_want_them(self, office: Office) -> None:
        owner = office.owner
        for project in ("shop", "blog"):
            owner.post("/v1/organizations/acme/projects", slug=project)
        owner.post(f"{SHOP}/environments", name="staging")
        everything = office.email()
        of_shop = office.email(project="shop", occasions=["failed", "succeeded"])
        others = [office.email(project="blog"), office.email(occasions=["succeeded"])]
        deployments = f"{SHOP}/environments/staging/deployments"
        source = owner.ask("POST", f"{SHOP}/sources", content=archive()).json()["id"]
        made = owner.post(deployments, source=source).json()["id"]
        self.fails(office, made)
        assert [[one["occasion"] for one in office.deliveries(each)] for each in (everything, of_shop)] == [
            ["failed"],
            ["failed"],
        ]
        assert [office.deliveries(each) for each in others] == [[], []]
        office.plane.clock.move(timedelta(days=36500))  # they are due by the clock of the database
        assert office.sent() == 2
        assert {mail["Subject"] for mail in office.box.got} == {"shop/staging was not deployed"}
        assert "Error: no such image" in office.box.got[0].get_content()

    def fails(self, office: Office, deployment: str) -> None:
        """As a worker writes it."""
        with psycopg.connect(office.plane.owner_url) as owner:
            error = json.dumps({"code": "resource_failed", "message": "no such image"})
            owner.execute(
                "UPDATE deployments SET status = 'failed', error = %s WHERE id = %s", (error, deployment)
            )
            row = owner.execute("SELECT organization_id FROM deployments").fetchone()
        assert row is not None
        organization: uuid.UUID = row[0]

        async def announce(database: Database, ring: KeyRing) -> int:
            async with database.transaction(Scope(organization=organization)) as session:
                await announce_status(session, organization, uuid.UUID(deployment), "failed")
            return 0

        office.work(announce)
