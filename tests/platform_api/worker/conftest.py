from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.worker.processes import Workers


@pytest.fixture
def workshop(control_plane: ControlPlane) -> Workshop:
    return Workshop(control_plane)


@pytest.fixture
def workers(workshop: Workshop, tmp_path: Path) -> Iterator[Workers]:
    made = Workers(workshop, tmp_path)
    yield made
    made.close()


@pytest.fixture
def environment(workshop: Workshop) -> uuid.UUID:
    return workshop.environment(workshop.organization("acme"))
