from __future__ import annotations

import os

import pytest

from platform_api.deployments import event_router
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.hardening.fuzzed_plane import FuzzedPlane, fuzzed_plane
from tests.platform_api.people import Team


@pytest.fixture
def plane(team: Team, control_plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> FuzzedPlane:
    monkeypatch.setattr(event_router, "STREAM_SECONDS", 0.0)  # those of deployments that are not over, too
    return fuzzed_plane(team, control_plane.clock)


@pytest.fixture(scope="session")
def share() -> float:
    """Of the examples of a full run (`make fuzz`), which CYGNI_FUZZ=1 is."""
    return float(os.environ.get("CYGNI_FUZZ", "0.02"))
