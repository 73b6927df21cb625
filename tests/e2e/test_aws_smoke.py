"""What `make aws-smoke` does on a real account, on the local cloud."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from examples.aws_smoke import Smoke, SmokeFailed
from tests.e2e.project import Project
from tests.e2e.released import add_image

pytestmark = [pytest.mark.engine, pytest.mark.slow]

IMAGES = ("first:1", "second:1")
STEPS = ["deployed", "answers", "released again", "rolled back", "removed"]


@pytest.fixture
def smoke(project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Smoke:
    """Of the project's local cloud, which has both images."""
    folder = tmp_path / "smoke"
    project.use_data_dir(folder / "data")
    assert project.cx("local", "up").code == 0
    for name in IMAGES:
        add_image(project, tmp_path / name.partition(":")[0], name)
    for name, value in project.environ().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CYGNI_RELEASES", "on")
    return Smoke(folder, "local", IMAGES, bake=1)


def test_releases_goes_back_and_leaves_nothing(
    smoke: Smoke, project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    smoke.run(Decimal("0.25"))
    said = capfd.readouterr().err
    assert re.findall(r"^# (.*) after ", said, re.MULTILINE)[1:] == STEPS
    assert said.count("answers with 200") == 3
    assert project.inventory() == []
    assert project.stacks() == []


def test_stops_before_it_costs_more_than_allowed(smoke: Smoke, project: Project) -> None:
    with pytest.raises(SmokeFailed, match="deploy .* ended with 14"):
        smoke.run(Decimal("0.0001"))
    assert project.inventory() == []
