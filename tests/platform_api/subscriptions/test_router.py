from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Person, Team
from tests.platform_api.plans.plan_files import make_plan

SUBSCRIPTION = "/v1/organizations/acme/subscription"


def put(operator: Person, plan: str = "team", headers: dict[str, str] | None = None, **over: Any) -> Any:
    return operator.ask("PUT", SUBSCRIPTION, json={"plan": plan, **over}, headers=headers or {})


@pytest.fixture
def plans(team: Team) -> None:
    make_plan(team.owner, terms={"trial_days": 14, "limits": {"projects": 3}})
    make_plan(team.owner, key="big")
    make_plan(team.owner, key="dollars", currency="USD")


@pytest.mark.usefixtures("plans")
class TestSet:
    def test_subscribes_and_is_read_by_who_may_read_usage(
        self, team: Team, control_plane: ControlPlane
    ) -> None:
        made = put(team.owner, zone="Europe/Berlin", tax_rate="19").json()
        assert (made["plan"], made["version"], made["currency"], made["tax_rate"]) == ("team", 1, "EUR", "19")
        assert (made["on_trial"], made["end"], made["limits"]) == (True, None, {"projects": 3})
        assert team.invite("vera", "viewer").get(SUBSCRIPTION).json() == made
        control_plane.clock.move(timedelta(days=14))
        team.owner.sign_in()
        assert team.owner.get(SUBSCRIPTION).json()["on_trial"] is False

    def test_changes_the_plan_from_a_moment_on(self, team: Team, control_plane: ControlPlane) -> None:
        put(team.owner)
        later = (control_plane.clock.now() + timedelta(days=3)).isoformat()
        told = put(team.owner, "big", at=later).json()
        assert (told["plan"], [one["plan"] for one in told["phases"]]) == ("team", ["team", "big"])
        control_plane.clock.move(timedelta(days=3))
        team.owner.sign_in()
        assert team.owner.get(SUBSCRIPTION).json()["plan"] == "big"

    def test_changes_nothing_the_second_time(self, team: Team) -> None:
        first, second = put(team.owner), put(team.owner)
        assert second.json() == first.json()
        assert second.headers["ETag"] == first.headers["ETag"] == '"1"'
        entries = team.owner.get("/v1/organizations/acme/audit").json()["items"]
        assert [one["action"] for one in entries].count("subscription.set") == 1

    def test_refuses_another_currency(self, team: Team) -> None:
        put(team.owner)
        answer = put(team.owner, "dollars")
        assert answer.status_code == 422
        assert answer.json()["detail"] == "the subscription is in EUR, and the plan 'dollars' in USD"

    def test_refuses_what_was_read_before_somebody_else_changed_it(self, team: Team) -> None:
        put(team.owner)
        assert put(team.owner, "big", {"If-Match": '"1"'}).headers["ETag"] == '"2"'
        assert put(team.owner, "team", {"If-Match": '"1"'}).status_code == 412

    def test_refuses_a_plan_that_is_archived(self, team: Team) -> None:
        assert team.owner.ask("PUT", "/v1/plans/big/archive").status_code == 204
        assert put(team.owner, "big").json()["code"] == "wrong_state"

    def test_refuses_a_meter_that_the_organization_does_not_have(self, team: Team) -> None:
        charge = {
            "kind": "usage", "key": "users", "name": "Users", "meter": "active_users",
            "price": {"model": "per_unit", "unit_price": "1"},
        }  # fmt: skip
        make_plan(team.owner, key="users", terms={"charges": [charge]})
        assert "charges for 'active_users'" in put(team.owner, "users").json()["detail"]
        meter = {"key": "active_users", "name": "Active users", "unit": "user", "aggregation": "unique_count"}
        assert team.owner.post("/v1/organizations/acme/meters", **meter).status_code == 201
        assert put(team.owner, "users").status_code == 200

    def test_refuses_a_time_zone_that_is_none(self, team: Team) -> None:
        answer = put(team.owner, zone="Europe/Atlantis")
        assert answer.json()["errors"][0]["at"] == ["body", "zone"]

    def test_makes_one_subscription_of_many_at_once(self, team: Team) -> None:
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda plan: put(team.owner, plan), 4 * ["team"]))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["id"] for answer in answers}) == 1


@pytest.mark.usefixtures("plans")
class TestCancel:
    def test_ends_with_the_period_and_another_one_may_begin_then(
        self, team: Team, control_plane: ControlPlane
    ) -> None:
        first = put(team.owner).json()
        told = team.owner.post(f"{SUBSCRIPTION}/cancel").json()
        assert told["end"] == first["period"]["end"]
        control_plane.clock.move(timedelta(days=32))
        team.owner.sign_in()
        assert team.owner.get(SUBSCRIPTION).status_code == 404
        assert put(team.owner, "dollars", at=told["end"]).json()["currency"] == "USD"

    def test_is_taken_back_by_setting_a_plan(self, team: Team) -> None:
        put(team.owner)
        assert team.owner.post(f"{SUBSCRIPTION}/cancel").json()["end"] is not None
        assert put(team.owner).json()["end"] is None

    def test_needs_a_subscription(self, team: Team) -> None:
        answer = team.owner.post(f"{SUBSCRIPTION}/cancel")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_who_only_manages_billing_reads_it(team: Team) -> None:
    make_plan(team.owner)
    put(team.owner)
    assert team.key(scopes=["billing:manage"])[0].get(SUBSCRIPTION).status_code == 200
    assert team.key(scopes=["project:read"])[0].get(SUBSCRIPTION).status_code == 403
