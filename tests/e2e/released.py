"""A project with one web service that runs on the local cloud, and what tests of its releases look at.

One stands for many tests: none counts on a number, version or colour, but asks which are next. A version is called by
the number of its release.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cygni.local_cloud import process
from cygni.releases.protocols import ReleaseStore
from cygni.releases.status import DeploymentStatus, release_status
from stacks.release_store import release_store
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
    settle(project)
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


def settle(project: Project) -> None:
    """Nothing is under way any more, also where a test has failed half-way, and cygni.yaml says what runs."""
    project.end_commands()
    if records(project).live().unfinished:
        for pid in (int(one.split()[0]) for one in project.processes() if "/cx deploy " in one):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert project.cx("rollback").code == 0
    write(project, VERSION=str(live_release(project)))


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
    """What the load balancer answers. Raises OSError where there is none."""
    listeners = [
        one for balancer in process.load_balancers(project.settings) for one in balancer["listeners"]
    ]
    if not listeners:
        raise ConnectionError("there is no load balancer")
    with urllib.request.urlopen(listeners[0]["url"], timeout=30) as answer:
        return str(answer.read().decode())


def waiting(project: Project) -> list[str]:
    """Processes that stop old tasks when their warm time is over."""
    return [one for one in project.processes() if "cli.cooling" in one]


def releases(project: Project) -> list[tuple[int, str]]:
    found = project.cx("releases", "--json").json["releases"]
    return [(one["release"], one["state"]) for one in found]


def records(project: Project) -> ReleaseStore:
    """What the project's commands keep of its releases: to wait for something costs no command for each look."""
    return release_store(project.settings, project.name, "local", {})


def live_release(project: Project) -> int:
    return records(project).live().history[0]


def next_release(project: Project) -> int:
    return records(project).releases(1)[0].number + 1


def colours(project: Project) -> tuple[str, str]:
    """The one that serves, and the other."""
    active = records(project).live().services["web"].active.value
    return active, {"blue": "green", "green": "blue"}[active]


def under_way(project: Project) -> DeploymentStatus | None:
    """The deployment that has not ended."""
    store = records(project)
    known = store.live()
    found = tuple(one for number in known.unfinished if (one := store.deployment(number)) is not None)
    return next(iter(release_status(known, None, {}, found, {}).under_way), None)


def bakes(project: Project, after: int = 0) -> bool:
    """Whether a release waits with its requests where they are, at a later step than `after`."""
    found = under_way(project)
    tracks = found.tracks if found is not None else ()
    return any(one.step > after and one.label == "bake" for one in tracks)


def is_paused(project: Project) -> bool:
    found = under_way(project)
    return found is not None and found.paused


def wait_for(condition: Callable[[], bool], seconds: float = 120.0, *, every: float = 0.2) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(every)
