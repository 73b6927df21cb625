from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest

from cygni.billing.periods import BillingCycle
from cygni.billing.plans import FlatFee, PlanVersion
from cygni.billing.subscriptions import Phase, Subscription
from cygni.billing.terms import document_of, terms_of
from platform_api.database.roles import url_as
from platform_api.database.transactions import Database, Scope
from platform_api.subscriptions.repository import Subscribed, Subscriptions
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.people import Team
from tests.platform_api.server_key import KEY

FIRST = PlanVersion("team", 1, "EUR", (FlatFee("base", "Base", Decimal("20.50")),))
SECOND = PlanVersion("team", 2, "EUR", (FlatFee("base", "Base", Decimal(25)),))
MARCH, MAY, JULY = (datetime(2027, month, 1, tzinfo=UTC) for month in (3, 5, 7))


def fill(plane: ControlPlane, organization: uuid.UUID) -> uuid.UUID:
    """A subscription of March to July, whose plan changes in May; its id."""
    identifier = uuid.uuid4()
    with psycopg.connect(plane.owner_url) as owner:
        owner.execute("INSERT INTO plans VALUES ('team', 'Team', '', NULL, now())")
        for plan in (FIRST, SECOND):
            terms = psycopg.types.json.Jsonb(document_of(terms_of(plan)))
            owner.execute(
                "INSERT INTO plan_versions VALUES ('team', %s, 'EUR', %s, now())", (plan.version, terms)
            )
        owner.execute("SELECT set_config('cygni.organization', %s, true)", (str(organization),))
        owner.execute(
            """INSERT INTO subscriptions VALUES
               (%s, %s, 'EUR', '2027-03-01', 'Europe/Berlin', 1, NULL, %s, 19, 1, now())""",
            (organization, identifier, JULY),
        )
        for plan, start in ((SECOND, MAY), (FIRST, MARCH)):
            owner.execute(
                "INSERT INTO subscription_phases VALUES (%s, %s, %s, 'team', %s)",
                (organization, identifier, start, plan.version),
            )
    return identifier


def read(url: str, organization: uuid.UUID, scope: Scope) -> list[Subscribed]:
    async def ask() -> list[Subscribed]:
        database = Database(url, size=1)
        try:
            async with database.transaction(scope) as session:
                return await Subscriptions(session, organization).domain()
        finally:
            await database.close()

    return asyncio.run(ask())


class TestDomain:
    @pytest.mark.parametrize("role", ["application", "worker"])
    def test_is_what_the_rows_say(self, control_plane: ControlPlane, team: Team, role: str) -> None:
        acme = uuid.UUID(team.owner.get("/v1/organizations/acme").json()["id"])
        identifier = fill(control_plane, acme)
        url = url_as(control_plane.owner_url, getattr(control_plane.roles, role), KEY)
        scope = Scope(organization=acme) if role == "application" else Scope()
        assert read(url, acme, scope) == [
            Subscribed(
                identifier,
                Subscription(
                    BillingCycle(date(2027, 3, 1), "Europe/Berlin"),
                    (Phase(MARCH, FIRST), Phase(MAY, SECOND)),
                    end=JULY,
                ),
                Decimal(19),
            )
        ]

    def test_is_nothing_for_somebody_elses_transaction(self, control_plane: ControlPlane, team: Team) -> None:
        acme = uuid.UUID(team.owner.get("/v1/organizations/acme").json()["id"])
        fill(control_plane, acme)
        url = url_as(control_plane.owner_url, control_plane.roles.application, KEY)
        assert read(url, acme, Scope(organization=uuid.uuid4())) == []


def test_versions_of_plans_never_change(control_plane: ControlPlane, team: Team) -> None:
    fill(control_plane, uuid.UUID(team.owner.get("/v1/organizations/acme").json()["id"]))
    url = url_as(control_plane.owner_url, control_plane.roles.application, KEY)
    for statement in ("UPDATE plan_versions SET currency = 'USD'", "DELETE FROM plan_versions"):
        with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


def test_an_organization_has_one_subscription_without_an_end(control_plane: ControlPlane, team: Team) -> None:
    acme = uuid.UUID(team.owner.get("/v1/organizations/acme").json()["id"])
    endless = """INSERT INTO subscriptions VALUES
                 (%s, gen_random_uuid(), 'EUR', '2027-03-01', 'UTC', 1, NULL, NULL, 0, 1, now())"""
    url = url_as(control_plane.owner_url, control_plane.roles.application, KEY)
    with psycopg.connect(url) as connection:
        connection.execute("SELECT set_config('cygni.organization', %s, true)", (str(acme),))
        connection.execute(endless, (acme,))
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute(endless, (acme,))
