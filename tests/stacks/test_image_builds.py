"""What a deploy to AWS builds and pushes, with ECR in the local cloud and a small program in the place of Docker."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cygni.builder.images.tools import TOOLS
from cygni.errors import BuildFailed, UsageError
from cygni.spec import ProjectSpec
from cygni.targets.ecr import login
from cygni.targets.fargate.clients import Clients
from stacks.builds import with_tags
from stacks.image_builds import absent, hold_to_plan, image_build, image_builds, pushing
from tests.factories import create_spec

DOCKER = TOOLS[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "app.py").write_text("print('hello')")
    return tmp_path


def spec(project: str = "shop", **build: Any) -> ProjectSpec:
    given = {"context": "web", "start": "python3 app.py", **build}
    services = {"web": {"port": 80, "build": given}, "api": {"image": "a", "port": 1, "path": "/a"}}
    return create_spec(project=project, environment="staging", services=services)


class TestImages:
    def test_are_of_services_that_name_no_tag(self, folder: Path) -> None:
        [one] = image_builds(spec(), folder)
        assert (one.service, one.platform, one.repository) == ("web", "linux/amd64", "shop/staging/web")
        assert image_builds(spec(tag="v1"), folder) == ()
        assert image_builds(with_tags(spec(), folder), folder) == (one,)

    def test_have_a_tag_of_all_they_are_made_from(self, folder: Path) -> None:
        tags = [
            image_build(spec(), folder, "web").tag,
            image_build(spec(start="python3 -u app.py"), folder, "web").tag,
        ]
        (folder / "web" / "app.py").write_text("print('servus')")
        tags.append(image_build(spec(), folder, "web").tag)
        (folder / "web" / "Dockerfile").write_text("FROM scratch\n")
        tags.append(image_build(spec(), folder, "web").tag)
        assert len(set(tags)) == 4
        assert image_build(spec(tag="v1"), folder, "web").tag == "v1"

    def test_start_what_cygni_yaml_says(self, folder: Path) -> None:
        one = image_build(spec(start="python3 -u app.py"), folder, "web")
        assert one.source.dockerfile.endswith('CMD ["python3", "-u", "app.py"]\n')

    def test_of_nothing_known_are_an_error_of_the_plan(self, folder: Path) -> None:
        (folder / "web" / "app.py").unlink()
        with pytest.raises(UsageError, match="nothing tells what starts|knows no image"):
            with_tags(spec(), folder)

    def test_are_those_that_were_planned(self, folder: Path) -> None:
        planned = with_tags(spec(), folder)
        hold_to_plan(image_builds(planned, folder), planned)
        (folder / "web" / "app.py").write_text("changed meanwhile")
        with pytest.raises(BuildFailed, match="the files of web changed after the plan"):
            hold_to_plan(image_builds(planned, folder), planned)


class TestRegistry:
    def test_has_what_was_pushed_and_that_is_not_built_again(
        self, folder: Path, clients: Clients, aws: Callable[..., Any]
    ) -> None:
        [one] = image_builds(spec(f"s{uuid.uuid4().hex[:8]}"), folder)
        assert absent([one], clients) == (one,)  # no repository yet
        aws("ecr").create_repository(repositoryName=one.repository)
        assert absent([one], clients) == (one,)
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "layers": [],
        }
        aws("ecr").put_image(
            repositoryName=one.repository, imageManifest=json.dumps(manifest), imageTag=one.tag
        )
        assert absent([one], clients) == ()

    def test_is_logged_in_to_once_for_all_that_is_pushed(
        self, folder: Path, clients: Clients, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        [one] = image_builds(spec(f"s{uuid.uuid4().hex[:8]}"), folder)
        docker = folder / "bin" / "docker"
        docker.parent.mkdir()
        docker.write_text(f'#!/bin/sh\necho "$@" >> {folder}/log\n')
        docker.chmod(0o755)
        monkeypatch.setenv("PATH", f"{docker.parent}{os.pathsep}{os.environ['PATH']}")
        given = login(clients)
        with pushing(DOCKER, given, lambda line: None) as push:
            assert push(one) == push(one) == f"{given.registry}/{one.reference}"
        words = [line.split()[0] for line in (folder / "log").read_text().splitlines()]
        assert words == ["login", *["tag", "push", "rmi"] * 2]
