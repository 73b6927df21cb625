from __future__ import annotations

import pytest

from tests.platform_api.conftest import ControlPlane
from tests.platform_api.domains.registry import Registry
from tests.platform_api.people import Team


@pytest.fixture
def registry(team: Team, control_plane: ControlPlane) -> Registry:
    return Registry(team, control_plane)
