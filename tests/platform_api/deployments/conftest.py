from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from tests.cli.conftest import OF_CI
from tests.platform_api.conftest import ControlPlane
from tests.platform_api.deployments.there import SHOP, SPEC, There
from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.people import Team
from tests.platform_api.served import Served
from tests.platform_api.worker.scripted_runner import Script, working


@pytest.fixture
def workshop(control_plane: ControlPlane) -> Workshop:
    return Workshop(control_plane)


@pytest.fixture
def silent_log() -> Iterator[None]:
    """The worker of this process writes its log to the stdout of the commands."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    yield
    structlog.reset_defaults()


@pytest.fixture
def there(
    silent_log: None,
    control_plane: ControlPlane,
    team: Team,
    workshop: Workshop,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[There]:
    team.owner.post("/v1/organizations/acme/projects", slug="shop")
    team.owner.post(f"{SHOP}/environments", name="staging")
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "cygni.yaml").write_text(SPEC)
    monkeypatch.chdir(folder)
    for variable in OF_CI:
        monkeypatch.delenv(variable, raising=False)
    team.invite("dora", "developer")
    server = Served(control_plane.owner_url)
    made = There(server, workshop, team, Script(), folder, monkeypatch, capsys, tmp_path / "data")
    before = signal.getsignal(signal.SIGTERM)
    server.start()
    try:
        with working(workshop.worker_url, made.script):
            made.signs_in("dora@example.com")
            yield made
            made.script.held.clear()
    finally:
        server.stop()
    signal.signal(signal.SIGTERM, before)
