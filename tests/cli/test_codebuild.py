"""`cx build --tool codebuild`, with AWS left out: what it asks of CodeBuild is in tests/cygni/targets/codebuild."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cygni.targets import ecr
from cygni.targets.codebuild import building, project
from cygni.targets.codebuild.building import Order
from cygni.targets.codebuild.project import BuildProject
from tests.cli.conftest import Cx

SPEC = "project: shop\nregion: eu-west-1\nservices:\n  web:\n    port: 8000\n    build: {tag: v1}\n"
REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/staging/web"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "cygni.yaml").write_text(SPEC)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    monkeypatch.setenv("CYGNI_BUILD_TOOL", "codebuild")
    monkeypatch.setenv("CYGNI_CODEBUILD_PROJECT", "builder")
    return folder


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> list[Order]:
    """What was built; it is in ECR then."""
    built: list[Order] = []

    def build(project: BuildProject, order: Order, clients: Any, tell: Any) -> str:
        tell("Step 1/1")
        built.append(order)
        return "builder:1"

    def find(clients: Any, name: str) -> BuildProject:
        return BuildProject(name, "builds", "", "LINUX_CONTAINER")

    monkeypatch.setattr(building, "build_remotely", build)
    monkeypatch.setattr(project, "build_project", find)
    monkeypatch.setattr(ecr, "repository_address", lambda clients, repository: REPOSITORY)
    monkeypatch.setattr(ecr, "image_digest", lambda *given: "sha256:abc" if built else None)
    return built


def test_builds_and_pushes_what_ecr_lacks(cx: Cx, shop: Path, orders: list[Order]) -> None:
    done = cx("build", "-a", str(shop), "-e", "staging", "--json")
    assert done.answer["images"] == [
        {
            "service": "web",
            "reference": "shop/staging/web:v1",
            "pushed": f"{REPOSITORY}:v1",
            "digest": "sha256:abc",
            "codebuild": "builder:1",
        }
    ]
    [order] = orders
    assert (order.address, order.platform, order.region) == (f"{REPOSITORY}:v1", "linux/amd64", "eu-west-1")
    assert "Step 1/1" in done.err
    [image] = cx("build", "-a", str(shop), "-e", "staging", "--json").answer["images"]
    assert (image["codebuild"], image["digest"], len(orders)) == (None, "sha256:abc", 1)


def test_leaves_no_image_here_to_look_into(cx: Cx, shop: Path, orders: list[Order]) -> None:
    done = cx("build", "-a", str(shop), "-e", "staging", "--scan")
    assert (done.code, "CodeBuild leaves none here" in done.err, orders) == (2, True, [])


def test_is_not_for_the_local_cloud(cx: Cx, shop: Path, orders: list[Order]) -> None:
    done = cx("build", "-a", str(shop))
    assert (done.code, "CodeBuild builds on AWS" in done.err, orders) == (2, True, [])
