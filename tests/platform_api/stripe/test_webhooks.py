"""Stripe tells what has changed; it is believed where it signs, once, and asked for what is true now."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx2
import psycopg
import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from platform_api.access.passwords import Passwords
from platform_api.application import create_app
from tests.platform_api.people import Person
from tests.platform_api.server_key import KEY
from tests.platform_api.stripe.conftest import Collecting
from tests.stripe_stand_in.account import Fault
from tests.stripe_stand_in.customers import delete_customer, detach, finish_checkout
from tests.stripe_stand_in.metering import report_errors
from tests.stripe_stand_in.served import signed

BILLING = "/v1/organizations/acme/billing"
WEBHOOKS = "/v1/stripe/webhooks"


class Paying:
    """Ada of `acme`, on a server with Stripe, which tells it what happens."""

    def __init__(self, collecting: Collecting, client: TestClient) -> None:
        self.collecting = collecting
        self.client = client
        owner = collecting.metering.owner
        self.owner = Person(client, owner.email, owner.access_token)

    def checkout(self) -> str:
        """The id of the session that was begun."""
        answer = self.owner.post(f"{BILLING}/checkout")
        assert answer.status_code == 201, answer.text
        return str(answer.json()["url"]).rpartition("/")[2]

    def told(self, *events: dict[str, Any], **changed: Any) -> list[int]:
        """What is answered to these, or to all that is told by now."""
        return [self.tell(event, **changed).status_code for event in events or self.account.told]

    def tell(
        self, event: dict[str, Any], *, ago: float = 0, body: bytes | None = None, **secret: str
    ) -> httpx2.Response:
        at = int(self.collecting.now.timestamp() - ago)
        good, signature = signed(event, at, **secret)
        headers = {"Stripe-Signature": signature, "Content-Type": "application/json"}
        return self.client.post(WEBHOOKS, content=body or good, headers=headers)

    def work(self) -> None:
        async def act(work: Any) -> None:
            while await work.events.make_due():
                pass

        self.collecting.work(act)

    @property
    def account(self) -> Any:
        return self.collecting.stripe.account

    @property
    def method(self) -> str | None:
        found = self.owner.get(BILLING)
        assert found.status_code == 200, found.text
        return found.json()["payment_method"]

    def kept(self) -> int:
        with psycopg.connect(self.collecting.control_plane.owner_url) as owner:
            row = owner.execute("SELECT count(*) FROM stripe_events").fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture
def paying(collecting: Collecting) -> Iterator[Paying]:
    plane = collecting.control_plane
    quick = Passwords(PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
    app = create_app(plane.owner_url, KEY, plane.clock, quick, stripe=collecting.stripe.settings)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield Paying(collecting, client)


class TestSigned:
    def event(self, paying: Paying) -> dict[str, Any]:
        paying.checkout()
        return dict(paying.account.told[0])

    def test_what_stripe_signs_is_written_down_once(self, paying: Paying) -> None:
        event = self.event(paying)
        assert paying.told(event, event, event) == [200, 200, 200]
        assert paying.kept() == 1

    def test_what_it_did_not_sign_a_moment_ago_is_not(self, paying: Paying) -> None:
        event = self.event(paying)
        forged = b'{"id": "evt_forged"}'
        wrong: list[Any] = [
            {"ago": 301},
            {"ago": -301},
            {"secret": "whsec_anotherone000000"},
            {"body": forged},
        ]
        for changed in wrong:
            answer = paying.tell(event, **changed)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated"), changed
        assert paying.kept() == 0
        assert paying.told(event, ago=299) == [200]

    def test_a_signature_that_is_none_is_refused(self, paying: Paying) -> None:
        for header in ("", "t=", "v1=00", "t=x,v1=00", "t=1,v1=\xff", ","):
            headers = [(b"Stripe-Signature", header.encode("latin-1"))]
            answer = paying.client.post(WEBHOOKS, content=b"{}", headers=headers)
            assert answer.status_code == 401, header

    def test_what_is_no_event_is_refused(self, paying: Paying) -> None:
        wrong: list[Any] = [
            [],
            {},
            {"id": "evt_1", "type": 5},
            {"id": "evt_1", "type": "customer.updated"},
            {"id": "evt_1", "type": "customer.updated", "data": {"object": {"id": "x" * 300}}},
            {"id": "evt_1", "type": "customer.updated", "data": {"object": {"id": "a\x00b"}}},
        ]
        answers = [paying.tell(one) for one in wrong]
        assert {(one.status_code, one.json()["code"]) for one in answers} == {(422, "usage")}
        assert paying.kept() == 0

    def test_what_nothing_is_done_about_is_taken_and_forgotten(self, paying: Paying) -> None:
        assert paying.told({"id": "evt_1", "type": "charge.succeeded"}) == [200]
        assert paying.kept() == 0

    def test_without_stripe_there_is_no_such_place(self, collecting: Collecting) -> None:
        answer = collecting.control_plane.client.post(WEBHOOKS, content=b"{}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestPaymentMethods:
    def test_what_somebody_sets_up_is_collected_by(self, paying: Paying) -> None:
        method = finish_checkout(paying.account, paying.checkout())
        assert set(paying.told()) == {200}
        paying.work()
        assert paying.method == "visa ending in 4242"
        [customer] = paying.account.customers.values()
        assert customer["invoice_settings"] == {"default_payment_method": method}
        assert customer["metadata"]["cygni_organization"] == str(
            paying.owner.get("/v1/organizations/acme").json()["id"]
        )

    @pytest.mark.parametrize("seed", range(2))
    def test_whatever_the_order_the_newest_holds(self, paying: Paying, seed: int) -> None:
        """Each event twice, shuffled, and acted on in two parts."""
        finish_checkout(paying.account, paying.checkout(), "0001")
        paying.collecting.pass_by(minutes=1)
        finish_checkout(paying.account, paying.checkout(), "0002")
        told = [*paying.account.told, *paying.account.told]
        random.Random(seed).shuffle(told)
        for part in (told[:4], told[4:]):
            assert set(paying.told(*part)) == {200}
            paying.work()
        assert paying.method == "visa ending in 0002"

    def test_what_somebody_took_away_is_not(self, paying: Paying) -> None:
        method = finish_checkout(paying.account, paying.checkout())
        paying.told()
        paying.work()
        detach(paying.account, method)
        paying.told()
        paying.work()
        assert paying.method is None

    def test_of_a_customer_that_is_deleted_nothing_is_left(self, paying: Paying) -> None:
        finish_checkout(paying.account, paying.checkout())
        paying.told()
        paying.work()
        [customer] = paying.account.customers
        delete_customer(paying.account, customer)
        paying.told()
        paying.work()
        assert paying.method is None

    def test_an_event_waits_while_stripe_is_silent(self, paying: Paying) -> None:
        finish_checkout(paying.account, paying.checkout())
        paying.told()
        paying.account.script = lambda sent: Fault.CUT_BEFORE
        paying.work()
        assert paying.method is None
        paying.account.script = lambda sent: None
        paying.collecting.pass_by(minutes=2)
        paying.work()
        assert paying.method == "visa ending in 4242"

    def test_one_of_somebody_elses_customer_changes_nothing(self, paying: Paying) -> None:
        paying.checkout()
        other = {"id": "evt_1", "type": "customer.updated", "data": {"object": {"id": "cus_elsewhere"}}}
        assert paying.told(other) == [200]
        before = len(paying.account.received)
        paying.work()
        assert len(paying.account.received) == before


class TestMeterErrors:
    def test_what_was_taken_and_not_counted_is_found(self, paying: Paying) -> None:
        """Taking an event is not counting it: Stripe says later that it could not."""
        collecting = paying.collecting
        tell, event = collecting.metering.tell, collecting.metering.event
        tell(event("a", "1", ago=3), event("b", "2", ago=2), event("c", "3", ago=2, type="requests"))
        collecting.export()
        collecting.send()
        account = paying.account
        account.meter_events = [one for one in account.meter_events if one["payload"]["value"] != "2000000"]
        [meter] = [one["id"] for one in account.meters.values() if one["event_name"] == "cygni_build_minutes"]
        collecting.pass_by(minutes=10)
        report_errors(account, meter)
        paying.told(account.told[-1])
        paying.work()
        assert {row[2] for row in collecting.rows()} == {"sent"}  # not yet: Stripe counts a little later
        collecting.pass_by(hours=1)
        paying.work()
        assert collecting.rows("value, state") == [
            (1_000_000, "sent"),
            (2_000_000, "refused"),
            (3_000_000, "sent"),
        ]
        paying.owner.sign_in()
        assert paying.owner.get(BILLING).json()["meter_events"]["refused"] == 1


class TestPages:
    def test_the_portal_is_about_the_organization(self, paying: Paying) -> None:
        paying.checkout()
        answer = paying.owner.post(f"{BILLING}/portal")
        assert answer.status_code == 201
        assert answer.json()["url"].startswith("https://billing.stripe.com/")
        assert len(paying.account.customers) == 1

    def test_a_stripe_that_does_not_answer_is_told_of(self, paying: Paying) -> None:
        paying.account.script = lambda sent: Fault.ERROR_BEFORE
        answer = paying.owner.post(f"{BILLING}/checkout")
        assert (answer.status_code, answer.json()["code"]) == (503, "unreachable")

    def test_a_customer_whose_answer_was_lost_is_found_again(self, paying: Paying) -> None:
        lost = [Fault.CUT_AFTER]
        paying.account.script = lambda sent: lost.pop() if lost and sent.path == "/v1/customers" else None
        assert paying.owner.post(f"{BILLING}/checkout").status_code == 503
        paying.collecting.pass_by(seconds=timedelta(hours=30).total_seconds())
        paying.owner.sign_in()
        paying.checkout()
        assert len(paying.account.customers) == 1

    def test_at_once_it_is_found_by_the_key_of_the_request(self, paying: Paying) -> None:
        lost = [Fault.CUT_AFTER]
        paying.account.script = lambda sent: lost.pop() if lost and sent.path == "/v1/customers" else None
        assert paying.owner.post(f"{BILLING}/checkout").status_code == 503
        paying.checkout()
        assert len(paying.account.customers) == 1

    def test_without_stripe_says_so(self, collecting: Collecting) -> None:
        owner = collecting.metering.owner
        assert owner.get(BILLING).json()["stripe"] is False
        answer = owner.post(f"{BILLING}/checkout")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    def test_no_answer_has_a_secret(self, paying: Paying) -> None:
        paying.checkout()
        seen = json.dumps(
            [paying.owner.get(BILLING).text, paying.owner.get("/v1/organizations/acme/audit").text]
        )
        settings = paying.collecting.stripe.settings
        assert settings.key not in seen
        assert settings.webhook_secrets[0] not in seen
