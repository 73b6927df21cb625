"""Kills at random moments of a release: of `cx`, and of what the local cloud runs. One command then makes a clean end,
and nobody is ever without a version that answers.

`make chaos` does 30; the usual run a few. A point is a victim, the line of the deploy's output after which it is killed,
and how long after it.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.conftest import a_project
from tests.e2e.load import Load
from tests.e2e.project import Project, Running
from tests.e2e.released import body, releases, set_up, url, wait_for, write

SEED = int(os.environ.get("CYGNI_CHAOS_SEED", "23"))
POINTS = int(os.environ.get("CYGNI_CHAOS_RELEASES", "4"))
SECONDS_A_POINT = 120

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.timeout(300 + POINTS * SECONDS_A_POINT)]

VICTIMS = {
    "cx": "",
    "data plane": "cygni.local_cloud.data_plane",
    "load balancer": "envoy",
    "server": "cygni.local_cloud.server",
}
"""By which word of its command line each is found. All that there is of the local cloud is in the server's memory."""
QUICK: dict[str, Any] = {"bake": 2, "gates": {"compare": False}}
CANARY: dict[str, Any] = {**QUICK, "canary": [10, 50], "pause": 1}
LONGEST_DELAY = 1.0
BACK_WITHIN = 30.0
"""Seconds in which what was killed must serve again by itself, however busy the machine."""


@dataclass(frozen=True)
class Point:
    victim: str
    line: int
    delay: float
    canary: bool


def test_every_kill_ends_cleanly_and_some_version_always_answers(live: Project) -> None:
    chosen = random.Random(SEED)
    lines = _undisturbed(live)
    silences: dict[str, list[float]] = {victim: [] for victim in VICTIMS}
    recoveries = []
    for number in range(POINTS):
        canary = chosen.random() < 0.5
        victim = list(VICTIMS)[number % len(VICTIMS)]
        point = Point(victim, chosen.randrange(lines[canary]), chosen.uniform(0, LONGEST_DELAY), canary)
        version = str(number + 4)
        silence, recovery = _killed_and_recovered(live, point, version)
        silences[victim].append(silence)
        recoveries.append(recovery)
        say(f"{number + 1:3}/{POINTS} {point}: no answer for {silence:.2f} s, recovered in {recovery:.1f} s")
    told = ", ".join(f"{name} {max(one):.2f} s" for name, one in silences.items() if one)
    say(
        f"seed {SEED}: {POINTS} kills; slowest recovery {max(recoveries):.1f} s; longest without an answer: {told}"
    )


def say(text: str) -> None:
    """For `make chaos`, and where it fails."""
    print(text, flush=True)  # noqa: T201


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    root: Path = tmp_path_factory.mktemp("release-chaos")
    with a_project(root) as project:
        set_up(project, root / "app")
        yield project
        assert project.cx("destroy", "--yes").code == 0
        assert project.inventory() == []


def _undisturbed(project: Project) -> dict[bool, int]:
    """How many lines a release tells, by whether it is a canary."""
    found = {}
    for version, canary in (("2", False), ("3", True)):
        _write(project, version, canary=canary)
        found[canary] = len(_told(project.deploy().err))
    return found


def _write(project: Project, version: str, *, canary: bool) -> None:
    strategy, release = ("canary", CANARY) if canary else ("blue-green", QUICK)
    write(project, release, strategy=strategy, VERSION=version)


def _told(shown: str) -> list[str]:
    """What was told of the release so far."""
    return shown.partition("releasing release")[2].splitlines()


def _killed_and_recovered(project: Project, point: Point, version: str) -> tuple[float, float]:
    """Seconds for which nobody was answered, and seconds of the command that brought it to an end."""
    before = body(project)
    with Load(url(project)) as load:
        _write(project, version, canary=point.canary)
        running = project.start("deploy", "--yes")
        wait_for(
            lambda: len(_told(running.err)) > point.line or running.process.poll() is not None, every=0.05
        )
        time.sleep(point.delay)
        _kill(project, point.victim, running)
        if point.victim != "server":
            answered = sum(load.bodies.values())
            wait_for(lambda: sum(load.bodies.values()) > answered, BACK_WITHIN)
        running.wait()
        begun = time.monotonic()
        # A local cloud that was started again is empty, and says which command fills it.
        result = project.deploy(*(["--refresh"] if point.victim == "server" else []))
        recovery = time.monotonic() - begun
        if point.victim == "server":
            wait_for(lambda: _answers(project))
        assert body(project) == f"version {version}", (point, result.err)
    _is_clean(project, point)
    if point.victim in ("cx", "data plane"):
        assert (load.failures, set(load.statuses)) == ([], {200}), point
    if point.victim != "server":
        assert set(load.bodies) - {before, f"version {version}"} <= _pages(load), point
    return load.longest_silence, recovery


def _kill(project: Project, victim: str, running: Running) -> None:
    if victim == "cx":
        with suppress(ProcessLookupError):
            os.kill(running.pid, signal.SIGKILL)
        return
    os.kill(_of_local_cloud(project, VICTIMS[victim]), signal.SIGKILL)


def _of_local_cloud(project: Project, word: str) -> int:
    """The process of the project's local cloud that has the word in its command line."""
    folder = str(project.settings.data_dir)
    found = [
        one.pid
        for one in psutil.process_iter(["cmdline"])
        if (words := one.info["cmdline"] or []) and folder in " ".join(words) and _is(word, words)
    ]
    assert len(found) == 1, (word, found)
    return found[0]


def _is(word: str, command: list[str]) -> bool:
    return word in command or Path(command[0]).name == word


def _pages(load: Load) -> set[str]:
    """Bodies of the load balancer's own."""
    return {one for one in load.bodies if not one.startswith("version ")}


def _answers(project: Project) -> bool:
    with suppress(OSError):
        return bool(body(project))
    return False


def _is_clean(project: Project, point: Point) -> None:
    again = project.deploy()
    assert again.last_line.startswith("No changes"), (point, again.err)
    assert [state for _, state in releases(project)].count("live") == 1, point
    assert project.differences() == [], point
