"""What is done to environments, and undone, as workers look at a clock that is moved."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from cygni.billing.budgets import PAYMENT_GRACE
from cygni.errors import UsageError
from platform_api.budgets.measures import MeasureSweep
from platform_api.budgets.payment import notices
from platform_api.database.transactions import Database
from platform_api.deployments.lifecycle import Status
from platform_api.settings import ServerSettings
from tests.platform_api.budgets.conftest import BUDGETS, Treasury
from tests.platform_api.deployments.test_router import DEPLOYMENTS, SHOP, send
from tests.platform_api.deployments.workshop import archive

SPEC = """
project: shop
region: us-east-1
services:
  web: {image: nginx, port: 8080, count: 4}
  busy: {kind: worker, image: busy, autoscale: {min: 2, max: 9, cpu: 60}}
  mailer: {kind: worker, image: mailer, count: 1}
"""
PLACES = ("staging", "preview-1", "production")
BUILDS: dict[str, Any] = {"meter": "build_minutes", "amount": "100", "forecast": False, "grace_hours": 1}


class Rooms:
    """Three environments of `shop` that are deployed."""

    def __init__(self, treasury: Treasury) -> None:
        self.treasury = treasury
        source = send(treasury.owner, archive(SPEC)).json()["id"]
        for name in PLACES:
            treasury.owner.post(f"{SHOP}/environments", name=name)
            made = treasury.owner.post(DEPLOYMENTS.replace("staging", name), source=source)
            assert made.status_code == 202, made.text
            treasury.desk.work(Status.SUCCEEDED, release=1)

    def look(
        self, after: timedelta = timedelta(minutes=1), workers: int = 1, grace: timedelta = PAYMENT_GRACE
    ) -> None:
        self.treasury.look_later(after)

        async def look() -> None:
            database = Database(self.treasury.workshop.worker_url)
            try:
                sweeps = [MeasureSweep(database, self.treasury.plane.clock, grace) for _ in range(workers)]
                await asyncio.gather(*(one.look() for one in sweeps))
            finally:
                await database.close()

        asyncio.run(look())

    def scaled(self) -> list[tuple[str, dict[str, int]]]:
        """What workers are to scale, in the order in which that was asked for."""
        rows = self.treasury.workshop.run(
            "SELECT name, arguments FROM deployments JOIN environments ON environments.id = environment_id "
            "WHERE kind = 'scale' ORDER BY deployments.id"
        )
        return [(row["name"], row["arguments"]["counts"]) for row in rows]

    def waiting(self) -> set[str]:
        """The states of what is to be scaled."""
        rows = self.treasury.workshop.run("SELECT status FROM deployments WHERE kind = 'scale'")
        return {row["status"] for row in rows}

    def kinds(self) -> set[str]:
        return {row["kind"] for row in self.treasury.workshop.run("SELECT kind FROM deployments")}


@pytest.fixture
def rooms(treasury: Treasury) -> Rooms:
    return Rooms(treasury)


class TestNotices:
    @pytest.mark.parametrize(
        ("days", "said"),
        [
            (14, {"overdue": 0, "week": 7, "day": 13, "held": 14}),
            (7, {"overdue": 0, "day": 6, "held": 7}),
            (1, {"overdue": 0, "day": 0, "held": 1}),
            (0, {"held": 0}),
        ],
    )
    def test_come_while_the_grace_lasts_and_at_its_end(self, days: int, said: dict[str, int]) -> None:
        found = notices(timedelta(days=days))
        assert list(found.items()) == [(name, timedelta(days=after)) for name, after in said.items()]


class TestGrace:
    def test_is_a_setting_in_days(self) -> None:
        assert ServerSettings.from_environment({}).payment_grace == timedelta(days=14)
        found = ServerSettings.from_environment({"CYGNI_PAYMENT_GRACE_DAYS": "3"})
        assert found.payment_grace == timedelta(days=3)

    @pytest.mark.parametrize("value", ["366", "-1", "soon", "1.5", "9999999999"])
    def test_of_another_length_is_refused(self, value: str) -> None:
        with pytest.raises(UsageError, match=f"CYGNI_PAYMENT_GRACE_DAYS is '{value}'"):
            ServerSettings.from_environment({"CYGNI_PAYMENT_GRACE_DAYS": value})


def test_nothing_is_done_before_the_grace_is_over(rooms: Rooms) -> None:
    rooms.treasury.set(**BUILDS, pause_previews=True, scale_to_floor=True)
    rooms.treasury.use(100)
    rooms.look()
    assert rooms.scaled() == []


def test_previews_are_paused_once_and_nothing_of_production_is_touched(rooms: Rooms) -> None:
    rooms.treasury.set(**BUILDS, pause_previews=True)
    rooms.treasury.use(100)
    rooms.look()
    rooms.look(timedelta(hours=1), workers=3)
    rooms.look(workers=3)
    assert rooms.scaled() == [("preview-1", {"web": 0, "mailer": 0})]
    assert rooms.kinds() == {"deploy", "scale"}
    [entry] = rooms.treasury.owner.get("/v1/organizations/acme/audit?limit=1").json()["items"]
    assert (entry["action"], entry["subject"]) == ("budget.pause", "shop/preview-1")
    assert (entry["actor"]["kind"], entry["after"]["because"]) == ("worker", "monthly")
    assert rooms.treasury.owner.get("/v1/organizations/acme/audit/verification").json()["broken_at"] is None


def test_other_environments_keep_a_task_of_each_service_where_they_go_to_their_floor(rooms: Rooms) -> None:
    rooms.treasury.set(**BUILDS, scale_to_floor=True)
    rooms.treasury.use(100)
    rooms.look()
    rooms.look(timedelta(hours=1))
    assert sorted(rooms.scaled()) == [("production", {"web": 1}), ("staging", {"web": 1})]


def test_raising_the_budget_brings_back_what_ran(rooms: Rooms) -> None:
    rooms.treasury.set(**BUILDS, pause_previews=True)
    rooms.treasury.use(100)
    rooms.look()
    rooms.look(timedelta(hours=1))
    rooms.treasury.change(amount="200")
    rooms.look(workers=3)
    assert rooms.scaled()[1:] == [("preview-1", {"web": 4, "mailer": 1})]


def test_what_a_person_had_scaled_is_what_comes_back(rooms: Rooms) -> None:
    treasury = rooms.treasury
    for place, count in (("preview-1", 2), ("staging", 1)):
        path = DEPLOYMENTS.replace("staging/deployments", f"{place}/scale")
        assert treasury.owner.post(path, counts={"web": count}).status_code == 202
    treasury.desk.work(Status.SUCCEEDED)  # of the preview; the other one is still to come
    treasury.set(**BUILDS, pause_previews=True, scale_to_floor=True)
    treasury.use(100)
    rooms.look()
    rooms.look(timedelta(hours=1))
    assert sorted(rooms.scaled()[2:]) == [("preview-1", {"web": 0, "mailer": 0}), ("production", {"web": 1})]
    treasury.change(amount="200")
    rooms.look()
    assert sorted(rooms.scaled()[4:]) == [("preview-1", {"web": 2, "mailer": 1}), ("production", {"web": 4})]


def test_what_is_wrong_with_one_organization_keeps_no_other_waiting(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one comes first, whichever order they are looked at in."""
    treasury = rooms.treasury
    treasury.set(**BUILDS, pause_previews=True)
    treasury.use(100)
    rooms.look()
    looked_at = MeasureSweep._look_at

    async def broken_once(sweep: MeasureSweep, organization: uuid.UUID, now: datetime) -> None:
        if organization == other:
            raise RecursionError
        await looked_at(sweep, organization, now)

    other = uuid.UUID(int=0)
    treasury.workshop.run("INSERT INTO organizations VALUES (%s, 'other', 'Other', 1, now())", other)
    treasury.workshop.run(
        "INSERT INTO budgets SELECT (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid(), "
        "'organization_id', %s::text))).* FROM budgets b",
        str(other),
    )
    treasury.workshop.run("UPDATE budgets SET state = 'hard'")
    monkeypatch.setattr(MeasureSweep, "_look_at", broken_once)
    rooms.look(timedelta(hours=1))
    assert rooms.scaled() == [("preview-1", {"web": 0, "mailer": 0})]


def test_nobody_has_to_approve_it_or_that_it_is_undone(rooms: Rooms) -> None:
    treasury = rooms.treasury
    path = f"{SHOP}/environments/preview-1"
    assert treasury.owner.ask("PATCH", path, json={"needs_approval": True}).status_code == 200
    treasury.set(**BUILDS, pause_previews=True)
    treasury.use(100)
    rooms.look()
    rooms.look(timedelta(hours=1))
    treasury.change(amount="200")
    rooms.look()
    assert len(rooms.scaled()) == 2
    assert rooms.waiting() == {"queued"}


def test_what_did_not_succeed_is_done_and_undone_again_after_a_while(rooms: Rooms) -> None:
    treasury = rooms.treasury
    treasury.set(**BUILDS, pause_previews=True)
    treasury.use(100)
    rooms.look()
    rooms.look(timedelta(hours=1))
    treasury.desk.work(Status.FAILED)
    rooms.look(timedelta(minutes=5))
    assert len(rooms.scaled()) == 1, "not at once"
    rooms.look(timedelta(minutes=6), workers=3)
    assert rooms.scaled()[1:] == [("preview-1", {"web": 0, "mailer": 0})]
    treasury.desk.work(Status.SUCCEEDED)
    rooms.look(timedelta(hours=1))
    treasury.change(amount="200")
    rooms.look()
    treasury.desk.work(Status.FAILED)
    rooms.look(timedelta(minutes=11), workers=3)
    assert rooms.scaled()[2:] == [("preview-1", {"web": 4, "mailer": 1})] * 2
    treasury.desk.work(Status.SUCCEEDED)
    rooms.look(timedelta(hours=1))
    assert len(rooms.scaled()) == 4


@pytest.mark.parametrize("end", ["removed", "a new period"])
def test_what_was_done_ends_with_the_budget_and_with_its_period(rooms: Rooms, end: str) -> None:
    rooms.treasury.set(**BUILDS, pause_previews=True)
    rooms.treasury.use(100)
    rooms.look()
    rooms.look(timedelta(hours=1))
    if end == "removed":
        rooms.treasury.owner.ask("DELETE", f"{BUDGETS}/monthly")
    rooms.look(timedelta(minutes=1) if end == "removed" else timedelta(days=31))
    assert len(rooms.scaled()) == 2


def test_what_was_deployed_since_is_left_as_it_is(rooms: Rooms) -> None:
    rooms.treasury.set(**BUILDS, pause_previews=True)
    rooms.treasury.use(100)
    rooms.look()
    rooms.look(timedelta(hours=1))
    rooms.treasury.desk.work(Status.SUCCEEDED)  # the scaling
    rooms.treasury.change(amount="200")
    source = send(rooms.treasury.owner, archive(SPEC)).json()["id"]
    rooms.treasury.owner.post(DEPLOYMENTS.replace("staging", "preview-1"), source=source)
    rooms.treasury.desk.work(Status.SUCCEEDED, release=2)
    rooms.look()
    assert len(rooms.scaled()) == 1


class TestPayment:
    def owe(self, rooms: Rooms, state: str = "overdue", due: timedelta = timedelta()) -> None:
        """An invoice is to be paid now, or later."""
        workshop, now = rooms.treasury.workshop, rooms.treasury.plane.clock.now()
        [row] = workshop.run("SELECT id FROM organizations WHERE slug = 'acme'")
        subscription, organization = uuid.uuid4(), row["id"]
        workshop.run(
            "INSERT INTO subscriptions VALUES (%s, %s, 'EUR', '2026-01-01', 'UTC', 1, NULL, NULL, 0, 1, %s)",
            *(organization, subscription, now),
        )
        workshop.run(
            """
            INSERT INTO invoices (organization_id, id, subscription_id, period_number, period_start, period_end,
                currency, state, number, subtotal, carried, total, document, content, digest, created_at,
                finalized_at, due_at, version)
            VALUES (%s, %s, %s, 0, %s, %s, 'EUR', %s, 'INV-1', 20, 0, 20, '{}', '', 'x', %s, %s, %s, 1)
            """,
            *(
                organization,
                uuid.uuid4(),
                subscription,
                now - timedelta(days=60),
                now - timedelta(days=30),
                state,
                now,
            ),
            *(now - timedelta(days=30), now + due),
        )

    def fails(self, rooms: Rooms) -> None:
        """Stripe could not collect it."""
        rooms.treasury.workshop.run(
            "INSERT INTO stripe_invoices (organization_id, invoice_id, stripe_invoice, status, failed_at, attempts) "
            "SELECT organization_id, id, 'in_1', 'open', %s, 0 FROM invoices",
            rooms.treasury.plane.clock.now(),
        )

    def pay(self, rooms: Rooms) -> None:
        rooms.treasury.workshop.run("UPDATE invoices SET state = 'paid', paid_at = now()")

    def told(self, rooms: Rooms) -> list[str]:
        rows = rooms.treasury.workshop.run("SELECT data FROM notification_deliveries ORDER BY id")
        return [row["data"]["notice"] for row in rows]

    def test_that_is_overdue_is_told_and_holds_nothing_while_its_grace_lasts(self, rooms: Rooms) -> None:
        path = "/v1/organizations/acme/notifications"
        rooms.treasury.owner.post(path, kind="email", addresses=["ada@example.com"])
        self.owe(rooms)
        for after in (timedelta(minutes=1), timedelta(minutes=1), timedelta(days=7), timedelta(days=6)):
            rooms.look(after, workers=2)
        assert self.told(rooms) == ["overdue", "week", "day"]
        assert rooms.scaled() == []
        rooms.treasury.desk.developer.sign_in()
        assert rooms.treasury.desk.deploy().status_code == 202

    def test_that_stripe_could_not_collect_has_its_grace_from_then_on(self, rooms: Rooms) -> None:
        rooms.treasury.owner.post(
            "/v1/organizations/acme/notifications", kind="email", addresses=["ada@example.com"]
        )
        self.owe(rooms, "final", due=timedelta(days=30))
        rooms.look()
        assert self.told(rooms) == []
        self.fails(rooms)
        rooms.look()
        rooms.look(timedelta(days=13))
        assert (self.told(rooms), rooms.scaled()) == (["overdue", "day"], [])
        rooms.look(timedelta(days=1))
        assert rooms.scaled() == [("preview-1", {"web": 0, "mailer": 0})]
        rooms.treasury.desk.developer.sign_in()
        refused = rooms.treasury.desk.deploy().json()
        assert (refused["status"], refused["code"]) == (402, "payment_overdue")
        assert "the invoice INV-1 of 20 EUR could not be collected on 2026-03-01" in refused["detail"]

    def test_has_the_grace_that_the_server_is_set_to(self, rooms: Rooms) -> None:
        self.owe(rooms)
        rooms.look(timedelta(days=2), grace=timedelta(days=3))
        assert rooms.scaled() == []
        rooms.look(timedelta(days=1), grace=timedelta(days=3))
        assert rooms.scaled() == [("preview-1", {"web": 0, "mailer": 0})]
        rooms.treasury.desk.developer.sign_in()
        assert rooms.treasury.desk.deploy().status_code == 202
        app = rooms.treasury.desk.team.client.app
        app.state.wiring = replace(app.state.wiring, payment_grace=timedelta(days=3))  # type: ignore[attr-defined]
        assert rooms.treasury.desk.deploy().json()["code"] == "payment_overdue"

    def test_that_was_credited_in_part_is_owed_in_part(self, rooms: Rooms) -> None:
        self.owe(rooms)
        rooms.treasury.workshop.run(
            "INSERT INTO credit_notes SELECT organization_id, gen_random_uuid(), id, 'CN-1', 5, 'EUR', 'down', now() "
            "FROM invoices"
        )
        rooms.treasury.plane.clock.move(timedelta(days=14))
        rooms.treasury.desk.developer.sign_in()
        assert "INV-1 of 15 EUR was due" in rooms.treasury.desk.deploy().json()["detail"]

    def test_that_is_not_made_pauses_previews_and_refuses_deployments_until_it_is(self, rooms: Rooms) -> None:
        self.owe(rooms)
        rooms.look(timedelta(days=14))
        assert rooms.scaled() == [("preview-1", {"web": 0, "mailer": 0})]
        developer = rooms.treasury.desk.developer
        developer.sign_in()
        refused = rooms.treasury.desk.deploy().json()
        assert (refused["status"], refused["code"]) == (402, "payment_overdue")
        self.pay(rooms)
        assert rooms.treasury.desk.deploy().status_code == 202
        rooms.look()
        assert rooms.scaled()[1:] == [("preview-1", {"web": 4, "mailer": 1})]
        assert rooms.kinds() == {"deploy", "scale"}
