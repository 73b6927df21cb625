"""Invitations: they hold once, for a week, and until somebody takes them back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.platform_api.conftest import ControlPlane
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
