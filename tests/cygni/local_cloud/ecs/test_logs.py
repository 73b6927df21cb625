from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from cygni.local_cloud.data_plane.reports import LogEvents
from cygni.local_cloud.ecs import logs
from tests.cygni.local_cloud.ecs.test_orders import LOG, task

BACKEND = types.SimpleNamespace(account_id="123456789012", region_name="us-east-1")


class Stream:
    """moto's, as far as it is used."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def put_log_events(self, events: list[dict[str, Any]]) -> None:
        self.events += [types.SimpleNamespace(**event) for event in events]

    @property
    def said(self) -> list[str]:
        return [event.message for event in self.events]


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Stream:
    stream = Stream()
    group = types.SimpleNamespace(streams={f"app/app/{task().id}": stream})
    backend = types.SimpleNamespace(groups={"/shop": group})
    module = types.ModuleType("moto.logs.models")
    module.logs_backends = {"123456789012": {"us-east-1": backend}}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "moto.logs.models", module)
    return stream


def report(start: int, position: int, *lines: str) -> LogEvents:
    return LogEvents(task().task_arn, "app", start, position, tuple((1, line) for line in lines))


def test_events_are_added_once(stream: Stream) -> None:
    given = task(logConfiguration=LOG)
    logs.take(BACKEND, given, report(0, 10, "a", "b"))
    logs.take(BACKEND, given, report(0, 10, "a", "b"))
    logs.take(BACKEND, given, report(10, 15, "c"))
    assert stream.said == ["a", "b", "c"]
    assert given.log_positions == {"app": 15}


def test_the_newest_are_kept(stream: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    given = task(logConfiguration=LOG)
    monkeypatch.setattr(logs, "KEPT_EVENTS", 3)
    logs.take(BACKEND, given, report(0, 1, "1", "2", "3", "4", "5"))
    assert stream.said == ["3", "4", "5"]
    monkeypatch.setattr(logs, "KEPT_BYTES", 10)
    logs.take(BACKEND, given, report(1, 2, "x" * 8, "y" * 2))
    assert stream.said == ["x" * 8, "yy"]
    logs.take(BACKEND, given, report(2, 3, "z" * 99))
    assert stream.said == ["z" * 99]


def test_of_a_container_without_a_log_are_passed_over(stream: Stream) -> None:
    logs.take(BACKEND, task(), report(0, 1, "a"))
    assert stream.said == []
