"""Secrets over the API: written by many, read by few, found nowhere."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Team

SHOP = "/v1/organizations/acme/projects/shop"
SECRETS = f"{SHOP}/environments/staging/secrets"
CANARY = "canary-7c1d"


@pytest.fixture
def shop(team: Team) -> Team:
    assert team.owner.post("/v1/organizations/acme/projects", slug="shop").status_code == 201
    assert team.owner.post(f"{SHOP}/environments", name="staging").status_code == 201
    return team


class TestSecrets:
    def test_are_written_by_developers_and_read_by_admins(self, shop: Team) -> None:
        developer, admin = shop.invite("dora", "developer"), shop.invite("adam", "admin")
        written = developer.ask("PUT", f"{SECRETS}/TOKEN", json={"value": CANARY})
        assert (written.status_code, written.json()["version"]) == (200, 1)
        assert CANARY not in written.text
        assert CANARY not in developer.get(SECRETS).text
        assert developer.get(f"{SECRETS}/TOKEN/value").status_code == 403
        assert admin.get(f"{SECRETS}/TOKEN/value").json()["value"] == CANARY

    def test_that_somebody_else_makes_at_the_same_moment_are_a_conflict(
        self, shop: Team, control_plane: ControlPlane
    ) -> None:
        with psycopg.connect(control_plane.owner_url) as other, ThreadPoolExecutor(1) as beside:
            other.execute(
                "INSERT INTO secrets SELECT organization_id, gen_random_uuid(), project_id, id, 'TOKEN', 0, now(), now() "
                "FROM environments"
            )
            asked = beside.submit(shop.owner.ask, "PUT", f"{SECRETS}/TOKEN", json={"value": CANARY})
            until = time.monotonic() + 30
            while not other.execute("SELECT FROM pg_locks WHERE NOT granted").fetchall():
                assert time.monotonic() < until, "nobody waits"
                time.sleep(0.02)
            other.commit()
            answer = asked.result(30)
        assert (answer.status_code, answer.json()["code"]) == (409, "world_changed")
        assert shop.owner.ask("PUT", f"{SECRETS}/TOKEN", json={"value": CANARY}).status_code == 200

    def test_keep_their_versions(self, shop: Team) -> None:
        for number in range(1, 4):
            answer = shop.owner.ask("PUT", f"{SECRETS}/TOKEN", json={"value": f"value {number}"})
            assert answer.json()["version"] == number
        assert shop.owner.get(f"{SECRETS}/TOKEN/value").json()["value"] == "value 3"
        assert shop.owner.get(f"{SECRETS}/TOKEN/value?version=1").json()["value"] == "value 1"
        assert shop.owner.get(f"{SECRETS}/TOKEN/value?version=9").status_code == 404
        assert shop.owner.ask("DELETE", f"{SECRETS}/TOKEN").status_code == 204
        assert shop.owner.get(f"{SECRETS}/TOKEN/value").status_code == 404

    def test_are_nowhere_in_the_database_or_the_audit_log(
        self, shop: Team, control_plane: ControlPlane
    ) -> None:
        shop.owner.ask("PUT", f"{SECRETS}/TOKEN", json={"value": CANARY})
        assert shop.owner.get(f"{SECRETS}/TOKEN/value").json()["value"] == CANARY
        with psycopg.connect(control_plane.owner_url) as owner:
            tables = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            for (table,) in tables:
                for row in owner.execute(f'SELECT * FROM "{table}"').fetchall():
                    assert CANARY not in repr(row), table
        entries = shop.owner.get("/v1/organizations/acme/audit").json()["items"]
        assert [one["action"] for one in entries[:2]] == ["secret.read", "secret.write"]

    @pytest.mark.parametrize("value", ["a\0b", "x" * (64 * 1024 + 1), None, {"a": CANARY}])
    def test_that_cannot_be_are_refused_without_repeating_them(self, shop: Team, value: object) -> None:
        answer = shop.owner.ask("PUT", f"{SECRETS}/TOKEN", json={"value": value})
        assert answer.status_code == 422
        assert CANARY not in answer.text
        assert "xxx" not in answer.text
