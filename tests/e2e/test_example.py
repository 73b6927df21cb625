"""examples/hello, as a newcomer deploys it: a program that answers, and its next version."""

from __future__ import annotations

import json
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cygni.local_cloud.balanced import eventually
from tests.e2e.project import Project

pytestmark = [pytest.mark.engine, pytest.mark.slow]

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello"


@pytest.fixture
def hello(new_project: Callable[..., Project]) -> Project:
    project = new_project("hello")
    project.releases = True
    shutil.copytree(EXAMPLE, project.folder, dirs_exist_ok=True)
    return project


def answered(url: str) -> dict[str, Any]:
    """What the service answers, with its version as the header says it; nothing while it does not."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return {**json.load(answer), "header": answer.headers["X-Version"]}
    except (OSError, ValueError):
        return {}


def test_answers_after_a_deploy_with_what_was_deployed_last(hello: Project) -> None:
    assert hello.cx("deploy", "--yes").code == 0
    url = hello.cx("outputs", "--json").json["services"]["urls"]["web"]
    told = eventually(lambda: answered(url), seconds=60)
    assert told == {"greeting": "hello", "version": "1", "path": "/", "header": "1"}
    assert hello.cx("diff", "--detailed-exit-code").code == 0  # the same files are the same image
    program = hello.folder / "app.py"
    program.write_text(program.read_text().replace('"VERSION", "1"', '"VERSION", "2"'))
    assert hello.cx("diff", "--detailed-exit-code").code == 10
    assert hello.cx("deploy", "--yes").code == 0
    assert (
        eventually(lambda: answered(url), lambda one: one.get("header") == "2", seconds=60)["version"] == "2"
    )
    text = (hello.folder / "cygni.yaml").read_text()
    hello.write_text(text.replace("start: python3 app.py", "start: python3 app.py\n      steps: [exit 3]"))
    refused = hello.cx("deploy", "--yes", "--json")
    assert refused.json["error"]["code"] == "build_failed"
    assert answered(url)["version"] == "2"
    hello.write_text(text)
    destroyed = hello.cx("destroy", "--yes", "--allow-destroy", "uploads")
    assert destroyed.code == 0, destroyed.err
    assert hello.inventory() == []
