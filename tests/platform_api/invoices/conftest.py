from __future__ import annotations

import pytest

from tests.platform_api.conftest import ControlPlane
from tests.platform_api.invoices.billed import Billing


@pytest.fixture
def billing(control_plane: ControlPlane) -> Billing:
    return Billing(control_plane.owner_url, control_plane.roles, control_plane.clock)
