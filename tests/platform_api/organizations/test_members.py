"""Members of organisations and projects who are changed by two at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.platform_api.conftest import wait_for
from tests.platform_api.people import Person, Team

ACME = "/v1/organizations/acme"


class TestOwners:
    def test_who_remove_each_other_do_not_wait_for_each_other(
        self, team: Team, beside: psycopg.Connection
    ) -> None:
        others = [team.invite("bob", "owner"), team.invite("carol", "owner")]
        bob, carol = (one.id for one in others)
        beside.execute("SELECT FROM organization_members WHERE user_id = %s FOR UPDATE", (team.owner.id,))
        with ThreadPoolExecutor(2) as people:
            asked = [
                people.submit(who.ask, "DELETE", f"{ACME}/members/{whom}")
                for who, whom in zip(others, (carol, bob), strict=True)
            ]
            wait_for(2, beside)
            beside.rollback()
            assert [one.result(30).status_code for one in asked] == [204, 204]


class TestAMemberOfAProject:
    @pytest.fixture
    def grace(self, team: Team) -> Person:
        grace = team.invite("grace", "viewer")
        team.owner.post(f"{ACME}/projects", slug="shop")
        assert self.put(team.owner, grace, "developer") == 204
        return grace

    def put(self, who: Person, whom: Person, role: str) -> int:
        path = f"{ACME}/projects/shop/members/{whom.id}"
        return who.ask("PUT", path, json={"role": role}).status_code

    def test_who_is_taken_out_at_the_same_moment_is_put_in_again(
        self, team: Team, grace: Person, beside: psycopg.Connection
    ) -> None:
        with ThreadPoolExecutor(1) as people:
            beside.execute("DELETE FROM project_members")
            asked = people.submit(self.put, team.owner, grace, "viewer")
            wait_for(1, beside)
            beside.commit()
            assert asked.result(30) == 204
        [member] = team.owner.get(f"{ACME}/projects/shop/members").json()["items"]
        assert member["role"] == "viewer"

    def test_who_is_promoted_at_the_same_moment_stays_so(
        self, team: Team, grace: Person, beside: psycopg.Connection
    ) -> None:
        admin = team.invite("anna", "admin")
        with ThreadPoolExecutor(1) as people:
            beside.execute("UPDATE project_members SET role = 'owner'")
            asked = people.submit(self.put, admin, grace, "viewer")
            wait_for(1, beside)
            beside.commit()
            assert asked.result(30) == 403
        [member] = team.owner.get(f"{ACME}/projects/shop/members").json()["items"]
        assert member["role"] == "owner"
