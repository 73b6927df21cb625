"""API keys: what a program may with one, and what nobody may."""

from __future__ import annotations

from datetime import datetime, timedelta

from platform_api.access.credentials import API_KEY, new_credential, parse
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Person, Team

KEYS = "/v1/organizations/acme/api-keys"


def test_with_another_secret_is_refused(team: Team) -> None:
    good, _ = team.key(scopes=["project:read"])
    known = parse(good.access_token, API_KEY)
    assert known is not None
    forged = Person(team.client, bearer=new_credential(API_KEY, known.public_id).text)
    assert forged.get("/v1/organizations/acme/projects").status_code == 401
    assert good.get("/v1/organizations/acme/projects").status_code == 200


def test_gets_no_more_than_its_maker_has(team: Team) -> None:
    admin = team.invite("anna", "admin")
    refused = admin.post(KEYS, name="ci", scopes=["project:read", "project:delete"])
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert admin.post(KEYS, name="ci", scopes=["project:read"]).status_code == 201
    entries = team.owner.get("/v1/organizations/acme/audit").json()["items"]
    [told] = [one for one in entries if one["outcome"] == "refused"]
    assert (told["action"], told["actor"]["id"]) == ("api_key:manage", admin.id)


def test_lasts_ten_years_at_most(team: Team, control_plane: ControlPlane) -> None:
    def asked(end: str) -> int:
        return team.owner.post(KEYS, name="ci", scopes=["project:read"], expires_at=end).status_code

    now = control_plane.clock.now()
    assert asked((now + timedelta(days=3650)).isoformat()) == 201
    assert asked((now + timedelta(days=3654)).isoformat()) == 422
    assert asked("9999-12-31T23:59:59-12:00") == 422  # of the year 10000 in UTC
    assert len(team.owner.get(KEYS).json()["items"]) == 1


def test_tells_to_the_minute_when_it_was_used(team: Team, control_plane: ControlPlane) -> None:
    program, made = team.key(scopes=["project:read"])
    begun, told = control_plane.clock.now(), []
    for after in (None, 0, 59, 1):
        if after is not None:
            control_plane.clock.move(timedelta(seconds=after))
            assert program.get("/v1/organizations/acme/projects").status_code == 200
        [key] = [one for one in team.owner.get(KEYS).json()["items"] if one["id"] == made]
        told.append(key["last_used_at"] and datetime.fromisoformat(key["last_used_at"]) - begun)
    assert told == [None, timedelta(0), timedelta(0), timedelta(minutes=1)]


class TestAKeyThatAKeyMade:
    MAKES = ("project:read", "api_key:manage")

    def test_ends_when_that_does_and_no_later(self, team: Team, control_plane: ControlPlane) -> None:
        end = control_plane.clock.now() + timedelta(days=30)
        maker, _ = team.key(scopes=self.MAKES, expires_at=end.isoformat())
        made = [
            maker.post(KEYS, name="made", scopes=["project:read"], expires_at=wanted and wanted.isoformat())
            for wanted in (None, end - timedelta(days=1), end, end + timedelta(seconds=1))
        ]
        assert [one.status_code for one in made] == [201, 201, 201, 403]
        assert made[0].json()["expires_at"] == made[2].json()["expires_at"]
        control_plane.clock.move(timedelta(days=30))
        for one in made[:3]:
            program = Person(team.client, bearer=one.json()["key"])
            assert program.get("/v1/organizations/acme/projects").status_code == 401

    def test_is_revoked_with_it(self, team: Team) -> None:
        maker, identifier = team.key(scopes=self.MAKES)
        first = Person(team.client, bearer=maker.post(KEYS, name="1", scopes=self.MAKES).json()["key"])
        second = Person(team.client, bearer=first.post(KEYS, name="2", scopes=["project:read"]).json()["key"])
        other, _ = team.key(scopes=["project:read"])
        assert team.owner.ask("DELETE", f"{KEYS}/{identifier}").status_code == 204
        asked = [one.get("/v1/organizations/acme/projects") for one in (maker, first, second, other)]
        assert [one.status_code for one in asked] == [401, 401, 401, 200]
        entries = team.owner.get("/v1/organizations/acme/audit").json()["items"]
        assert [one["action"] for one in entries].count("api_key.revoke") == 3


class TestAKeyWhoseMaker:
    def made_by(self, team: Team, maker: Person) -> Person:
        key = maker.post(KEYS, name="ci", scopes=["project:read", "project:create"]).json()["key"]
        program = Person(team.client, bearer=key)
        assert program.get("/v1/organizations/acme/projects").status_code == 200
        return program

    def test_left_is_valid_no_more(self, team: Team) -> None:
        anna = team.invite("anna", "admin")
        program = self.made_by(team, anna)
        assert team.owner.ask("DELETE", f"/v1/organizations/acme/members/{anna.id}").status_code == 204
        assert program.get("/v1/organizations/acme/projects").status_code == 401
        assert program.get("/v1/api-key").status_code == 401

    def test_has_another_role_may_what_they_may(self, team: Team) -> None:
        anna = team.invite("anna", "admin")
        program = self.made_by(team, anna)
        path = f"/v1/organizations/acme/members/{anna.id}"
        for role, status, scopes in (
            ("viewer", 403, ["project:read"]),
            ("admin", 201, ["project:create", "project:read"]),
        ):
            assert team.owner.ask("PATCH", path, json={"role": role}).status_code == 204
            assert program.get("/v1/api-key").json()["scopes"] == scopes
            made = program.post("/v1/organizations/acme/projects", slug=f"shop-{role}")
            assert made.status_code == status, made.text

    def test_has_a_role_of_the_organization_may_what_that_allows(self, team: Team) -> None:
        permissions = ["project:read", "api_key:manage"]
        team.owner.post("/v1/organizations/acme/roles", name="keeper", permissions=permissions)
        keeper = team.invite("kim", "keeper")
        key = keeper.post(KEYS, name="ci", scopes=["project:read"]).json()["key"]
        program = Person(team.client, bearer=key)
        assert program.get("/v1/organizations/acme/projects").status_code == 200
        assert program.get("/v1/api-key").json()["scopes"] == ["project:read"]
