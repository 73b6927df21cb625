"""Invitations: they hold once, for a week, and until somebody takes them back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.platform_api.conftest import ControlPlane, wait_for
from tests.platform_api.people import PASSWORD, Person, Team

INVITATIONS = "/v1/organizations/acme/invitations"


def invited(team: Team, email: str = "grace@example.com", role: str = "developer") -> str:
    return str(team.owner.post(INVITATIONS, email=email, role=role).json()["token"])


def listed(asker: Person) -> list[dict[str, Any]]:
    return list(asker.get(INVITATIONS).json()["items"])


def accept(team: Team, token: str) -> int:
    guest = Person(team.client)
    return guest.post("/v1/invitations/accept", token=token, name="Grace", password=PASSWORD).status_code


def test_are_over_after_a_week(team: Team, control_plane: ControlPlane) -> None:
    token = invited(team)
    control_plane.clock.move(timedelta(days=7))
    assert accept(team, token) == 401


def test_hold_once_also_for_who_has_left(team: Team) -> None:
    token = invited(team)
    assert accept(team, token) == 201
    team.owner.sign_in()
    [grace] = [
        one
        for one in team.owner.get("/v1/organizations/acme/members").json()["items"]
        if one["email"] == "grace@example.com"
    ]
    path = f"/v1/organizations/acme/members/{grace['user']}"
    assert team.owner.ask("DELETE", path).status_code == 204
    assert accept(team, token) == 401


def test_hold_for_as_long_as_their_sender_may_give_the_role(team: Team) -> None:
    anna = team.invite("anna", "owner")
    sent = {
        role: anna.post(INVITATIONS, email=f"{role}@example.com", role=role).json()["token"]
        for role in ("owner", "viewer", "developer")
    }
    path = f"/v1/organizations/acme/members/{anna.id}"
    assert team.owner.ask("PATCH", path, json={"role": "admin"}).status_code == 204
    assert accept(team, sent["owner"]) == 401
    assert accept(team, sent["viewer"]) == 201
    assert team.owner.ask("DELETE", path).status_code == 204
    assert accept(team, sent["developer"]) == 401


class TestTheList:
    def test_has_those_that_can_still_be_accepted(self, team: Team, control_plane: ControlPlane) -> None:
        invited(team, "early@example.com")
        control_plane.clock.move(timedelta(days=6))
        team.owner.sign_in()
        token = invited(team)
        invited(team, "mary@example.com", "viewer")
        assert [(one["email"], one["role"]) for one in listed(team.owner)] == [
            ("early@example.com", "developer"),
            ("grace@example.com", "developer"),
            ("mary@example.com", "viewer"),
        ]
        assert accept(team, token) == 201
        control_plane.clock.move(timedelta(days=1))
        team.owner.sign_in()
        assert [one["email"] for one in listed(team.owner)] == ["mary@example.com"]

    def test_tells_no_token(self, team: Team) -> None:
        token = invited(team)
        said = team.owner.get(INVITATIONS).text
        assert "grace@example.com" in said
        assert not any(part in said for part in token.split("_"))

    def test_of_another_organization_is_another(self, team: Team) -> None:
        team.owner.post("/v1/organizations", slug="other", name="Other")
        invited(team)
        assert team.owner.get("/v1/organizations/other/invitations").json() == {"items": []}
        [one] = listed(team.owner)
        path = f"/v1/organizations/other/invitations/{one['id']}"
        assert team.owner.ask("DELETE", path).status_code == 404
        assert listed(team.owner) == [one]


class TestWithdrawing:
    def test_takes_the_token_its_effect(self, team: Team) -> None:
        token = invited(team)
        [one] = listed(team.owner)
        assert team.owner.ask("DELETE", f"{INVITATIONS}/{one['id']}").status_code == 204
        assert accept(team, token) == 401
        assert listed(team.owner) == []
        [entry, *_] = team.owner.get("/v1/organizations/acme/audit").json()["items"]
        assert (entry["action"], entry["subject"]) == ("invitation.delete", "grace@example.com")

    def test_of_one_that_was_accepted_finds_none(self, team: Team) -> None:
        token = invited(team)
        [one] = listed(team.owner)
        assert accept(team, token) == 201
        gone = team.owner.ask("DELETE", f"{INVITATIONS}/{one['id']}")
        assert (gone.status_code, gone.json()["code"]) == (404, "not_found")

    def test_is_for_those_who_may_give_its_role(self, team: Team) -> None:
        admin = team.invite("anna", "admin")
        invited(team, role="owner")
        [one] = listed(admin)
        assert admin.ask("DELETE", f"{INVITATIONS}/{one['id']}").status_code == 403
        assert listed(admin) == [one]


def removed(team: Team, email: str = "grace@example.com") -> None:
    path = "/v1/organizations/acme/members"
    [user] = [one["user"] for one in team.owner.get(path).json()["items"] if one["email"] == email]
    assert team.owner.ask("DELETE", f"{path}/{user}").status_code == 204


def logged(team: Team, count: int) -> list[tuple[str, str, Any]]:
    """The newest entries of the audit log, the oldest of them first."""
    found = team.owner.get(f"/v1/organizations/acme/audit?limit={count}").json()["items"]
    return [(one["action"], one["subject"], one["before"]) for one in reversed(found)]


@pytest.fixture
def two_open(team: Team, control_plane: ControlPlane) -> dict[str, str]:
    """Tokens of an admin's and a viewer's place for Grace, as a version that replaced none left them."""
    tokens = {role: invited(team, f"{role}@example.com", role) for role in ("admin", "viewer")}
    with psycopg.connect(control_plane.owner_url) as owner:
        owner.execute("UPDATE invitations SET email = 'Grace@example.com' WHERE role = 'admin'")
        owner.execute("UPDATE invitations SET email = 'grace@example.com' WHERE role = 'viewer'")
    return tokens


class TestAnAddressHasOne:
    def test_because_another_takes_its_place(self, team: Team) -> None:
        first = invited(team, role="admin")
        second = invited(team, "GRACE@example.com", "viewer")
        assert [(one["email"], one["role"]) for one in listed(team.owner)] == [
            ("GRACE@example.com", "viewer")
        ]
        assert logged(team, 2) == [
            ("invitation.delete", "grace@example.com", {"role": "admin"}),
            ("invitation.create", "GRACE@example.com", None),
        ]
        assert accept(team, first) == 401
        assert accept(team, second) == 201

    def test_in_each_organization(self, team: Team) -> None:
        token = invited(team)
        team.owner.post("/v1/organizations", slug="other", name="Other")
        team.owner.post("/v1/organizations/other/invitations", email="grace@example.com", role="viewer")
        assert accept(team, token) == 201
        assert len(team.owner.get("/v1/organizations/other/invitations").json()["items"]) == 1

    def test_that_only_who_may_give_its_role_replaces(self, team: Team) -> None:
        admin = team.invite("anna", "admin")
        token = invited(team, role="owner")
        again = admin.post(INVITATIONS, email="grace@example.com", role="viewer")
        assert (again.status_code, again.json()["code"]) == (403, "permission_denied")
        assert accept(team, token) == 201

    def test_and_accepting_it_ends_what_is_left(self, team: Team, two_open: dict[str, str]) -> None:
        assert accept(team, two_open["viewer"]) == 201
        assert listed(team.owner) == []
        assert logged(team, 2) == [
            ("invitation.delete", "Grace@example.com", {"role": "admin"}),
            ("invitation.accept", "grace@example.com", None),
        ]
        removed(team)
        assert accept(team, two_open["admin"]) == 401

    def test_that_does_not_bring_back_who_was_taken_out(self, team: Team) -> None:
        team.invite("grace", "viewer")
        token = invited(team, "Grace@example.com", "admin")
        removed(team)
        assert listed(team.owner) == []
        assert [action for action, *_ in logged(team, 2)] == ["invitation.delete", "member.delete"]
        assert logged(team, 2)[0][1:] == ("Grace@example.com", {"role": "admin"})
        assert accept(team, token) == 401

    def test_also_of_two_who_invite_at_once(self, team: Team, beside: psycopg.Connection) -> None:
        beside.execute("LOCK TABLE invitations IN EXCLUSIVE MODE")
        with ThreadPoolExecutor(2) as people:
            asked = [
                people.submit(invited, team, email) for email in ("grace@example.com", "GRACE@example.com")
            ]
            wait_for(2, beside)
            beside.rollback()
            tokens = [one.result(30) for one in asked]
        assert len(listed(team.owner)) == 1
        assert sorted(accept(team, token) for token in tokens) == [201, 401]

    def test_also_of_two_who_accept_at_once(
        self, team: Team, two_open: dict[str, str], beside: psycopg.Connection
    ) -> None:
        beside.execute("LOCK TABLE organization_members IN EXCLUSIVE MODE")
        with ThreadPoolExecutor(2) as people:
            asked = [people.submit(accept, team, token) for token in two_open.values()]
            wait_for(2, beside)
            beside.rollback()
            assert sorted(one.result(30) for one in asked) == [201, 401]
        assert listed(team.owner) == []

    def test_also_while_its_guest_is_taken_out(self, team: Team, beside: psycopg.Connection) -> None:
        grace = team.invite("grace", "viewer").id
        beside.execute("SELECT FROM organization_members WHERE user_id = %s FOR UPDATE", (grace,))
        with ThreadPoolExecutor(2) as people:
            out = people.submit(removed, team)
            wait_for(1, beside)
            asked = people.submit(invited, team, role="admin")
            wait_for(2, beside)
            beside.rollback()
            out.result(30)
            assert accept(team, asked.result(30)) == 201
