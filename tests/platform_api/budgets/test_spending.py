"""Budgets of what is billed: a subscription over March, with a fee and prices of builds and deployments."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from cygni.billing.periods import BillingCycle
from cygni.billing.plans import FlatFee, PlanVersion, UsageCharge
from cygni.billing.prices import PerUnit
from cygni.billing.subscriptions import Phase, Subscription
from tests.platform_api.budgets.conftest import BUDGETS, Treasury
from tests.platform_api.invoices.billed import Billing

TEAM = PlanVersion(
    "team",
    1,
    "EUR",
    (
        FlatFee("base", "Base", Decimal(20)),
        UsageCharge("builds", "Builds", "build_minutes", PerUnit(Decimal("0.10")), included=Decimal(100)),
        UsageCharge("deploys", "Deployments", "deployments", PerUnit(Decimal(2))),
    ),
)


@pytest.fixture
def subscribed(treasury: Treasury) -> Treasury:
    plane = treasury.plane
    [row] = treasury.workshop.run("SELECT id FROM organizations WHERE slug = 'acme'")
    phase = Phase(datetime(2026, 2, 15, tzinfo=UTC), TEAM)
    subscription = Subscription(BillingCycle(date(2026, 2, 15)), (phase,))
    Billing(plane.owner_url, plane.roles, plane.clock).subscribe(uuid.UUID(str(row["id"])), subscription)
    return treasury


def test_what_is_spent_is_what_an_invoice_would_come_to(subscribed: Treasury) -> None:
    subscribed.use(300)  # 200 beyond what is included
    made = subscribed.set(kind="spend", amount="100", hard_limit=False)
    assert (made["used"], made["unit"]) == ("40", "EUR")
    assert (made["start"], made["end"]) == ("2026-02-15T00:00:00Z", "2026-03-15T00:00:00Z")


def test_days_of_the_period_are_those_of_the_subscription(subscribed: Treasury) -> None:
    assert subscribed.set(kind="spend", amount="100", hard_limit=False)["zone"] == "UTC"
    subscribed.workshop.run("UPDATE subscriptions SET zone = 'Europe/Berlin'")
    [listed] = subscribed.owner.get(BUDGETS).json()["items"]
    assert (listed["start"], listed["zone"]) == ("2026-02-14T23:00:00Z", "Europe/Berlin")


def test_the_forecast_keeps_up_the_pace_of_what_is_used_and_not_of_fees(subscribed: Treasury) -> None:
    subscribed.plane.clock.move(timedelta(hours=84))  # 18 of 28 days
    subscribed.owner.sign_in()
    subscribed.use(360)  # 560 at the end, of which 100 are included
    made = subscribed.set(kind="spend", amount="100", hard_limit=False)
    assert made["forecast_amount"] == "66"


def test_a_project_has_its_share_of_what_meters_cost_and_no_fee(subscribed: Treasury) -> None:
    subscribed.use(75, project="shop", environment="staging")
    subscribed.use(225, project="blog")
    place = {"project": "shop", "environment": "staging"}
    made = subscribed.set(kind="spend", amount="100", hard_limit=False, **place)
    assert made["used"] == "5"  # a quarter of 200 minutes at 0.10


def test_deployments_are_refused_whose_own_price_is_more_than_is_left(subscribed: Treasury) -> None:
    subscribed.set(kind="spend", amount="25")
    assert [subscribed.desk.deploy().status_code for _ in range(3)] == [202, 202, 402]
    refused = subscribed.desk.deploy().json()["details"]
    assert (refused["left"], refused["needed"], refused["unit"]) == ("1", "2", "EUR")


def test_where_nothing_is_billed_nothing_can_be_spent(treasury: Treasury) -> None:
    answer = treasury.owner.post(BUDGETS, name="spend", kind="spend", amount="5")
    assert (answer.status_code, "no plan" in answer.json()["detail"]) == (422, True)
