from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from cygni.billing.entitlements import Limit
from cygni.errors import LimitReached, UsageError
from platform_api.settings import ServerSettings
from platform_api.subscriptions.entitlements import Entitled
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Person, Team
from tests.platform_api.plans.plan_files import make_plan

ACME = "/v1/organizations/acme"


def subscribe(team: Team, key: str = "small", /, **limits: int) -> None:
    make_plan(team.owner, key=key, terms={"limits": limits})
    answer = team.owner.ask("PUT", f"{ACME}/subscription", json={"plan": key})
    assert answer.status_code == 200, answer.text


def project(person: Person, number: int) -> httpx2.Response:
    return person.post(f"{ACME}/projects", slug=f"shop-{number}")


def guest(person: Person, number: int) -> httpx2.Response:
    return person.post(f"{ACME}/invitations", email=f"guest-{number}@example.com")


def meter(person: Person, number: int) -> httpx2.Response:
    made = {"key": f"meter_{number}", "name": "Meter", "unit": "one", "aggregation": "sum"}
    return person.post(f"{ACME}/meters", **made)


Make = Callable[[Person, int], httpx2.Response]
LIMITED = [(project, "projects", 0), (guest, "seats", 1), (meter, "meters", 0)]
"""What makes one more, the limit of it, and how many are there at first."""


@pytest.mark.parametrize(("make", "limit", "there"), LIMITED)
class TestWhatAPlanLimits:
    def test_is_made_up_to_the_limit(self, team: Team, make: Make, limit: str, there: int) -> None:
        subscribe(team, **{limit: there + 2})
        assert [make(team.owner, number).status_code for number in range(3)] == [201, 201, 403]
        answer = make(team.owner, 4).json()
        assert (answer["code"], answer["details"]) == (
            "limit_reached",
            {"limit": limit, "allowed": there + 2, "plan": "small"},
        )
        assert answer["detail"].startswith(f"the plan 'small' allows {there + 2} {limit}")
        assert "cx plans list" in answer["hint"]

    def test_is_not_made_twice_in_the_last_place(
        self, team: Team, make: Make, limit: str, there: int
    ) -> None:
        subscribe(team, **{limit: there + 1})
        with ThreadPoolExecutor(4) as threads:
            answers = list(threads.map(lambda number: make(team.owner, number), range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 403, 403, 403]

    def test_is_not_limited_by_a_plan_that_does_not_name_it(
        self, team: Team, make: Make, limit: str, there: int
    ) -> None:
        subscribe(team)
        assert [make(team.owner, number).status_code for number in range(3)] == [201, 201, 201]


class TestSeats:
    def test_are_taken_once_by_a_guest_who_is_invited_twice(self, team: Team) -> None:
        subscribe(team, seats=2)
        assert guest(team.owner, 1).status_code == 201
        assert guest(team.owner, 1).status_code == 201
        assert guest(team.owner, 2).status_code == 403

    def test_are_free_again_when_an_invitation_is_over(self, team: Team, control_plane: ControlPlane) -> None:
        subscribe(team, seats=2)
        assert guest(team.owner, 1).status_code == 201
        control_plane.clock.move(timedelta(days=7))
        team.owner.sign_in()
        assert guest(team.owner, 2).status_code == 201

    def test_are_looked_at_again_when_a_guest_comes(self, team: Team) -> None:
        token = guest(team.owner, 1).json()["token"]
        subscribe(team, seats=1)
        come = {"token": token, "name": "Guest", "password": team.owner.password}
        assert team.owner.post("/v1/invitations/accept", **come).json()["code"] == "limit_reached"
        assert len(team.owner.get(f"{ACME}/members").json()["items"]) == 1
        subscribe(team, "larger", seats=2)
        assert team.owner.post("/v1/invitations/accept", **come).status_code == 201


class TestRequests:
    def ask(self, person: Person, times: int) -> list[int]:
        return [person.get(f"{ACME}/projects").status_code for _ in range(times)]

    def test_of_all_who_ask_about_an_organization_are_counted_together(self, team: Team) -> None:
        vera = team.invite("vera", "viewer")
        make_plan(team.owner, key="slow", terms={"limits": {"requests_per_minute": 3}})
        assert team.owner.post("/v1/organizations", slug="other", name="Other").status_code == 201
        path = "/v1/organizations/other/subscription"
        assert team.owner.ask("PUT", path, json={"plan": "slow"}).status_code == 200
        other = "/v1/organizations/other/projects"
        answers = [team.owner.get(other) for _ in range(4)]
        assert [one.status_code for one in answers] == [200, 200, 200, 429]
        assert answers[0].headers["RateLimit"] == '"default";r=2;t=20'
        assert (answers[3].json()["code"], answers[3].headers["Retry-After"]) == ("rate_limited", "20")
        assert self.ask(vera, 5) == 5 * [200]

    def test_follow_another_plan_within_half_a_minute(self, team: Team, control_plane: ControlPlane) -> None:
        subscribe(team, requests_per_minute=2)
        assert self.ask(team.owner, 3) == [200, 200, 429]
        subscribe(team, "quick", requests_per_minute=100)
        control_plane.clock.move(timedelta(seconds=30))
        assert self.ask(team.owner, 10) == 10 * [200]


class TestRequire:
    def test_lets_the_last_place_be_taken(self) -> None:
        Entitled("small", {"projects": 3}).require(Limit.PROJECTS, 2)
        Entitled("small", {"seats": 3}).require(Limit.PROJECTS, 99)

    def test_names_the_server_where_no_plan_says_so(self) -> None:
        with pytest.raises(LimitReached, match="the server allows 3 projects, and the organization has 3"):
            Entitled(None, {"projects": 3}).require(Limit.PROJECTS, 3)


class TestTheServersOwnLimits:
    def test_are_read_from_the_environment(self) -> None:
        settings = ServerSettings.from_environment({"CYGNI_SERVER_LIMITS": "projects=3, seats=5"})
        assert settings.default_limits == {"projects": 3, "seats": 5}
        assert ServerSettings.from_environment({}).default_limits == {}

    @pytest.mark.parametrize(
        "value", ["project=3", "projects", "projects=-1", "projects=many", "requests_per_minute=0"]
    )
    def test_are_refused_where_they_are_none(self, value: str) -> None:
        with pytest.raises(UsageError, match=f"CYGNI_SERVER_LIMITS has '{value}'"):
            ServerSettings.from_environment({"CYGNI_SERVER_LIMITS": value})

    def test_hold_without_a_subscription(self, control_plane: ControlPlane, team: Team) -> None:
        app = team.client.app
        app.state.wiring = replace(app.state.wiring, default_limits={"projects": 1})  # type: ignore[attr-defined]
        assert [project(team.owner, number).status_code for number in range(2)] == [201, 403]
        subscribe(team)
        assert project(team.owner, 2).status_code == 201
