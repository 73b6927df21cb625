"""`cx build` and `cx deploy` with `--tool codebuild`, with AWS left out: what it asks of CodeBuild is in tests/cygni/targets/codebuild."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.remote_builds import BuildChoice
from cygni.builder.images.remote import RemoteOrder
from cygni.errors import BuildFailed, NotFound
from cygni.targets import ecr
from cygni.targets.codebuild import building, project
from cygni.targets.codebuild.project import BuildProject
from stacks import image_builds
from tests.cli.conftest import Cx

SPEC = "project: shop\nregion: eu-west-1\nservices:\n  web:\n    port: 8000\n    build: {tag: v1}\n"
REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/staging/web"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "cygni.yaml").write_text(SPEC)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    return folder


@pytest.fixture
def orders(monkeypatch: pytest.MonkeyPatch) -> list[RemoteOrder]:
    """What was built; it is in ECR then."""
    monkeypatch.setenv("CYGNI_BUILD_TOOL", "codebuild")
    monkeypatch.setenv("CYGNI_CODEBUILD_PROJECT", "builder")
    built: list[RemoteOrder] = []

    def build(project: BuildProject, order: RemoteOrder, clients: Any, tell: Any) -> str:
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


def test_builds_and_pushes_what_ecr_lacks(cx: Cx, shop: Path, orders: list[RemoteOrder]) -> None:
    done = cx("build", "-a", str(shop), "-e", "staging", "--json")
    assert done.answer["images"] == [
        {
            "service": "web",
            "reference": "shop/staging/web:v1",
            "pushed": f"{REPOSITORY}:v1",
            "digest": "sha256:abc",
            "tool": "codebuild",
            "build": "builder:1",
        }
    ]
    [order] = orders
    assert (order.address, order.platform, order.region) == (f"{REPOSITORY}:v1", "linux/amd64", "eu-west-1")
    assert "Step 1/1" in done.err
    [image] = cx("build", "-a", str(shop), "-e", "staging", "--json").answer["images"]
    assert (image["build"], image["digest"], len(orders)) == (None, "sha256:abc", 1)


def test_leaves_no_image_here_to_look_into(cx: Cx, shop: Path, orders: list[RemoteOrder]) -> None:
    done = cx("build", "-a", str(shop), "-e", "staging", "--scan")
    assert (done.code, "a build elsewhere leaves none here" in done.err, orders) == (2, True, [])


def test_is_not_for_the_local_cloud(cx: Cx, shop: Path, orders: list[RemoteOrder]) -> None:
    done = cx("build", "-a", str(shop))
    assert (done.code, "pushes to AWS" in done.err, orders) == (2, True, [])


class TestDeploy:
    @pytest.fixture
    def order(self, cx: Cx, orders: list[RemoteOrder], monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """What was done, in order; nothing is in ECR."""
        done: list[str] = []
        (cx.folder / "Dockerfile").write_text("FROM scratch\n")
        cx.write(services={"web": {"port": 80, "build": {}}})
        monkeypatch.setattr(image_builds, "absent", lambda builds, clients: tuple(builds))
        remotely = building.build_remotely

        def build(*given: Any) -> str:
            done.append("built after the apply" if cx.changed_anything else "built")
            return remotely(*given)

        monkeypatch.setattr(building, "build_remotely", build)
        return done

    def test_builds_before_the_apply_where_the_repository_is_there(self, cx: Cx, order: list[str]) -> None:
        done = cx("deploy", "-y", "-e", "staging")
        assert (done.code, order) == (0, ["built"]), done.err
        assert "is not in ECR; CodeBuild (project builder) builds it from its Dockerfile" in done.err
        assert done.err.index("Step 1/1") < done.err.index("Done:")

    def test_builds_once_the_apply_made_the_repository(
        self, cx: Cx, order: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def address(clients: Any, repository: str) -> str:
            if not cx.changed_anything:
                raise NotFound(f"there is no repository {repository}")
            return REPOSITORY

        monkeypatch.setattr(ecr, "repository_address", address)
        done = cx("deploy", "-y", "-e", "staging")
        assert (done.code, order) == (0, ["built after the apply"]), done.err

    def test_changes_nothing_where_it_fails(
        self, cx: Cx, order: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(*given: Any) -> str:
            raise BuildFailed("CodeBuild says FAILED")

        monkeypatch.setattr(building, "build_remotely", fail)
        done = cx("deploy", "-y", "-e", "staging", "--json")
        assert done.answer["error"]["code"] == "build_failed"
        assert not cx.changed_anything

    def test_asks_nobody_where_it_cannot_build(self, cx: Cx, order: list[str]) -> None:
        build = {"secrets": {"npmrc": "file:~/.npmrc"}}
        cx.write(services={"web": {"port": 80, "build": build}})
        done = cx("deploy", "-e", "staging")
        assert (done.code, order, "[y/N]" in done.err) == (2, [], False)
        assert "which CodeBuild cannot read" in done.err

    def test_stops_where_the_registry_has_nothing_afterwards(
        self, cx: Cx, order: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ecr, "image_digest", lambda *given: None)
        done = cx("deploy", "-y", "-e", "staging")
        assert (done.code, "is not in ECR, though builder:1 ended well" in done.err) == (1, True)
        assert not cx.changed_anything


def test_a_deploy_that_is_detached_builds_with_the_same() -> None:
    choice = BuildChoice("codebuild", "builder")
    assert choice.arguments == ["--tool", "codebuild", "--codebuild-project", "builder"]
    assert BuildChoice().arguments == []


def test_a_build_on_a_cluster_says_what_it_lacks_before_it_asks(
    cx: Cx, shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(ecr, "repository_address", lambda clients, repository: REPOSITORY)
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    build = ("build", "-a", str(shop), "-e", "staging", "--tool", "kubernetes")
    done = cx(*build)
    assert (done.code, "Set CYGNI_BUILD_BUCKET" in done.err) == (2, True)
    monkeypatch.setenv("CYGNI_BUILD_BUCKET", "builds")
    done = cx(*build)
    assert (done.code, "there is no kubeconfig" in done.err) == (2, True)
