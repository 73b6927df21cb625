from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cygni.forges.comments import Comments, Published, publish
from cygni.forges.detection import forge_of
from tests.forge_server import Forge, forge_server

KINDS = ["github", "gitlab", "bitbucket"]


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture(params=KINDS)
def forge(request: pytest.FixtureRequest) -> Iterator[Forge]:
    """Each forge in turn."""
    with forge_server(request.param) as served:
        yield served


@pytest.fixture
def pauses() -> list[float]:
    """The seconds that were slept."""
    return []


@pytest.fixture
def comments(forge: Forge, tmp_path: Path, pauses: list[float]) -> Any:
    """The comments of its pull request, as a job gets to them."""
    found = forge_of(forge.environ(tmp_path))
    made: Any = found.comments(found.pull_request(forge.environ(tmp_path)))
    return replace(made, api=replace(made.api, sleep=pauses.append))


class Publisher:
    """Publishes under one name."""

    def __init__(self, comments: Comments, pauses: list[float]) -> None:
        self._comments, self._pauses = comments, pauses

    def __call__(self, text: str, *, name: str = "cygni:plan:shop:staging", begin: bool = True) -> Published:
        return publish(self._comments, name, text, begin=begin, sleep=self._pauses.append)


@pytest.fixture
def publishing(comments: Comments, pauses: list[float]) -> Publisher:
    return Publisher(comments, pauses)
