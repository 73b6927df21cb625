"""Roles of an organisation's own: who makes and gives them, and what they allow."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import psycopg
import pytest

from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import PASSWORD, Person, Team

ACME = "/v1/organizations/acme"
ROLES = f"{ACME}/roles"
PROJECT = f"{ACME}/projects/shop"


@pytest.fixture
def admin(team: Team) -> Person:
    return team.invite("anna", "admin")


def make(person: Person, name: str, *permissions: str) -> int:
    return person.post(ROLES, name=name, permissions=list(permissions)).status_code


def give(person: Person, user: Person, role: str | None) -> int:
    return person.ask("PATCH", f"{ACME}/members/{user.id}", json={"role": role}).status_code


class TestMaking:
    def test_shows_it_beside_those_that_are_always_there(self, team: Team) -> None:
        assert make(team.owner, "deployer", "project:read", "deployment:create") == 201
        items = team.owner.get(ROLES).json()["items"]
        assert [one["name"] for one in items] == ["viewer", "developer", "admin", "owner", "deployer"]
        assert items[-1]["permissions"] == ["deployment:create", "project:read"]

    def test_is_refused_with_more_than_the_maker_has(self, team: Team, admin: Person) -> None:
        assert make(admin, "remover", "project:read", "project:delete") == 403
        assert make(admin, "reader", "project:read") == 201

    @pytest.mark.parametrize("name", ["owner", "viewer", "x", "Big", "a b"])
    def test_is_refused_with_a_name_that_is_taken_or_none(self, team: Team, name: str) -> None:
        assert make(team.owner, name, "project:read") == 422

    def test_is_refused_twice_and_with_nothing_in_it(self, team: Team) -> None:
        assert make(team.owner, "reader", "project:read") == 201
        assert make(team.owner, "reader", "audit:read") == 409
        assert make(team.owner, "empty") == 422
        assert make(team.owner, "unknown", "project:explode") == 422

    def test_takes_a_permission_that_is_named_twice_once(self, team: Team) -> None:
        assert make(team.owner, "reader", "project:read", "project:read") == 201
        assert team.owner.get(ROLES).json()["items"][-1]["permissions"] == ["project:read"]

    def test_does_not_look_at_more_permissions_than_there_are(self, team: Team) -> None:
        for path, field in ((ROLES, "permissions"), (f"{ACME}/api-keys", "scopes")):
            answer = team.owner.post(path, **{"name": "many", field: [f"project:{n}" for n in range(1000)]})
            assert answer.status_code == 422
            [error] = answer.json()["errors"]
            assert error == {"at": ["body", field], "message": "it has 26 items at most"}

    def test_is_of_one_organization(self, team: Team) -> None:
        assert team.owner.post("/v1/organizations", slug="other", name="Other").status_code == 201
        assert make(team.owner, "reader", "project:read") == 201
        asked = {"email": "bob@example.com", "role": "reader"}
        assert team.owner.post("/v1/organizations/other/invitations", **asked).status_code == 404


class TestGiving:
    def test_is_how_somebody_may_what_they_are_refused(self, team: Team) -> None:
        answer = team.invite("vera", "viewer").get(f"{ACME}/audit")
        assert (answer.status_code, answer.json()["details"]) == (403, {"permission": "audit:read"})
        hint = answer.json()["hint"]
        assert "Roles that allow it: admin, owner;" in hint
        assert "cx member set-role EMAIL ROLE" in hint

    def test_allows_what_it_says_and_nothing_else(self, team: Team) -> None:
        team.owner.post(f"{ACME}/projects", slug="shop")
        assert make(team.owner, "auditor", "project:read", "audit:read") == 201
        grace = team.invite("grace", "auditor")
        assert grace.get(f"{ACME}/audit").status_code == 200
        assert grace.get(PROJECT).status_code == 200
        assert grace.get(f"{ACME}/members").status_code == 403
        assert grace.ask("DELETE", PROJECT).status_code == 403

    def test_is_refused_with_more_than_the_giver_has(self, team: Team, admin: Person) -> None:
        assert make(team.owner, "remover", "project:read", "project:delete") == 201
        grace = team.invite("grace", "viewer")
        assert give(admin, grace, "remover") == 403
        assert give(admin, admin, "remover") == 403, "nor to oneself"
        asked = {"email": "new@example.com", "role": "remover"}
        assert admin.post(f"{ACME}/invitations", **asked).status_code == 403
        team.owner.post(f"{ACME}/projects", slug="shop")
        path = f"{PROJECT}/members/{grace.id}"
        assert admin.ask("PUT", path, json={"role": "remover"}).status_code == 403
        assert give(team.owner, grace, "remover") == 204
        assert give(admin, grace, "viewer") == 403, "nor taken"
        entries = team.owner.get(f"{ACME}/audit").json()["items"]
        refused = [one for one in entries if one["outcome"] == "refused"]
        assert [one["action"] for one in refused] == ["member:manage"] * 5, "each is in the log, once"
        assert {one["actor"]["id"] for one in refused} == {admin.id}
        assert "who may as much" in refused[0]["after"]["refused"]

    def test_is_of_roles_that_are_there(self, team: Team) -> None:
        assert give(team.owner, team.invite("grace", "viewer"), "unheard-of") == 404

    def test_can_be_in_one_project(self, team: Team) -> None:
        for slug in ("shop", "blog"):
            team.owner.post(f"{ACME}/projects", slug=slug)
        assert make(team.owner, "editor", "project:read", "project:update") == 201
        grace = team.invite("grace", None)
        path = f"{PROJECT}/members/{grace.id}"
        assert team.owner.ask("PUT", path, json={"role": "editor"}).status_code == 204
        assert grace.ask("PATCH", PROJECT, json={"name": "Better"}).status_code == 200
        assert grace.get(f"{ACME}/projects/blog").status_code == 404


class TestDeleting:
    def test_is_refused_while_somebody_has_it(self, team: Team) -> None:
        assert make(team.owner, "reader", "project:read") == 201
        grace = team.invite("grace", "reader")
        refused = team.owner.ask("DELETE", f"{ROLES}/reader")
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")
        assert refused.json()["hint"] == "Give a member another one: cx member set-role EMAIL ROLE"
        assert give(team.owner, grace, None) == 204
        assert team.owner.ask("DELETE", f"{ROLES}/reader").status_code == 204

    def test_is_refused_while_a_guest_or_a_member_of_a_project_has_it(self, team: Team) -> None:
        team.owner.post(f"{ACME}/projects", slug="shop")
        for name in ("invited", "in-project"):
            assert make(team.owner, name, "project:read") == 201
        team.owner.post(f"{ACME}/invitations", email="late@example.com", role="invited")
        path = f"{PROJECT}/members/{team.invite('grace', None).id}"
        assert team.owner.ask("PUT", path, json={"role": "in-project"}).status_code == 204
        for name, who, hint in (
            (
                "invited",
                "late@example.com, who is invited",
                "Withdraw an invitation: cx member withdraw EMAIL",
            ),
            (
                "in-project",
                "grace@example.com in shop",
                "Take it back in a project: cx role revoke EMAIL --project PROJECT",
            ),
        ):
            refused = team.owner.ask("DELETE", f"{ROLES}/{name}").json()
            assert refused["detail"] == f"somebody has the role {name}: {who}"
            assert refused["hint"] == hint

    def test_tells_some_of_many_who_have_it(self, team: Team) -> None:
        assert make(team.owner, "reader", "project:read") == 201
        for number in range(7):
            asked = {"email": f"guest-{number}@example.com", "role": "reader"}
            assert team.owner.post(f"{ACME}/invitations", **asked).status_code == 201
        refused = team.owner.ask("DELETE", f"{ROLES}/reader").json()
        assert refused["detail"].endswith("guest-4@example.com, who is invited; and others")
        assert refused["details"]["guests"] == [f"guest-{number}@example.com" for number in range(5)]

    def test_does_not_wait_for_guests_who_can_come_no_more(
        self, team: Team, control_plane: ControlPlane
    ) -> None:
        assert make(team.owner, "reader", "project:read") == 201
        team.owner.post(f"{ACME}/invitations", email="late@example.com", role="reader")
        control_plane.clock.move(timedelta(days=7, seconds=-1))
        team.owner.sign_in()
        assert team.owner.ask("DELETE", f"{ROLES}/reader").status_code == 409
        control_plane.clock.move(timedelta(seconds=1))
        assert team.owner.ask("DELETE", f"{ROLES}/reader").status_code == 204

    def test_at_the_moment_when_a_guest_comes_leaves_nobody_with_it(
        self, team: Team, control_plane: ControlPlane
    ) -> None:
        assert make(team.owner, "reader", "project:read") == 201
        invited = team.owner.post(f"{ACME}/invitations", email="late@example.com", role="reader").json()
        guest = {"token": invited["token"], "name": "Late", "password": PASSWORD}
        with psycopg.connect(control_plane.owner_url) as other, ThreadPoolExecutor(1) as beside:
            other.execute("DELETE FROM roles")
            asked = beside.submit(Person(team.client).post, "/v1/invitations/accept", **guest)
            until = time.monotonic() + 30
            while not asked.done() and not other.execute("SELECT FROM pg_locks WHERE NOT granted").fetchall():
                assert time.monotonic() < until, "nobody waits"
                time.sleep(0.02)
            other.commit()
            assert asked.result(30).status_code == 404
        assert len(team.owner.get(f"{ACME}/members").json()["items"]) == 1

    def test_is_refused_to_who_may_less(self, team: Team, admin: Person) -> None:
        assert make(team.owner, "remover", "project:delete") == 201
        assert admin.ask("DELETE", f"{ROLES}/remover").status_code == 403
        assert admin.ask("DELETE", f"{ROLES}/none").status_code == 404

    def test_is_in_the_audit_log(self, team: Team) -> None:
        assert make(team.owner, "reader", "project:read") == 201
        assert team.owner.ask("DELETE", f"{ROLES}/reader").status_code == 204
        found = team.owner.get(f"{ACME}/audit?limit=2").json()["items"]
        assert [one["action"] for one in found] == ["role.delete", "role.create"]
