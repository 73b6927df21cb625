"""A deploy to AWS builds what is missing before anything is applied, and pushes it after that."""

from __future__ import annotations

import os
import re
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from cygni.builder.images.publishing import Login
from cygni.errors import BuildFailed
from cygni.targets import ecr
from stacks import image_builds
from stacks.image_builds import ImageBuild
from tests.cli.conftest import Cx

SERVICES: dict[str, Any] = {"web": {"port": 80, "build": {"context": "web", "start": "python3 app.py"}}}
DOCKER = """\
#!/bin/sh
[ "$1" = version ] && echo 28 && exit
echo built >> {order}
for one in "$@"; do case "$one" in --iidfile=*) echo sha256:abc > "${{one#--iidfile=}}";; esac; done
{more}
"""


@pytest.fixture
def order(cx: Cx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with what was done, in order; the registry is empty."""
    file = tmp_path / "order"
    file.touch()
    (cx.folder / "web").mkdir()
    (cx.folder / "web" / "app.py").write_text("print('hello')")
    cx.write(services=SERVICES)
    docker(tmp_path, file)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(image_builds, "absent", lambda builds, clients: tuple(builds))

    def push(one: ImageBuild) -> str:
        note(file, "pushed", cx)
        return f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{one.reference}"

    monkeypatch.setattr(image_builds, "pushing", lambda *given: nullcontext(push))
    monkeypatch.setattr(ecr, "login", lambda clients: Login("123456789012.dkr.ecr", "AWS", "secret"))
    return file


def docker(tmp_path: Path, order: Path, more: str = "") -> None:
    program = tmp_path / "bin" / "docker"
    program.parent.mkdir(exist_ok=True)
    program.write_text(DOCKER.format(order=order, more=more))
    program.chmod(0o755)


def note(file: Path, what: str, cx: Cx) -> None:
    file.write_text(f"{file.read_text()}{what}{' after the apply' if cx.changed_anything else ''}\n")


def test_builds_before_and_pushes_after_the_apply(cx: Cx, order: Path) -> None:
    done = cx("deploy", "-y", "-e", "staging")
    assert done.code == 0, done.err
    assert order.read_text().splitlines() == ["built", "pushed after the apply"]
    assert "web: pushed as 123456789012.dkr.ecr" in done.err


def test_says_what_will_be_built_of_what_before_it_asks(cx: Cx, order: Path) -> None:
    cx.answers("n\n")
    done = cx("deploy", "-e", "staging")
    assert (done.code, order.read_text()) == (8, "")
    told = r"is not in ECR; docker builds it from a Dockerfile that Cygni wrote, on python:[\d.]+-slim-bookworm\n"
    found = re.search(told, done.err)
    assert found
    assert found.start() < done.err.index("[y/N]")


def test_changes_nothing_when_a_build_fails(cx: Cx, order: Path, tmp_path: Path) -> None:
    docker(tmp_path, order, "echo no such package; exit 1")
    done = cx("deploy", "-y", "-e", "staging", "--json")
    assert done.answer["error"]["code"] == "build_failed"
    assert not cx.changed_anything


def test_can_be_repeated_when_a_push_failed(cx: Cx, order: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    working = image_builds.pushing

    def failing(*given: object) -> Any:
        raise BuildFailed("docker push ended with 1")

    monkeypatch.setattr(image_builds, "pushing", failing)
    assert cx("deploy", "-y", "-e", "staging").code != 0
    monkeypatch.setattr(image_builds, "pushing", working)
    done = cx("deploy", "-y", "-e", "staging")
    assert (done.code, "pushed as" in done.err) == (0, True), done.err


def test_builds_nothing_that_is_there(cx: Cx, order: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image_builds, "absent", lambda builds, clients: ())
    assert cx("deploy", "-y", "-e", "staging").code == 0
    assert order.read_text() == ""
