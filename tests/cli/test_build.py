"""`cx build` from the outside, with a small program in the place of Docker."""

from __future__ import annotations

import json
import os
import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import RegistryUnreachable
from cygni.local_cloud import process
from cygni.local_cloud.process import LocalCloud
from stacks import base_pins
from tests.cli.conftest import Cx

SPEC = """\
project: shop
region: us-east-1
services:
  web:
    port: 8000
    build: {tag: v1}
  api:
    path: /api
    port: 80
    image: nginx:1
"""
DOCKER = """\
#!/bin/sh
case "$1" in version) echo 28; exit;; esac
for one in "$@"; do case "$one" in --iidfile=*) echo sha256:abc > "${one#--iidfile=}";; esac; done
echo '#5 [build 2/2] RUN pip install -r requirements.txt'
echo '#5 CACHED'
"""


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "cygni.yaml").write_text(SPEC, encoding="utf-8")
    (folder / "requirements.txt").write_text("flask\n", encoding="utf-8")
    (folder / "app.py").write_text("from flask import Flask\napp = Flask(__name__)\n", encoding="utf-8")
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(DOCKER, encoding="utf-8")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{docker.parent}{os.pathsep}{os.environ['PATH']}")
    return folder


def test_builds_what_has_a_build(cx: Cx, shop: Path) -> None:
    [image] = cx("build", "-a", str(shop), "--json").answer["images"]
    assert image["reference"] == "shop/local/web:v1"
    assert (image["service"], image["image_id"], image["steps"], image["cached"]) == (
        "web",
        "sha256:abc",
        1,
        1,
    )


def test_tells_people_what_it_does(cx: Cx, shop: Path) -> None:
    done = cx("build", "-a", str(shop))
    assert "web: from a Dockerfile that Cygni wrote, with docker" in done.err
    assert "1 of 1 steps from the cache" in done.err
    assert done.out == ""


def test_prints_the_dockerfile(cx: Cx, shop: Path) -> None:
    done = cx("build", "web", "-a", str(shop), "--print")
    assert done.out.startswith("# Written by Cygni for python with flask")


def test_builds_a_member_of_a_workspace_from_its_root(cx: Cx, shop: Path) -> None:
    (shop / "pyproject.toml").write_text("[tool.uv.workspace]\nmembers = ['api']\n", encoding="utf-8")
    (shop / "uv.lock").touch()
    (shop / ".dockerignore").touch()
    (shop / "api").mkdir()
    (shop / "api" / "pyproject.toml").write_text("[project]\nname = 'api'\n", encoding="utf-8")
    (shop / "api" / "main.py").write_text("if __name__ == '__main__':\n    print()\n", encoding="utf-8")
    text = SPEC.replace("{tag: v1}", "{context: api}")
    (shop / "cygni.yaml").write_text(text, encoding="utf-8")
    printed = cx("build", "web", "-a", str(shop), "--print").out
    assert "# Of api in a workspace: the context is the root of that.\n" in printed
    asked = shop.parent / "asked"
    (shop.parent / "bin" / "docker").write_text(f'{DOCKER}echo "$@" > {asked}\n', encoding="utf-8")
    done = cx("build", "-a", str(shop))
    assert (done.code, "Cygni wrote for api of the workspace in" in done.err) == (0, True), done.err
    assert asked.read_text(encoding="utf-8").endswith(f" {shop}\n")


def test_pins_bases_and_needs_no_registry_afterwards(
    cx: Cx, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base, digest, newer = "python:3.13-bookworm", f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"
    asked: list[str] = []
    answers: dict[str, str] = {base: digest}

    def digest_of(image: str) -> str:
        asked.append(image)
        if image not in answers:
            raise RegistryUnreachable("the registry does not answer")
        return answers[image]

    monkeypatch.setattr(base_pins, "digest_of", digest_of)
    assert f"FROM {base} AS" in cx("build", "web", "-a", str(shop), "--print").out
    assert cx("build", "-a", str(shop)).code == 0
    assert asked == []  # nothing is pinned before somebody asks for it
    printed = cx("build", "web", "-a", str(shop), "--print", "--update-bases")
    assert f"FROM {base}@{digest} AS" in printed.out
    assert "FROM python:3.13-slim-bookworm\n" in printed.out
    assert "python:3.13-slim-bookworm is not pinned anew, its tag is used" in printed.err
    assert (json.loads((shop / "cygni.lock").read_text())) == {"bases": {base: digest}}
    asked.clear()
    assert cx("build", "-a", str(shop)).code == 0
    assert asked == ["python:3.13-slim-bookworm"]  # what the lock lacks
    answers[base] = newer
    assert f"@{digest} AS" in cx("build", "web", "-a", str(shop), "--print").out
    assert f"@{newer} AS" in cx("build", "web", "-a", str(shop), "--print", "--update-bases").out
    answers.clear()
    kept = cx("build", "web", "-a", str(shop), "--print", "--update-bases")
    assert f"@{newer} AS" in kept.out
    assert f"{base} is not pinned anew, the digest it had stays" in kept.err


def test_refuses_a_service_that_is_not_built(cx: Cx, shop: Path) -> None:
    done = cx("build", "api", "-a", str(shop))
    assert (done.code, "api runs an image that is made elsewhere" in done.err) == (2, True)
    assert 'did you mean "web"' in cx("build", "wep", "-a", str(shop)).err


def test_says_what_went_wrong_in_the_build(cx: Cx, shop: Path, tmp_path: Path) -> None:
    failing = DOCKER.replace("for one in", "echo 'no such package: flaks'; exit 1\nfor one in")
    (tmp_path / "bin" / "docker").write_text(failing, encoding="utf-8")
    done = cx("build", "-a", str(shop), "--json")
    error = done.answer["error"]
    assert error["code"] == "build_failed"
    assert error["details"]["last_lines"] == ["no such package: flaks"]
    assert (done.err.count("no such package: flaks"), "flaks" in error["message"]) == (1, False)


def test_pushes_to_the_registry_of_the_local_cloud(
    cx: Cx, shop: Path, aws: Callable[..., Any], local_cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "start", lambda: local_cloud)
    log = shop.parent / "log"
    (shop.parent / "bin" / "docker").write_text(f'{DOCKER}echo "$1 $2" >> {log}\n', encoding="utf-8")
    project = f"s{uuid.uuid4().hex[:8]}"
    (shop / "cygni.yaml").write_text(SPEC.replace("shop", project), encoding="utf-8")
    done = cx("build", "-a", str(shop), "--push", "--json")
    assert (done.code, done.answer["error"]["code"]) == (6, "not_found")
    assert not log.exists()  # said before anything is built
    aws("ecr").create_repository(repositoryName=f"{project}/local/web")
    [image] = cx("build", "-a", str(shop), "--push", "--json").answer["images"]
    assert image["pushed"].startswith("127.0.0.1:")
    assert image["pushed"].endswith(f"/{project}/local/web:v1")
    assert f"push {image['pushed']}" in log.read_text(encoding="utf-8")


def test_signs_nothing_that_is_not_pushed(cx: Cx, shop: Path) -> None:
    done = cx("build", "-a", str(shop), "--sign")
    assert (done.code, "--sign is for what is pushed" in done.err) == (2, True)


def test_says_what_is_not_installed_before_it_builds(
    cx: Cx, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{shop.parent / 'bin'}{os.pathsep}/bin")
    done = cx("build", "-a", str(shop), "--sbom", str(shop))
    assert (done.code, "syft is not installed" in done.err, "from a Dockerfile" in done.err) == (
        2,
        True,
        False,
    )


def test_refuses_a_folder_of_ten_gigabytes_before_it_builds(cx: Cx, shop: Path) -> None:
    with (shop / "dump.sql").open("wb") as file:
        file.truncate(10 * 1024**3)
    done = cx("build", "-a", str(shop), "--json")
    assert (done.code, done.answer["error"]["code"]) == (2, "build_context_refused")
    assert done.answer["error"]["details"]["largest"][0]["path"] == "dump.sql"
    text = SPEC.replace("{tag: v1}", "{tag: v1, context_limit: 20000}")
    (shop / ".dockerignore").write_text("dump.sql\n", encoding="utf-8")
    assert cx("build", "-a", str(shop)).code == 0
    (shop / ".dockerignore").unlink()
    (shop / "cygni.yaml").write_text(text, encoding="utf-8")
    assert cx("build", "--print", "-a", str(shop)).code == 0


def test_says_which_base_image_is_missing_and_leaves_nothing(
    cx: Cx, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    (shop / "Dockerfile").write_text("FROM nosuch:1\n", encoding="utf-8")
    said = (
        "ERROR: failed to solve: failed to resolve source metadata for docker.io/library/nosuch:1: not found"
    )
    failing = DOCKER.replace("for one in", f"echo '{said}'; exit 1\nfor one in")
    (tmp_path / "bin" / "docker").write_text(failing, encoding="utf-8")
    error = cx("build", "-a", str(shop), "--json").answer["error"]
    assert (error["code"], error["details"]["base"]) == ("base_image_missing", "docker.io/library/nosuch:1")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_gives_the_build_the_secrets_it_names(
    cx: Cx, shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = SPEC.replace("{tag: v1}", "{tag: v1, secrets: {PIP_INDEX_URL: env:MY_INDEX}}")
    (shop / "cygni.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "bin" / "docker").write_text(f"{DOCKER}echo $@ >> {tmp_path}/asked\n", encoding="utf-8")
    monkeypatch.delenv("MY_INDEX", raising=False)
    error = cx("build", "-a", str(shop), "--json").answer["error"]
    assert (error["code"], "MY_INDEX is not set" in error["message"]) == ("build_secret_missing", True)
    monkeypatch.setenv("MY_INDEX", "https://me:hunter2@pip.example.org")
    done = cx("build", "-a", str(shop), "--debug")
    assert done.code == 0, done.err
    asked = (tmp_path / "asked").read_text(encoding="utf-8")
    assert "--secret=id=PIP_INDEX_URL,src=" in asked
    assert "hunter2" not in asked + done.err + done.out
    printed = cx("build", "web", "--print", "-a", str(shop)).out
    assert "--mount=type=secret,id=PIP_INDEX_URL" in printed


def test_refuses_a_secret_that_is_written_in_cygni_yaml(cx: Cx, shop: Path) -> None:
    text = SPEC.replace("{tag: v1}", "{tag: v1, secrets: {TOKEN: ghp_abcdef}}")
    (shop / "cygni.yaml").write_text(text, encoding="utf-8")
    done = cx("build", "-a", str(shop), "--json")
    assert (done.code, done.answer["error"]["code"]) == (2, "spec_invalid")
    assert "refer to a secret, never write one" in json.dumps(done.answer)
    assert "ghp_abcdef" not in done.out + done.err + cx("build", "-a", str(shop)).err
