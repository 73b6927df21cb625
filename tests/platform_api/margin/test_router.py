"""What is billed for projects, beside what they cost: for operators alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from psycopg.types.json import Jsonb

from cygni.billing.periods import Period
from cygni.pricing.cost import CostLine, Estimate, ResourceCost, Status
from cygni.pricing.difference import cost_diff
from platform_api.margin.costs import accrued
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.people import Team

MARCH = Period(datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def costing(monthly: str, usage: str) -> Estimate:
    """Of one resource, in USD a month."""
    lines = tuple(
        CostLine(name, Decimal(1), "month", amount, amount / 730, amount, by_use, None, None, name)
        for name, amount, by_use in (("fixed", Decimal(monthly), False), ("by use", Decimal(usage), True))
    )
    return Estimate((ResourceCost("urn:a", "aws:ecs/service:Service", "web", lines, Status.PRICED),))


class TestCost:
    def test_is_each_estimate_for_as_long_as_it_held(self) -> None:
        estimates = [
            (MARCH.start - timedelta(days=9), Decimal(73)),  # 0.1 an hour
            (MARCH.start + timedelta(hours=100), Decimal(146)),
            (MARCH.start + timedelta(hours=200), Decimal(0)),
        ]
        assert accrued(estimates, MARCH) == 10 + 20

    def test_begins_with_the_first_estimate(self) -> None:
        assert accrued([(MARCH.end - timedelta(hours=10), Decimal(730))], MARCH) == Fraction(10)
        assert accrued([(MARCH.end, Decimal(730))], MARCH) == 0


def test_a_margin_is_told_by_project_of_the_time_that_has_passed(
    control_plane: ControlPlane, team: Team
) -> None:
    workshop = Workshop(control_plane)
    terms = {"charges": [{"kind": "usage", "key": "builds", "name": "Builds", "meter": "build_minutes",
                          "price": {"model": "per_unit", "unit_price": "0.50"}}]}  # fmt: skip
    made = team.owner.post("/v1/plans", key="team", name="Team", currency="USD", terms=terms)
    assert made.status_code == 201, made.text
    asked = {"plan": "team", "anchor": "2026-03-01", "zone": "UTC"}
    answer = team.owner.ask("PUT", "/v1/organizations/acme/subscription", json=asked)
    assert answer.status_code == 200, answer.text
    [acme] = workshop.run("SELECT id FROM organizations")
    environment = workshop.environment(acme["id"])
    [project] = workshop.run("SELECT slug FROM projects")
    deployment = workshop.deployment(environment, "succeeded")
    cost = {"cost": cost_diff(Estimate(()), costing("73", usage="14.60")).to_dict()}
    workshop.run(
        "UPDATE deployments SET finished_at = %s, plan = %s WHERE id = %s", NOON, Jsonb(cost), deployment
    )
    program, _ = team.key(scopes=["usage:write"])
    for id, slug, minutes in (("1", project["slug"], "6"), ("2", "gone", "2")):
        told = {
            "specversion": "1.0",
            "id": id,
            "source": "/t",
            "type": "build_minutes",
            "time": NOON.isoformat(),
        }
        event = {**told, "data": {"quantity": minutes, "project": slug}}
        assert program.ask("POST", "/v1/usage/events", json=event).json()["counted"] == 1
    control_plane.clock.move(timedelta(hours=10))
    team.owner.sign_in()
    found = team.owner.get("/v1/organizations/acme/margin")
    assert found.status_code == 200, found.text
    rows = {one["project"]: (one["billed"], one["cost"], one["margin"]) for one in found.json()["projects"]}
    assert rows == {project["slug"]: ("3", "1.2", "1.8"), "gone": ("1", "0", "1")}
    assert found.json()["total"] == {
        "project": None, "billed": "4", "cost": "1.2", "margin": "2.8", "percent": "70"
    }  # fmt: skip
    assert found.json()["period"]["end"] == "2026-03-01T22:00:00Z"


def test_there_is_none_without_a_plan(team: Team) -> None:
    assert team.owner.get("/v1/organizations/acme/margin").status_code == 404


def test_there_is_none_before_the_calendar_begins(team: Team) -> None:
    answer = team.owner.get("/v1/organizations/acme/margin?at=0001-01-01T00:00:00%2B10:00")
    assert answer.status_code == 422
