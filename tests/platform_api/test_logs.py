"""The log: what went wrong, without what was sent."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest
import structlog

from platform_api.accounts.repository import Accounts
from platform_api.logs import log_to_stderr
from tests.platform_api.people import Team


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    written = io.StringIO()
    log_to_stderr(written)
    yield written
    structlog.reset_defaults()


def test_has_the_lines_of_a_failure_and_no_values(
    team: Team, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(self: Accounts, email: str) -> None:
        raise RuntimeError("it broke")

    monkeypatch.setattr(Accounts, "user_of", broken)
    canary = "canary of a password"
    answer = team.owner.post("/v1/sessions", email="ada@example.com", password=canary)
    assert answer.status_code == 500
    [entry] = map(json.loads, log.getvalue().splitlines())
    assert (entry["event"], entry["path"]) == ("a request failed", "/v1/sessions")
    assert "RuntimeError: it broke" in entry["exception"]
    assert canary not in log.getvalue() + answer.text
