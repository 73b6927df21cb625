"""What a job that is waited for tells those who read it elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from cli import event_file, run
from cygni.releases.observed import JobPhase
from cygni.targets.fargate import log_groups

TASK = "arn:aws:ecs:us-east-1:1:task/x/42"


class Chatty:
    """A job that has written five lines when it ended."""

    def read(self, task: str) -> SimpleNamespace:
        return SimpleNamespace(phase=JobPhase.STOPPED, exit_code=0, reason="")


def test_a_job_that_writes_without_end_is_told_in_part(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []

    def tell(event: str, **values: Any) -> None:
        if event == "wrote":
            told.append(values["text"])

    lines = [SimpleNamespace(task="42", text=str(number)) for number in range(5)]
    monkeypatch.setattr(event_file, "tell_elsewhere", tell)
    monkeypatch.setattr(run, "log_groups", lambda *_: [])
    monkeypatch.setattr(log_groups, "read_groups", lambda *_: [])
    monkeypatch.setattr(log_groups.Follower, "new", lambda *_: lines)
    monkeypatch.setattr(run, "MOST_TOLD", 2)
    opened: Any = SimpleNamespace(spec=SimpleNamespace(environment="staging"))
    jobs: Any = Chatty()
    clients: Any = None
    run._follow(opened, jobs, clients, "migrate", TASK, datetime.now(UTC), as_json=False)
    assert told[:2] == ["0", "1"]
    assert told[2:] == ["It wrote more than 2 lines. See the others with: cx logs migrate -e staging"]
    assert capsys.readouterr().out == "0\n1\n2\n3\n4\n", "who waits here sees all of them"
