"""Invitations: they hold once, and for a week."""

from __future__ import annotations

from datetime import timedelta

from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import PASSWORD, Person, Team


def invited(team: Team) -> str:
    answer = team.owner.post(
        "/v1/organizations/acme/invitations", email="grace@example.com", role="developer"
    )
    return str(answer.json()["token"])


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
