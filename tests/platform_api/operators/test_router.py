from __future__ import annotations

from typing import Any

from tests.platform_api.people import Team


def operators(team: Team) -> list[str]:
    return [one["email"] for one in team.owner.get("/v1/operators").json()["items"]]


class TestAdd:
    def test_makes_somebody_with_an_account_an_operator_once(self, team: Team) -> None:
        grace = team.invite("grace", "viewer")
        assert grace.get("/v1/operators").status_code == 403
        for _ in range(2):
            assert team.owner.post("/v1/operators", email="Grace@example.com").status_code == 201
        assert operators(team) == ["ada@example.com", "grace@example.com"]
        assert grace.get("/v1/operators").status_code == 200
        entries = team.owner.get("/v1/operators/audit").json()["items"]
        assert [(one["action"], one["subject"]) for one in entries] == [("operator.add", "grace@example.com")]

    def test_refuses_an_account_that_anybody_may_have_made(self, team: Team) -> None:
        """Who sends an invitation has its token, and accepts it with a password of their own."""
        for slug in ("other", "support"):
            assert team.owner.post("/v1/organizations", slug=slug, name=slug).status_code == 201
        mallory = team.invite("mallory", "owner", "other")
        boss = team.invite("boss", "viewer", "other")
        assert team.owner.ask("DELETE", "/v1/organizations/other/membership").status_code == 204
        for role in (None, "viewer"):
            if role:  # an operator who helps there manages nobody
                sent = mallory.post("/v1/organizations/other/invitations", email="ada@example.com", role=role)
                given = {"token": sent.json()["token"], "name": "Ada", "password": team.owner.password}
                assert team.owner.post("/v1/invitations/accept", **given).status_code == 201
                team.owner.sign_in()
            answer = team.owner.post("/v1/operators", email=boss.email)
            assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
            assert operators(team) == ["ada@example.com"]

    def test_refuses_who_has_no_account(self, team: Team) -> None:
        answer = team.owner.post("/v1/operators", email="nobody@example.com")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestRemove:
    def remove(self, team: Team, user: str) -> Any:
        return team.owner.ask("DELETE", f"/v1/operators/{user}")

    def test_takes_the_right_at_once(self, team: Team) -> None:
        grace = team.invite("grace", "owner")
        assert team.owner.post("/v1/operators", email=grace.email).status_code == 201
        assert self.remove(team, grace.id).status_code == 204
        assert operators(team) == ["ada@example.com"]
        assert grace.get("/v1/operators").status_code == 403

    def test_keeps_the_last_one(self, team: Team) -> None:
        answer = self.remove(team, team.owner.id)
        assert (answer.status_code, answer.json()["detail"]) == (422, "this is the last operator")
        assert operators(team) == ["ada@example.com"]

    def test_does_not_know_who_is_none(self, team: Team) -> None:
        assert self.remove(team, team.invite("grace", "owner").id).status_code == 404


def test_an_operators_api_key_is_none(team: Team) -> None:
    key, _ = team.key(scopes=["billing:manage", "usage:read"])
    assert key.get("/v1/operators").status_code == 403
    answer = key.ask("PUT", "/v1/organizations/acme/subscription", json={"plan": "team"})
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    refused = team.owner.get("/v1/organizations/acme/audit?limit=1").json()["items"][0]
    assert (refused["action"], refused["outcome"]) == ("server:operate", "refused")


def test_the_log_goes_on_in_pages(team: Team) -> None:
    for name in ("grace", "joan", "mary"):
        email = team.invite(name, None).email
        assert team.owner.post("/v1/operators", email=email).status_code == 201
    first = team.owner.get("/v1/operators/audit?limit=2").json()
    second = team.owner.get(f"/v1/operators/audit?limit=2&cursor={first['next']}").json()
    assert [one["subject"][:4] for one in (*first["items"], *second["items"])] == ["mary", "joan", "grac"]
    assert second["next"] is None
