"""Projects over the API."""

from __future__ import annotations

import pytest

from tests.platform_api.people import Team

PROJECTS = "/v1/organizations/acme/projects"


class TestCreate:
    def test_is_there_afterwards(self, team: Team) -> None:
        made = team.owner.post(PROJECTS, slug="shop", name="The shop")
        assert (made.status_code, made.headers["etag"]) == (201, '"1"')
        assert team.owner.get(f"{PROJECTS}/shop").json() == made.json()

    def test_refuses_a_taken_name(self, team: Team) -> None:
        assert team.owner.post(PROJECTS, slug="shop").status_code == 201
        again = team.owner.post(PROJECTS, slug="shop")
        assert (again.status_code, again.json()["code"]) == (409, "already_exists")

    def test_refuses_a_name_that_another_organization_has(self, team: Team) -> None:
        assert team.owner.post("/v1/organizations", slug="other", name="Other").status_code == 201
        assert team.owner.post("/v1/organizations/other/projects", slug="shop").status_code == 201
        answer = team.owner.post(PROJECTS, slug="shop")
        assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")

    def test_leaves_the_name_of_a_deleted_project_to_its_organization(self, team: Team) -> None:
        """What it deployed stays in the cloud, under the name."""
        assert team.owner.post("/v1/organizations", slug="other", name="Other").status_code == 201
        assert team.owner.post(PROJECTS, slug="shop").status_code == 201
        assert team.owner.ask("DELETE", f"{PROJECTS}/shop").status_code == 204
        answer = team.owner.post("/v1/organizations/other/projects", slug="shop")
        assert (answer.status_code, answer.json()["code"]) == (409, "already_exists")
        assert team.owner.post(PROJECTS, slug="shop").status_code == 201

    @pytest.mark.parametrize("slug", ["", "a", "Shop", "a_b", "-a", "a" * 41, "a\0b", "shöp", 1, None])
    def test_refuses_what_is_no_name(self, team: Team, slug: object) -> None:
        answer = team.owner.post(PROJECTS, slug=slug)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
        assert answer.json()["errors"][0]["at"] == ["body", "slug"]

    def test_in_another_organization_finds_none(self, team: Team) -> None:
        answer = team.owner.post("/v1/organizations/other/projects", slug="shop")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


class TestList:
    def test_comes_in_pages(self, team: Team) -> None:
        names = [f"shop-{number}" for number in range(5)]
        for name in reversed(names):
            assert team.owner.post(PROJECTS, slug=name).status_code == 201
        found, cursor = [], ""
        while True:
            page = team.owner.get(f"{PROJECTS}?limit=2" + (f"&cursor={cursor}" if cursor else "")).json()
            found.append([one["slug"] for one in page["items"]])
            cursor = page["next"]
            if not cursor:
                break
        assert found == [names[:2], names[2:4], names[4:]]

    @pytest.mark.parametrize("cursor", ["x", "AAAA", "%00", "ü"])
    def test_refuses_a_cursor_it_did_not_give(self, team: Team, cursor: str) -> None:
        answer = team.owner.get(f"{PROJECTS}?cursor={cursor}")
        assert answer.status_code == 422


class TestUpdate:
    def test_refuses_to_overwrite_what_was_not_seen(self, team: Team) -> None:
        team.owner.post(PROJECTS, slug="shop")
        path = f"{PROJECTS}/shop"
        first = team.owner.ask("PATCH", path, json={"name": "One"}, headers={"If-Match": '"1"'})
        assert (first.status_code, first.headers["etag"]) == (200, '"2"')
        second = team.owner.ask("PATCH", path, json={"name": "Two"}, headers={"If-Match": '"1"'})
        assert (second.status_code, second.json()["code"]) == (412, "precondition_failed")
        assert team.owner.get(path).json()["name"] == "One"


class TestDelete:
    def test_is_gone_afterwards(self, team: Team) -> None:
        team.owner.post(PROJECTS, slug="shop")
        assert team.owner.ask("DELETE", f"{PROJECTS}/shop").status_code == 204
        assert team.owner.get(f"{PROJECTS}/shop").status_code == 404
