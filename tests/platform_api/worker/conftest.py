from __future__ import annotations

import pytest

from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop


@pytest.fixture
def workshop(control_plane: ControlPlane) -> Workshop:
    return Workshop(control_plane)
