"""Canaries that behave badly in ways which only requests show: each goes back by itself, and says why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import a_project
from tests.e2e.load import Load
from tests.e2e.project import Project
from tests.e2e.released import body, releases, set_up, url, write

SECONDS = 600.0
"""What a deploy may take: on a busy machine, the requests that show what is wrong take their time to come."""

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.xdist_group("bad releases"),
    pytest.mark.timeout(2 * SECONDS),
]

DELAY = 0.04
"""Seconds: much beside what a busy machine adds, so that five times as much shows on it too."""
CANARY: dict[str, Any] = {"canary": [5, 50], "pause": 20, "bake": 20}
CLIENTS = 24
PAUSE = 0.005
"""Seconds: a small share of bad answers shows in many requests alone."""


@dataclass(frozen=True)
class Bad:
    """What is wrong with a version, the error that ends its deploy, and what that says."""

    environment: dict[str, str]
    code: str
    says: str


BAD = {
    "errors in 3 of 100 requests": Bad(
        {"ERROR_PERCENT": "3"},
        "gate_failed",
        r"error rate against the old colour \d[\d.]* % of [\d,]+ requests \(limit 0\.\d+ %\)",
    ),
    "five times slower": Bad(
        {"DELAY": str(5 * DELAY)},
        "gate_failed",
        r"p95 latency against the old colour \d+ ms of [\d,]+ requests \(limit \d+ ms\)",
    ),
    "leaks until it is killed": Bad(
        {"LEAK_MIB": "8"}, "tasks_failed", r"\d (?:tasks of web \((?:blue|green)\) )?failed.*OutOfMemoryError"
    ),
    "healthy, and all else fails": Bad(
        {"ERROR_PERCENT": "100"}, "gate_failed", r"error rate against the old colour 100 %"
    ),
}


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project whose version 1 runs, before and after each test."""
    root: Path = tmp_path_factory.mktemp("bad-releases")
    with a_project(root) as project:
        set_up(project, root / "app", DELAY=str(DELAY))
        yield project
        assert project.cx("destroy", "--yes").code == 0
        assert project.inventory() == []


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_is_sent_back_by_itself_and_touches_few_requests(live: Project, bad: Bad) -> None:
    with Load(url(live), clients=CLIENTS, pause=PAUSE) as load:
        write(live, CANARY, strategy="canary", **{"VERSION": "2", "DELAY": str(DELAY), **bad.environment})
        failed = live.cx("deploy", "--yes", "--json", seconds=SECONDS)
    error = failed.json["error"]
    assert (failed.code, error["code"]) == (11, bad.code), failed.err
    assert re.search(bad.says, error["message"]), error["message"]
    assert error["details"]["numbers"]
    assert body(live) == "version 1"
    assert releases(live)[0][1] == "rolled back"
    assert load.failures == []
    touched = load.requests - load.bodies["version 1"]
    assert 0 < touched <= 0.05 * load.requests, (touched, load.requests, error["message"])
