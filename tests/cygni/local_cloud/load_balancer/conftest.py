from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from cygni.local_cloud.process import LocalCloud
from tests.cygni.local_cloud.balanced import Balanced
from tests.cygni.local_cloud.upstream import Upstream


@pytest.fixture
def balanced(local_cloud: LocalCloud) -> Iterator[Balanced]:
    balanced = Balanced(local_cloud)
    yield balanced
    balanced.remove_balancers()


@pytest.fixture
def upstreams() -> Iterator[tuple[Upstream, Upstream]]:
    """Two servers, blue and green."""
    with ExitStack() as running:
        yield running.enter_context(Upstream("blue")), running.enter_context(Upstream("green"))


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream("up") as running:
        yield running
