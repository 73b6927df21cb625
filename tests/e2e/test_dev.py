"""`cx dev`: deployed without a question, released again whatever changes, and ended by nothing but Ctrl-C."""

from __future__ import annotations

import json
import shutil
import signal
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cygni.local_cloud.balanced import eventually
from tests.e2e.project import Project, Running

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(900)]

EXAMPLE = Path(__file__).parents[2] / "examples" / "hello"
SPEC = """\
project: hello
region: us-east-1
network: {nat: none}
services:
  web:
    build: {context: web, start: python3 app.py}
    port: 8080
    env: {GREETING: hello}
    health_check: {path: /health}
    release: {bake: 1}
"""


class Developer:
    """Somebody who edits files while `cx dev` runs."""

    def __init__(self, project: Project) -> None:
        self.project = project
        (project.folder / "web").mkdir()
        self.program = project.folder / "web" / "app.py"
        shutil.copyfile(EXAMPLE / "app.py", self.program)
        self.text = self.program.read_text()
        project.write_text(SPEC)
        self.dev: Running = project.start("dev")
        assert self.says("Watching")
        self.look_where()

    def look_where(self) -> None:
        self.url = self.project.cx("outputs", "--json").json["services"]["urls"]["web"]

    def says(self, words: str, times: int = 1) -> bool:
        """Whether `cx dev` comes to say these words (so often in all) before it ends."""

        def said() -> bool:
            return self.dev.err.count(words) >= times

        eventually(lambda: said() or self.dev.process.poll() is not None, seconds=240)
        return said()

    def answer(self) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(self.url, timeout=30) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except OSError:
            return {}

    def save_version(self, version: str) -> None:
        self.program.write_text(self.text.replace('"VERSION", "1"', f'"VERSION", "{version}"'))

    def sees(self, **values: str) -> bool:
        found = eventually(self.answer, lambda one: values.items() <= one.items(), seconds=240)
        return values.items() <= found.items()


@pytest.fixture
def developer(new_project: Callable[..., Project]) -> Developer:
    project = new_project("hello")
    project.releases = True
    return Developer(project)


def test_releases_what_changes_until_it_is_interrupted(developer: Developer) -> None:
    assert developer.sees(version="1", greeting="hello")
    assert developer.says("hello 1 listens")  # the log of the service

    developer.save_version("2")
    assert developer.sees(version="2")
    assert developer.says("web: live")
    assert developer.dev.err.count("applying services") == 1  # code alone needs no engine

    developer.project.write_text(SPEC + "  nonsense: [\n")
    assert developer.says("waiting for a change", 1)
    assert developer.sees(version="2")

    developer.project.write_text(SPEC.replace("GREETING: hello", "GREETING: servus"))
    assert developer.sees(version="2", greeting="servus")
    assert developer.dev.err.count("applying services") == 2

    developer.program.write_text("raise SystemExit('broken')\n")
    assert developer.says("waiting for a change", 2)
    assert developer.says("web | broken")
    assert developer.sees(version="2", greeting="servus")

    developer.save_version("3")
    assert developer.sees(version="3", greeting="servus")

    assert developer.project.cx("local", "down").code == 0
    developer.save_version("4")
    assert developer.says("Done:", 3)  # everything anew, in another local cloud
    developer.look_where()
    assert developer.sees(version="4", greeting="servus")

    developer.dev.process.send_signal(signal.SIGINT)
    ended = developer.dev.wait()
    assert ended.code == 0
    assert "No longer watching" in ended.err
    assert "Traceback" not in ended.err
    assert developer.sees(version="4")

    assert developer.project.cx("destroy", "--yes").code == 0
    assert developer.project.inventory() == []
    assert developer.project.stacks() == []


def test_starts_with_a_project_that_cannot_be_deployed_yet(new_project: Callable[..., Project]) -> None:
    project = new_project("hello")
    project.releases = True
    project.write_text("project: hello\nnonsense: 1\n")
    dev = project.start("dev")
    assert eventually(lambda: "Watching" in dev.err, seconds=120)
    assert dev.err.count("error: ") == 1
    (project.folder / "web").mkdir()
    shutil.copyfile(EXAMPLE / "app.py", project.folder / "web" / "app.py")
    project.write_text(SPEC)
    assert eventually(lambda: "Release 1 is live" in dev.err, seconds=240), dev.err
    dev.process.send_signal(signal.SIGTERM)
    assert dev.wait().code == 0
