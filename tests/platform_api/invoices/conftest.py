from __future__ import annotations

import uuid

import pytest

from tests.platform_api.conftest import ControlPlane
from tests.platform_api.invoices.billed import Billing
from tests.platform_api.invoices.books import Books
from tests.platform_api.invoices.test_bill_run import HOUR, MARCH, subscription, used
from tests.platform_api.people import Team


@pytest.fixture
def billing(control_plane: ControlPlane) -> Billing:
    return Billing(control_plane.owner_url, control_plane.roles, control_plane.clock)


@pytest.fixture
def books(control_plane: ControlPlane, team: Team, billing: Billing) -> Books:
    owner = team.invite("grace", "owner")
    acme = uuid.UUID(team.owner.get("/v1/organizations/acme").json()["id"])
    assert team.owner.ask("DELETE", "/v1/organizations/acme/membership").status_code == 204
    found = Books(billing, acme, billing.subscribe(acme, subscription(), "19"), team.owner, owner)
    billing.tell(acme, used("a", MARCH.start + HOUR, 10), used("b", MARCH.start + 90 * HOUR, 15))
    billing.run()
    return found
