"""The second line: what raw SQL of the application's role sees."""

from __future__ import annotations

import uuid

import psycopg
import pytest
from psycopg import sql

from platform_api.database.migrate import downgrade, upgrade
from platform_api.database.roles import make_roles, url_as
from tests.platform_api.conftest import KEY, ControlPlane
from tests.platform_api.people import Team
from tests.postgres_server import PostgresServer


def tables_of_tenants(connection: psycopg.Connection) -> list[str]:
    query = """SELECT table_name FROM information_schema.columns
               WHERE table_schema = 'public' AND column_name = 'organization_id'"""
    return sorted(row[0] for row in connection.execute(query))


class TestTheApplicationsRole:
    def connect(self, plane: ControlPlane, organization: uuid.UUID | None = None) -> psycopg.Connection:
        connection = psycopg.connect(url_as(plane.owner_url, plane.roles.application, KEY))
        if organization:
            connection.execute("SELECT set_config('cygni.organization', %s, true)", (str(organization),))
        return connection

    def counts(self, connection: psycopg.Connection, tables: list[str]) -> dict[str, int]:
        query = sql.SQL("SELECT count(*) FROM {}")
        return {one: connection.execute(query.format(sql.Identifier(one))).fetchone()[0] for one in tables}  # type: ignore[index]

    def test_sees_nothing_of_any_tenant_until_one_is_set(
        self, control_plane: ControlPlane, team: Team
    ) -> None:
        assert team.owner.post("/v1/organizations/acme/projects", slug="shop").status_code == 201
        with psycopg.connect(control_plane.owner_url) as owner:
            tables = [*tables_of_tenants(owner), "organizations"]
            secured = owner.execute(
                "SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity ORDER BY relname"
            ).fetchall()
        assert [row[0] for row in secured] == sorted(tables)
        with self.connect(control_plane) as connection:
            assert set(self.counts(connection, tables).values()) == {0}

    def test_sees_the_rows_of_the_tenant_that_is_set_alone(
        self, control_plane: ControlPlane, team: Team
    ) -> None:
        assert team.owner.post("/v1/organizations", slug="other", name="Other").status_code == 201
        found = {}
        for name in ("acme", "other"):
            assert (
                team.owner.post(f"/v1/organizations/{name}/projects", slug=f"{name}-shop").status_code == 201
            )
            found[name] = uuid.UUID(team.owner.get(f"/v1/organizations/{name}").json()["id"])
        with self.connect(control_plane, found["other"]) as connection:
            assert connection.execute("SELECT slug FROM projects").fetchall() == [("other-shop",)]
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
                connection.execute(
                    "INSERT INTO projects VALUES (%s, gen_random_uuid(), 'x', 'x', 1, now())",
                    (found["acme"],),
                )

    def test_finds_by_a_key_what_belongs_to_its_tenant_alone(
        self, control_plane: ControlPlane, team: Team
    ) -> None:
        """Whichever names are asked for with it."""
        owner = team.owner
        assert owner.post("/v1/organizations", slug="other", name="Other").status_code == 201
        for name in ("acme", "other"):
            answer = owner.post(f"/v1/organizations/{name}/projects", slug=f"{name}-shop")
            assert answer.status_code == 201
        key = owner.post("/v1/organizations/acme/api-keys", name="one", scopes=["project:read"]).json()
        query = """SELECT (found.key).public_id, (found.organization).slug, (found.project).slug
                   FROM cygni_find_by_key(%s, %s, %s) AS found"""
        with self.connect(control_plane) as connection:

            def found(*asked: str | None) -> list[tuple[str | None, ...]]:
                return connection.execute(query, asked).fetchall()

            public = key["public_id"]
            assert found(public, "acme", "acme-shop") == [(public, "acme", "acme-shop")]
            assert found(public, None, None) == [(public, "acme", None)]
            assert found(public, "other", "other-shop") == [(public, None, None)]
            assert found("x" * 12, "acme", "acme-shop") == []

    def test_owns_nothing_and_cannot_change_what_was_audited(
        self, control_plane: ControlPlane, team: Team
    ) -> None:
        with psycopg.connect(control_plane.owner_url) as owner:
            found = owner.execute(
                "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = %s",
                (control_plane.roles.application,),
            ).fetchone()
            owned = owner.execute(
                "SELECT count(*) FROM pg_class JOIN pg_roles ON pg_roles.oid = relowner WHERE rolname = %s",
                (control_plane.roles.application,),
            ).fetchone()
        assert (found, owned) == ((False, False, False), (0,))
        acme = uuid.UUID(team.owner.get("/v1/organizations/acme").json()["id"])
        for statement in ("UPDATE audit_entries SET action = 'x'", "DELETE FROM audit_entries"):
            with (
                self.connect(control_plane, acme) as connection,
                pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied"),
            ):
                connection.execute(statement)


class TestMigrations:
    def test_go_up_down_and_up_again(self, postgres: PostgresServer) -> None:
        url = postgres.new_database()
        roles = make_roles(url, KEY)
        for there in (True, False, True):
            upgrade(url, roles) if there else downgrade(url, roles)
            with psycopg.connect(url) as owner:
                assert bool(tables_of_tenants(owner)) is there
                assert ("deployments" in tables_of_tenants(owner)) is there
