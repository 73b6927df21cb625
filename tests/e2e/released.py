"""A project with one web service that runs on the local cloud, and what tests of its releases look at."""

from __future__ import annotations

import shutil
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.project import Project

APP = Path(__file__).with_name("release_app.py")
WEB: dict[str, Any] = {
    "image": "app:1",
    "port": 8080,
    "count": 2,
    "health_check": {"path": "/health"},
    "stop_timeout": 5,
    "deregistration_delay": 2,
}


@contextmanager
def deployed(project: Project, folder: Path) -> Iterator[Project]:
    """The project with version 1, destroyed in the end, with nothing left."""
    set_up(project, folder)
    yield project
    assert project.cx("destroy", "--yes").code == 0
    assert project.inventory() == []
    wait_for(lambda: not waiting(project), seconds=60)


def set_up(project: Project, folder: Path, **environment: str) -> None:
    """Deploys version 1; its program is put into `folder`."""
    project.releases = True
    assert project.cx("local", "up").code == 0
    add_image(project, folder, "app:1")
    write(project, None, **environment)
    project.deploy()


def add_image(project: Project, folder: Path, name: str) -> None:
    """Makes an image of the program, which is put into `folder`."""
    folder.mkdir()
    shutil.copy(APP, folder / "app.py")
    start = f"{sys.executable} app.py"
    assert project.cx("local", "image", "add", name, str(folder), "--start", start).code == 0


def write(
    project: Project,
    release: dict[str, Any] | None = None,
    *,
    strategy: str = "blue-green",
    **environment: str,
) -> None:
    """The next version; `environment` says how its program behaves."""
    told = {"env": {"VERSION": "1", **environment}, "release": {"bake": 1, **(release or {})}}
    web = {**WEB, **told, "strategy": strategy}
    project.write(services={"web": web, **project.others}, network={"nat": "none"})


def url(project: Project) -> str:
    return project.cx("outputs", "services.urls.web").out.strip()


def body(project: Project) -> str:
    with urllib.request.urlopen(url(project), timeout=30) as answer:
        return str(answer.read().decode())


def waiting(project: Project) -> list[str]:
    """Processes that stop old tasks when their warm time is over."""
    return [one for one in project.processes() if "cli.cooling" in one]


def releases(project: Project) -> list[tuple[int, str]]:
    found = project.cx("releases", "--json").json["releases"]
    return [(one["release"], one["state"]) for one in found]


def wait_for(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)
