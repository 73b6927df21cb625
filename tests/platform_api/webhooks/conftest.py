from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.platform_api.webhooks.receiver import Receiver, receiver


@pytest.fixture
def listening() -> Iterator[Receiver]:
    with receiver() as found:
        yield found
