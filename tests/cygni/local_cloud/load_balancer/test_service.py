"""A real Envoy, told by hand what to serve."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cygni.errors import LocalCloudError
from cygni.local_cloud.data_plane.processes import Ledger
from cygni.local_cloud.data_plane.reports import ListenerState, Report
from cygni.local_cloud.data_plane.snapshot import Condition, ElasticLoadBalancing, FixedResponse
from cygni.local_cloud.load_balancer import envoy as envoy_module
from cygni.local_cloud.load_balancer.admin import Admin
from cygni.local_cloud.load_balancer.configuration import Layout
from cygni.local_cloud.load_balancer.envoy import Envoy, executable
from cygni.local_cloud.load_balancer.service import Service
from tests.cygni.local_cloud.balanced import eventually
from tests.cygni.local_cloud.balancers import balancer, elbv2, listener, rule


class Serving:
    """A service and what it has reported."""

    def __init__(self, folder: Path):
        self.layout = Layout(folder)
        self.reports: list[Report] = []
        envoy = Envoy(Ledger(folder / "processes", "lc"), self.layout)
        self.service = Service(self.layout, envoy, Admin(folder), self.reports.append)

    def serve(self, given: ElasticLoadBalancing, until: Callable[[], bool]) -> None:
        def look() -> bool:
            self.service.serve(given, {})
            return until()

        assert eventually(look)

    def problems(self) -> list[str]:
        return [report.problem for report in self.reports if isinstance(report, ListenerState)]

    def clusters(self) -> list[str]:
        told = json.loads(self.layout.clusters.read_text())["resources"]
        return [one["name"].split("/")[1] for one in told]


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    serving = Serving(tmp_path)
    yield serving
    serving.service.end()


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def saying(text: str, port: int) -> ElasticLoadBalancing:
    answer = rule(FixedResponse(200, "text/plain", text))
    return ElasticLoadBalancing((balancer(listener(answer, local_port=port)),), ())


def said(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/")
    try:
        return connection.getresponse().read().decode()
    finally:
        connection.close()


class TestRefusal:
    def test_is_told_and_leaves_what_was_served(self, serving: Serving, port: int) -> None:
        serving.serve(saying("first", port), lambda: serving.problems() == [""])
        bad = rule(FixedResponse(200, "text/plain", "bad"), Condition("http-header", ("x",), name=""))
        refused = ElasticLoadBalancing((balancer(listener(bad, local_port=port)),), ())
        serving.serve(refused, lambda: len(serving.problems()) == 2)
        assert "Envoy refuses the configuration" in serving.problems()[-1]
        assert said(port) == "first"
        serving.serve(saying("second", port), lambda: serving.problems()[-1] == "")
        assert eventually(lambda: said(port), lambda text: text == "second") == "second"


class TestClusters:
    def test_that_nothing_needs_are_removed_after_the_routes_to_them(
        self, serving: Serving, port: int
    ) -> None:
        given = elbv2()
        [served] = given.load_balancers
        given = replace(
            given,
            load_balancers=(replace(served, listeners=(replace(served.listeners[0], local_port=port),)),),
        )
        serving.serve(given, lambda: serving.problems() == [""])
        assert serving.clusters() == ["blue", "green"]
        serving.service.serve(saying("none", port), {})
        assert serving.clusters() == ["blue", "green"]
        serving.serve(saying("none", port), lambda: serving.clusters() == [])
        assert said(port) == "none"


class TestMachineWithoutEnvoy:
    @pytest.fixture(autouse=True)
    def no_envoy(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        monkeypatch.setenv("PATH", str(tmp_path))

    def test_says_so_with_every_listener(self, serving: Serving, port: int) -> None:
        serving.serve(saying("never", port), lambda: bool(serving.problems()))
        [problem] = serving.problems()
        assert "there is no Envoy for this machine" in problem
        assert "Install Envoy" in problem

    def test_takes_one_that_is_on_path(self, tmp_path: Path) -> None:
        with pytest.raises(LocalCloudError, match="no Envoy"):
            executable()
        found = tmp_path / "envoy"
        found.touch(mode=0o755)
        assert executable() == found


class TestEnvoyThatDoesNotStart:
    def test_is_told_with_its_last_words(
        self, serving: Serving, port: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        broken = tmp_path / "broken-envoy"
        broken.write_text("#!/bin/sh\necho 'no more inotify' >&2\nexit 1\n")
        broken.chmod(0o755)
        monkeypatch.setattr(envoy_module, "executable", lambda: broken)
        serving.serve(saying("never", port), lambda: bool(serving.problems()))
        assert "no more inotify" in serving.problems()[0]
        monkeypatch.undo()
        serving.serve(saying("at last", port), lambda: serving.problems()[-1] == "")
        assert said(port) == "at last"
