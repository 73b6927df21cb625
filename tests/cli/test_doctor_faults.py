"""Every fault that `cx doctor` knows: found, named, and mended by what it prints. Without the fault it finds nothing.

A fault is done to a world in which all is well; then somebody types the fix.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cygni.local_cloud import process
from cygni.settings import Settings
from stacks import examination
from tests.cli.conftest import Cx
from tests.cli.doctor_faults import account, control_plane, domain, images, machine, project, quotas, state
from tests.cli.doctor_faults.fault import Fault
from tests.cli.doctor_world import DOMAIN, Registry, World, executable, on_path, prepare
from tests.dns_server import dns_server
from tests.e2e.cloud_gate import CloudGate

SPEC: dict[str, Any] = {"domain": {"name": DOMAIN}}
FAULTS: list[Fault] = [
    *machine.FAULTS,
    *project.FAULTS,
    *state.FAULTS,
    *account.FAULTS,
    *domain.FAULTS,
    *quotas.FAULTS,
    *images.FAULTS,
    *control_plane.FAULTS,
]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("cloud")
    settings = Settings(data_dir=folder / "data", cache_dir=folder / "cache")
    process.start(settings, deadline=60)
    yield settings
    process.stop(settings)


@pytest.fixture
def world(cx: Cx, cloud: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[World]:
    gate, registry = CloudGate(process.reset(cloud).port), Registry()
    for name in [one for one in os.environ if one.startswith(("AWS_", "DOCKER_", "CYGNI_PULUMI"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{gate.port}")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("CYGNI_DATA_DIR", str(tmp_path / "own"))
    (tmp_path / "own").mkdir(mode=0o700)
    executable(tmp_path / "bin" / "pulumi", "echo v3.255.0")
    on_path(monkeypatch, tmp_path / "bin")
    cx.write(**SPEC)
    with dns_server({}, {}) as names:
        monkeypatch.setenv("CYGNI_RESOLVER", names.address)
        made = World(cx, gate, names, registry, monkeypatch, tmp_path)
        monkeypatch.setattr(examination, "planned", lambda plan: made.plan)
        prepare(made)
        with made.running:
            yield made
    registry.close()
    gate.close()


class TestFault:
    @pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id or fault.check)
    def test_is_found_named_and_mended_by_its_fix(self, world: World, fault: Fault) -> None:
        fault.before(world)
        assert world.examine(fault.check)[fault.check]["status"] in ("pass", "skip")
        fault.inject(world)
        found = world.examine(fault.check)[fault.check]
        assert (found["status"], fault.named in found["evidence"]) == (fault.status, True), found
        assert found["fix"]
        world.type(found["fix"])
        assert world.examine(fault.check)[fault.check]["status"] in ("pass", "skip"), found["fix"]
