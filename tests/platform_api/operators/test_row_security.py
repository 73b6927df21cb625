"""What raw SQL of the application's role sees on behalf of somebody who runs the server."""

from __future__ import annotations

import uuid

import psycopg

from platform_api.database.roles import url_as
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Person, Team
from tests.platform_api.server_key import KEY


def organizations(plane: ControlPlane, user: str) -> set[str]:
    with psycopg.connect(url_as(plane.owner_url, plane.roles.application, KEY)) as connection:
        connection.execute("SELECT set_config('cygni.user', %s, true)", (user,))
        return {row[0] for row in connection.execute("SELECT slug FROM organizations")}


def leave_other(team: Team) -> Person:
    """An owner of `other`, where nobody else is."""
    assert team.owner.post("/v1/organizations", slug="other", name="Other").status_code == 201
    oscar = team.invite("oscar", "owner", "other")
    assert team.owner.ask("DELETE", "/v1/organizations/other/membership").status_code == 204
    return oscar


def test_whoever_set_the_server_up_finds_every_organization(control_plane: ControlPlane, team: Team) -> None:
    oscar = leave_other(team)
    assert organizations(control_plane, team.owner.id) == {"acme", "other"}
    assert organizations(control_plane, oscar.id) == {"other"}
    assert organizations(control_plane, str(uuid.uuid4())) == set()


def test_who_is_disabled_finds_their_own_alone(control_plane: ControlPlane, team: Team) -> None:
    leave_other(team)
    ada = team.owner.id
    with psycopg.connect(control_plane.owner_url) as owner:
        owner.execute("UPDATE users SET disabled_at = now() WHERE id = %s", (ada,))
    assert organizations(control_plane, ada) == {"acme"}


def test_an_operator_is_told_their_own_organizations_alone(team: Team) -> None:
    leave_other(team)
    listed = team.owner.get("/v1/organizations").json()["items"]
    assert [one["slug"] for one in listed] == ["acme"]
    assert team.owner.get("/v1/organizations/other/projects").status_code == 404
