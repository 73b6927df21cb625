from __future__ import annotations

import os
import uuid
from datetime import date

import pytest

from cygni.billing.periods import BillingCycle
from cygni.billing.plans import PlanVersion
from cygni.billing.subscriptions import Phase, Subscription
from platform_api.deployments import event_router
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.hardening.fuzzed_plane import FuzzedPlane, fuzzed_plane
from tests.platform_api.invoices.billed import Billing
from tests.platform_api.people import Team


@pytest.fixture
def plane(team: Team, control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> FuzzedPlane:
    monkeypatch.setattr(event_router, "STREAM_SECONDS", 0.0)  # those of deployments that are not over, too
    plane = fuzzed_plane(team, control_plane.clock)
    acme = uuid.UUID(team.owner.get("/v1/organizations/acme").json()["id"])
    plane.there["invoice"] = invoice(control_plane, acme)
    return plane


def invoice(control_plane: ControlPlane, organization: uuid.UUID) -> str:
    """One that is final, of a month that is over."""
    cycle = BillingCycle(date(2026, 1, 1))
    plan = PlanVersion("free", 1, "EUR")
    billing = Billing(control_plane.owner_url, control_plane.roles, control_plane.clock)
    billing.subscribe(organization, Subscription(cycle, (Phase(cycle.period(0).start, plan),)))
    billing.run()
    return str(billing.invoices()[0]["id"])


@pytest.fixture(scope="session")
def share() -> float:
    """Of the examples of a full run (`make fuzz`), which CYGNI_FUZZ=1 is."""
    return float(os.environ.get("CYGNI_FUZZ", "0.02"))
