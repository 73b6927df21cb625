from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cygni.releases.settings import CanaryStep, GateSettings, ReleaseSettings, Strategy
from cygni.spec import ProjectSpec, load_spec
from stacks.builds import with_tags
from stacks.quick_release import changed_images, hasty, with_dependents, with_revisions

SPEC = """\
project: shop
region: us-east-1
services:
  web:
    build: {context: web, start: python3 app.py}
    port: 8080
    release: {before: migrate}
  worker:
    kind: worker
    build: {context: worker, start: python3 app.py}
  migrate:
    kind: job
    build: {context: migrate, start: python3 app.py}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("web", "worker", "migrate"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text("print(1)\n")
    (tmp_path / "cygni.yaml").write_text(SPEC)
    return tmp_path


def tagged(folder: Path) -> ProjectSpec:
    return with_tags(load_spec(folder / "cygni.yaml", "local"), folder)


class TestChangedImages:
    def test_are_those_whose_files_are_others(self, folder: Path) -> None:
        before = tagged(folder)
        assert changed_images(before, tagged(folder)) == frozenset()
        (folder / "worker" / "app.py").write_text("print(2)\n")
        assert changed_images(before, tagged(folder)) == frozenset({"worker"})

    @pytest.mark.parametrize(
        ("old", "new"),
        [("8080", "8081"), ("  worker:\n", "  other:\n"), ("start: python3", "start: python3 -u")],
    )
    def test_are_not_told_where_anything_else_has_changed(self, folder: Path, old: str, new: str) -> None:
        before = tagged(folder)
        (folder / "cygni.yaml").write_text(SPEC.replace(old, new, 1))
        (folder / "worker" / "app.py").write_text("print(2)\n")
        assert changed_images(before, tagged(folder)) is None


RULES = {
    "web": ReleaseSettings(
        strategy=Strategy.CANARY,
        canary=(CanaryStep(5, 60.0),),
        before="migrate",
        approve=True,
        group="front",
        gates=GateSettings(alarms=("errors",), smoke=("true",)),
    ),
    "worker": ReleaseSettings(strategy=Strategy.RECREATE, depends_on=("web",)),
}


class TestHasty:
    def test_waits_for_nothing_but_healthy_tasks(self) -> None:
        web = hasty(RULES, ["web"])["web"]
        assert (web.strategy, web.canary, web.bake, web.warm) == (Strategy.BLUE_GREEN, (), 0.0, 0.0)
        assert not web.approve
        assert web.gates == GateSettings(error_tolerance=None, latency_factor=None)

    def test_keeps_what_belongs_together_and_what_must_never_run_twice(self) -> None:
        found = hasty(RULES, ["web"])
        assert found["web"].group == "front"
        assert found["worker"].depends_on == ("web",)
        assert found["worker"].strategy is Strategy.RECREATE

    def test_runs_a_job_where_it_is_new_alone(self) -> None:
        assert hasty(RULES, ["web"])["web"].before == ""
        assert hasty(RULES, ["web", "migrate"])["web"].before == "migrate"

    def test_releases_what_waits_for_a_new_job(self) -> None:
        assert with_dependents(["migrate"], RULES) == {"migrate", "web"}
        assert with_dependents(["worker"], RULES) == {"worker"}


class Ecs:
    """ECS, with one revision of everything."""

    def __init__(self) -> None:
        self.registered: list[dict[str, Any]] = []

    def describe_task_definition(self, **asked: Any) -> dict[str, Any]:
        assert asked["include"] == ["TAGS"]
        containers = [
            {"name": "app", "image": "registry.test:5000/shop:old"},
            {"name": "sidecar", "image": "envoy:1"},
        ]
        known = {
            "family": asked["taskDefinition"],
            "cpu": "256",
            "revision": 1,
            "containerDefinitions": containers,
        }
        return {"taskDefinition": known, "tags": [{"key": "cygni:urn", "value": "urn:1"}]}

    def register_task_definition(self, **given: Any) -> dict[str, Any]:
        self.registered.append(given)
        return {"taskDefinition": {"taskDefinitionArn": f"{given['family']}:2"}}


def test_registers_the_revision_there_is_with_another_image(folder: Path) -> None:
    ecs, spec = Ecs(), tagged(folder)
    outputs = {
        "urls": {"web": "http://shop"},
        "running": {"web": {"taskDefinition": "web", "count": 1}, "worker": {"taskDefinition": "worker"}},
        "jobs": {"migrate": {"taskDefinitionArn": "migrate"}},
    }
    found = with_revisions(outputs, spec, ["web", "migrate"], lambda service: ecs)  # type: ignore[arg-type]
    assert found["running"]["web"] == {"taskDefinition": "web:2", "count": 1}
    assert found["running"]["worker"] == {"taskDefinition": "worker"}
    assert found["jobs"]["migrate"] == {"taskDefinitionArn": "migrate:2"}
    assert outputs["running"]["web"]["taskDefinition"] == "web"  # type: ignore[index]
    web = ecs.registered[0]
    build = spec.services["web"].build
    assert build is not None
    assert [one["image"] for one in web["containerDefinitions"]] == [
        f"registry.test:5000/shop:{build.tag}",
        "envoy:1",
    ]
    assert web["tags"] == [{"key": "cygni:urn", "value": "urn:1"}]
    assert "revision" not in web
