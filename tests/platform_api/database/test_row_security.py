"""The second line: what raw SQL of the application's role sees."""

from __future__ import annotations

import uuid
from itertools import pairwise

import psycopg
import pytest
from psycopg import sql

from platform_api.database.migrate import FOLDER, downgrade, upgrade
from platform_api.database.roles import make_roles, url_as
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.people import Team
from tests.platform_api.server_key import KEY
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


class TestReferences:
    """A foreign key sees rows that row-level security hides from whoever writes it."""

    def test_name_the_organization_wherever_both_sides_have_one(
        self, control_plane: ControlPlane, team: Team
    ) -> None:
        query = """
            SELECT conrelid::regclass::text, confrelid::regclass::text,
                ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY(conkey)),
                ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = confrelid AND attnum = ANY(confkey))
            FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
        """
        with psycopg.connect(control_plane.owner_url) as owner:
            tenants = set(tables_of_tenants(owner))
            found = [row for row in owner.execute(query).fetchall() if {row[0], row[1]} <= tenants]
        assert len(found) > 20
        wide = {
            (table, there)
            for table, there, *columns in found
            if not all("organization_id" in of_one for of_one in columns)
        }
        assert wide == set()

    def test_of_a_budget_are_to_an_environment_of_its_own_organization(
        self, control_plane: ControlPlane, team: Team
    ) -> None:
        workshop = Workshop(control_plane)
        [acme] = workshop.run("SELECT id FROM organizations")
        environments = [workshop.environment(one) for one in (acme["id"], workshop.organization("other"))]
        [project] = workshop.run("SELECT project_id AS id FROM environments WHERE id = %s", environments[0])
        budget = """
            INSERT INTO budgets (organization_id, id, project_id, environment_id, name, kind, currency, amount, thresholds,
                forecast, hard_limit, grace_hours, pause_previews, scale_to_floor, state, due_at, version, created_at)
            VALUES (%s, gen_random_uuid(), %s, %s, 'x', 'cloud_cost', 'USD', 1, '{}', false, true, 0, true, true, 'ok',
                now(), 1, now())
        """
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            workshop.run(budget, acme["id"], project["id"], environments[1])
        workshop.run(budget, acme["id"], project["id"], environments[0])


def privileges(connection: psycopg.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Who may do what, and what holds for which rows."""
    queries = {
        "policies": """SELECT tablename, policyname, roles::text, cmd, qual, with_check FROM pg_policies ORDER BY 1, 2""",
        "tables": """SELECT relname, relrowsecurity, relforcerowsecurity, relacl::text FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'i') ORDER BY 1""",
        "columns": """SELECT attrelid::regclass::text, attname, attacl::text, attnotnull FROM pg_attribute
            JOIN pg_class ON pg_class.oid = attrelid
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
            ORDER BY 1, 2""",
        "constraints": """SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2""",
        "functions": """SELECT proname, prosecdef, proacl::text FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace ORDER BY 1""",
    }
    return {name: connection.execute(query).fetchall() for name, query in queries.items()}


class TestMigrations:
    def test_going_back_one_leaves_what_was_there_before_it(self, postgres: PostgresServer) -> None:
        url = postgres.new_database()
        roles = make_roles(url, KEY)
        revisions = sorted(file.name[:4] for file in (FOLDER / "versions").glob("[0-9]*.py"))
        different = []
        with psycopg.connect(url, autocommit=True) as owner:
            for before, revision in pairwise(["base", *revisions]):
                there = privileges(owner)
                upgrade(url, roles, revision)
                downgrade(url, roles, before)
                if before != "base" and privileges(owner) != there:
                    different.append(revision)
                upgrade(url, roles, revision)
        assert different == []

    def test_go_up_down_and_up_again(self, postgres: PostgresServer) -> None:
        url = postgres.new_database()
        roles = make_roles(url, KEY)
        for there in (True, False, True):
            upgrade(url, roles) if there else downgrade(url, roles)
            with psycopg.connect(url) as owner:
                assert bool(tables_of_tenants(owner)) is there
                assert ("deployments" in tables_of_tenants(owner)) is there
