"""From `cx init` to an answer, as a newcomer goes: templates of every language that this machine has the tools of.

Several templates are deployed as one project, each a service of its own, so that one deploy shows them all. Those that
fetch packages need the registries of their languages, and run where CYGNI_TEST_REGISTRIES is 1.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from cygni.local_cloud import process
from tests.cygni.local_cloud.balanced import eventually
from tests.e2e.project import Project
from tests.e2e.reader import Reader

pytestmark = [pytest.mark.engine, pytest.mark.slow]

DOCS = Path(__file__).parents[2] / "docs"
TOOLS = {
    "python": "python3",
    "node": "node",
    "go": "go",
    "rust": "cargo",
    "java": "java",
    "static": "python3",
    "worker": "python3",
    "shell": "sh",
    "flask": "pip3",
    "fastapi": "pip3",
    "django": "pip3",
    "express": "npm",
    "nextjs": "npm",
    "spring-boot": "mvn",
}
ALONE = ["static", "python", "node", "go", "rust", "java", "worker", "shell"]
WITH_PACKAGES = ["nextjs", "flask", "fastapi", "django", "express", "spring-boot"]
WORKERS = {"worker", "shell"}

GUIDES = {
    "python": "python",
    "node": "node",
    "go": "go",
    "rust": "rust",
    "java": "java",
    "static-sites": "static",
}
"""Guides whose program is a template's, with its name."""

registries = pytest.mark.skipif(
    os.environ.get("CYGNI_TEST_REGISTRIES") != "1", reason="fetches packages: set CYGNI_TEST_REGISTRIES=1"
)


def answered(url: str) -> tuple[int, str]:
    """Status and body of what a service answers; nothing while it does not."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, ""
    except OSError:
        return 0, ""


def first_answer(url: str, *statuses: int) -> tuple[int, str]:
    """The first answer with one of `statuses` (200), or the last there was after a minute."""
    return eventually(partial(answered, url), lambda one: one[0] in (statuses or (200,)), seconds=60)


def do_what_the_guide_asks(project: Project, guide: str, folder: str) -> None:
    """The last command of a guide, with the name that its service has in a project of several. Its other commands are tried without
    an engine (tests/architecture/test_guides.py), and its program is the template's."""
    page = (DOCS / "guides" / f"{guide}.md").read_text(encoding="utf-8")
    [command] = re.findall(r"^curl .*$", page, re.MULTILINE)
    services = yaml.safe_load((project.folder / "cygni.yaml").read_text(encoding="utf-8"))["services"]
    [service] = [name for name, one in services.items() if one["build"]["context"] == folder]
    [wanted] = re.findall(r"^It answers `(.*?)`", page, re.MULTILINE)
    done = subprocess.run(
        ["/bin/sh", "-c", command.replace("services.urls.web", f"services.urls.{service}")],
        cwd=project.folder,
        env=project.environ(PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, wanted in done.stdout) == (0, True), (guide, done)


def have(name: str) -> bool:
    return shutil.which(TOOLS[name]) is not None


@pytest.fixture
def begin(new_project: Callable[..., Project]) -> Callable[[list[str]], Project]:
    """A project of templates in folders beside each other, with the cygni.yaml that `cx init` writes for all."""

    def made(names: list[str]) -> Project:
        project = new_project("hello")
        project.releases = True
        for name in names:
            done = project.cx("init", name, "--template", name, "--json")
            assert done.code == 0, done.err
            (project.folder / name / "cygni.yaml").unlink()
        done = project.cx("init", "--name", "hello", "--json")
        assert done.code == 0, done.err
        return project

    return made


def deployed(project: Project, seconds: float = 400) -> dict[str, str]:
    """The addresses of the services. Tools of languages find what they have installed and cached in the home of whoever
    runs the tests."""
    done = project.cx("deploy", "--yes", "--timeout", "20m", env={"HOME": str(Path.home())}, seconds=seconds)
    assert done.code == 0, done.err[-3000:]
    return urls(project)


def urls(project: Project) -> dict[str, str]:
    found: dict[str, Any] = project.cx("outputs", "--json").json
    return dict(found["services"]["urls"])


@pytest.mark.timeout(600)
def test_the_quick_start_does_what_it_says(
    new_project: Callable[..., Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make test ARGS="-s tests/e2e/test_init.py"` shows how long the first answer takes; the goal is a minute with warm
    caches. What is installed in its first section is what runs here."""
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    project = new_project("hello")
    project.releases = True
    reader = Reader(project, DOCS / "quick-start.md")
    assert reader.blocks.pop("Install")[0].startswith("make setup ")
    begun = time.monotonic()
    assert "to create" in reader.do("Begin")
    project.folder = reader.folder
    assert reader.do("Deploy").endswith("hello\n")
    print(f"cx init to the first answer: {time.monotonic() - begun:.1f} s")  # noqa: T201  # what the test is for
    assert reader.do("Change something").endswith("good morning\n")
    assert "\nhello\n" in reader.do("Go back")
    reader.do("Clean up")
    assert process.status(project.settings) is None
    assert reader.blocks == {}, "a section that nobody has tried"


def test_templates_without_packages_answer(begin: Callable[[list[str]], Project]) -> None:
    names = [name for name in ALONE if have(name)]
    assert {"static", "python", "worker", "shell"} <= set(names)
    project = begin(names)
    found = deployed(project)
    assert len(found) == len([name for name in names if name not in WORKERS])
    for name, url in found.items():
        assert "hello" in first_answer(url)[1], name
    for guide, name in GUIDES.items():
        if name in names:
            do_what_the_guide_asks(project, guide, name)
    for worker in WORKERS:
        wanted = partial(project.cx, "logs", worker)
        assert "worked" in eventually(wanted, lambda one: "worked" in one.out, seconds=60).out, worker


@registries
def test_templates_with_packages_are_healthy(begin: Callable[[list[str]], Project]) -> None:
    """A deploy ends with 0 only when each has answered its health check."""
    names = [name for name in WITH_PACKAGES if have(name)]
    project = begin(names)
    found = deployed(project, seconds=1200)
    assert len(found) == len(names)
    for name, url in found.items():
        assert first_answer(url, 200, 404)[0] in (200, 404), name  # the prefix is no path of theirs


def test_every_template_is_deployed_by_one_of_these() -> None:
    from cygni.builder.scaffold.template import templates

    assert {one.name for one in templates()} == {*ALONE, *WITH_PACKAGES, "two-services"}


def test_two_services_answer_side_by_side(new_project: Callable[..., Project]) -> None:
    project = new_project("hello")
    project.releases = True
    assert project.cx("init", "--template", "two-services", "--name", "hello").code == 0
    found = deployed(project)
    assert first_answer(found["api"]) == (200, "hello from the api\n")
    assert "<h1" in first_answer(found["site"])[1]


def test_the_folder_of_the_templates_is_the_one_that_is_installed() -> None:
    from cygni.builder.scaffold import template

    assert Path(template.__file__).parent == template.FOLDER.parent
