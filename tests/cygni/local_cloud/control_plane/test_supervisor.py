from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from cygni.local_cloud import process
from cygni.local_cloud.data_plane.processes import Ledger, is_alive
from cygni.local_cloud.files import PROCESSES_FOLDER
from cygni.local_cloud.process import LocalCloud
from cygni.settings import Settings
from tests.cygni.local_cloud.balanced import Balanced, eventually

ANSWER = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")
    yield settings
    process.stop(settings)


@pytest.fixture
def balanced(settings: Settings) -> Balanced:
    return Balanced(process.start(settings))


def data_plane(balanced: Balanced) -> dict[str, Any]:
    facts: dict[str, Any] = balanced.ask("/_cygni/health")["data_plane"]
    return facts


def recorded(settings: Settings) -> list[int]:
    folder = process.local_cloud_folder(settings) / PROCESSES_FOLDER
    return [record.pid for record in Ledger(folder, "").all() if is_alive(record)]


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class TestDataPlane:
    def test_is_not_started_before_there_is_something_to_serve(self, balanced: Balanced) -> None:
        balanced.group()
        balanced.balancer()
        assert data_plane(balanced) == {"pid": None, "restarts": 0}

    def test_is_started_with_the_first_listener(self, balanced: Balanced, settings: Settings) -> None:
        balanced.listener(balanced.balancer(), ANSWER)
        pid = eventually(lambda: data_plane(balanced)["pid"])
        assert psutil.Process(pid).is_running()
        assert eventually(lambda: pid in recorded(settings))

    def test_is_started_again_when_it_is_killed(self, balanced: Balanced) -> None:
        balanced.listener(balanced.balancer(), ANSWER)
        killed = eventually(lambda: data_plane(balanced)["pid"])
        os.kill(killed, signal.SIGKILL)
        facts = eventually(lambda: data_plane(balanced), lambda facts: facts["pid"] not in (None, killed))
        assert facts["restarts"] == 1

    @pytest.mark.parametrize("end", [process.stop, process.reset])
    def test_ends_with_the_cloud_it_serves(self, balanced: Balanced, settings: Settings, end: Any) -> None:
        balanced.listener(balanced.balancer(), ANSWER)
        pid = eventually(lambda: data_plane(balanced)["pid"])
        end(settings)
        assert gone(pid)
        assert recorded(settings) == []

    def test_ends_by_itself_when_the_server_is_killed(self, balanced: Balanced, settings: Settings) -> None:
        balanced.listener(balanced.balancer(), ANSWER)
        pid = eventually(lambda: data_plane(balanced)["pid"])
        assert eventually(lambda: pid in recorded(settings))
        os.kill(balanced.cloud.pid, signal.SIGKILL)
        assert eventually(lambda: gone(pid))

    def test_left_behind_by_a_killed_server_is_ended_by_the_next(
        self, balanced: Balanced, settings: Settings
    ) -> None:
        balanced.listener(balanced.balancer(), ANSWER)
        pid = eventually(lambda: data_plane(balanced)["pid"])
        assert eventually(lambda: pid in recorded(settings))
        os.kill(pid, signal.SIGSTOP)
        os.kill(balanced.cloud.pid, signal.SIGKILL)
        process.start(settings)
        assert gone(pid)


class TestEndpoint:
    @pytest.mark.parametrize("query", ["since=x", "wait=soon"])
    def test_refuses_what_is_no_number(self, local_cloud: LocalCloud, query: str) -> None:
        assert "numbers" in Balanced(local_cloud).ask(f"/_cygni/data-plane?{query}")["error"]

    def test_tells_where_load_balancers_are_served(self, balanced: Balanced) -> None:
        balancer = balanced.balancer()
        balanced.listener(balancer, ANSWER)
        balanced.listener(balancer, ANSWER, port=8081)
        [found] = balanced.ask("/_cygni/load-balancers")["load_balancers"]
        assert found["address"] == balancer["DNSName"]
        first, second = (listener["url"] for listener in found["listeners"])
        assert first == f"http://{balancer['DNSName']}"
        assert second not in (first, "http://127.0.0.1:8081")
