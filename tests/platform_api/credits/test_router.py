from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Person, Team
from tests.platform_api.plans.plan_files import make_plan

CREDITS = "/v1/organizations/acme/credits"


def give(operator: Person, **over: Any) -> Any:
    return operator.post(CREDITS, **{"amount": "50", "currency": "EUR", "reason": "Welcome", **over})


class TestGive:
    def test_is_listed_for_who_may_read_usage(self, team: Team) -> None:
        made = give(team.owner, prepaid=True, priority=10).json()
        told = team.invite("vera", "viewer").get(CREDITS).json()["items"]
        assert told == [made]
        assert made["remaining"] == made["amount"]
        assert (made["amount"], made["priority"], made["prepaid"], made["reason"]) == (
            "50",
            10,
            True,
            "Welcome",
        )

    def test_is_in_the_log_of_the_organization(self, team: Team) -> None:
        made = give(team.owner).json()
        [entry] = team.owner.get("/v1/organizations/acme/audit?limit=1").json()["items"]
        assert (entry["action"], entry["subject"]) == ("credit.give", made["id"])
        assert entry["after"] == {"amount": "50", "currency": "EUR", "reason": "Welcome"}

    @pytest.mark.parametrize(
        ("over", "what"),
        [
            ({"end": "2020-01-01T00:00:00Z"}, "`end` is not after `start`"),
            ({"amount": "0.001"}, "more than the 2 decimal places of EUR"),
            ({"amount": "1.5", "currency": "JPY"}, "more than the 0 decimal places of JPY"),
        ],
    )
    def test_refuses_what_cannot_be(self, team: Team, over: dict[str, Any], what: str) -> None:
        answer = give(team.owner, **over)
        assert answer.status_code == 422
        assert what in answer.json()["detail"]

    def test_refuses_another_currency_than_the_subscription_has(self, team: Team) -> None:
        make_plan(team.owner)
        path = "/v1/organizations/acme/subscription"
        assert team.owner.ask("PUT", path, json={"plan": "team"}).status_code == 200
        answer = give(team.owner, currency="USD")
        assert answer.json()["detail"] == "the organization is billed in EUR, not in USD"
        assert give(team.owner).status_code == 201


class TestRemaining:
    def test_is_what_invoices_have_left_of_it(self, control_plane: ControlPlane, team: Team) -> None:
        make_plan(team.owner)
        path = "/v1/organizations/acme/subscription"
        subscription = team.owner.ask("PUT", path, json={"plan": "team"}).json()["id"]
        acme = team.owner.get("/v1/organizations/acme").json()["id"]
        credit, other = give(team.owner).json()["id"], give(team.owner).json()["id"]
        invoice = uuid.uuid4()
        with psycopg.connect(control_plane.owner_url) as owner:
            owner.execute("SELECT set_config('cygni.organization', %s, true)", (acme,))
            owner.execute(
                """INSERT INTO invoices (organization_id, id, subscription_id, period_number, period_start,
                   period_end, currency, state, created_at, version)
                   VALUES (%s, %s, %s, 0, '2027-01-01', '2027-02-01', 'EUR', 'grace', now(), 1)""",
                (acme, invoice, subscription),
            )
            owner.execute("INSERT INTO credit_uses VALUES (%s, %s, %s, 12.5)", (acme, invoice, credit))
        told = {one["id"]: one["remaining"] for one in team.owner.get(CREDITS).json()["items"]}
        assert told == {credit: "37.5", other: "50"}
        voided = team.owner.post(f"{CREDITS}/{credit}/void").json()
        assert (voided["amount"], voided["remaining"]) == ("50", "37.5")


class TestVoid:
    def test_is_done_once(self, team: Team) -> None:
        path = f"{CREDITS}/{give(team.owner).json()['id']}/void"
        assert team.owner.post(path).json()["voided_at"] is not None
        assert team.owner.post(path).json()["code"] == "wrong_state"

    def test_does_not_reach_another_organization(self, team: Team) -> None:
        assert team.owner.post("/v1/organizations", slug="other", name="Other").status_code == 201
        credit = give(team.owner).json()["id"]
        path = f"/v1/organizations/other/credits/{credit}/void"
        assert team.owner.post(path).status_code == 404
        [told] = team.owner.get(CREDITS).json()["items"]
        assert told["voided_at"] is None
