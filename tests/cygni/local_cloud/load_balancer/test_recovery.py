"""The data plane, Envoy and the server may each be killed at any time."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from cygni.local_cloud import process
from cygni.local_cloud.data_plane.processes import Ledger, ProcessRecord, is_alive
from cygni.local_cloud.files import PROCESSES_FOLDER
from cygni.local_cloud.load_balancer.envoy import KIND
from cygni.settings import Settings
from tests.cygni.local_cloud.balanced import Balanced, Served, eventually, forward
from tests.cygni.local_cloud.load_balancer.test_serving import Load
from tests.cygni.local_cloud.upstream import Upstream


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    settings = Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache")
    yield settings
    process.stop(settings)


@pytest.fixture
def own(settings: Settings) -> Balanced:
    """A local cloud of the test's own, since others are not to lose theirs."""
    return Balanced(process.start(settings))


@pytest.fixture
def groups(own: Balanced, upstreams: tuple[Upstream, Upstream]) -> tuple[str, str]:
    blue, green = (own.group(upstream.port) for upstream in upstreams)
    return blue, green


@pytest.fixture
def served(own: Balanced, groups: tuple[str, str]) -> Served:
    served = Served(own, forward((groups[0], 1), (groups[1], 0)))
    assert eventually(lambda: all(set(own.health(group).values()) == {"healthy"} for group in groups))
    return served


def envoys(settings: Settings) -> list[ProcessRecord]:
    ledger = Ledger(process.local_cloud_folder(settings) / PROCESSES_FOLDER, "")
    return [record for record in ledger.all() if record.kind == KIND and is_alive(record)]


def data_plane(own: Balanced) -> int | None:
    pid: int | None = own.ask("/_cygni/health")["data_plane"]["pid"]
    return pid


def restarted(own: Balanced, killed: int) -> None:
    """Wait until another data plane runs."""
    assert eventually(lambda: data_plane(own), lambda pid: pid not in (None, killed)) not in (None, killed)


def answered_by(served: Served, name: str) -> bool:
    return {served.get().text for _ in range(5)} == {name}


class TestEnvoy:
    def test_runs_while_there_is_a_listener(self, own: Balanced, settings: Settings) -> None:
        answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}
        first = Served(own, answer)
        second = Served(own, answer)
        [running] = envoys(settings)
        for served in (first, second):
            assert [record.pid for record in envoys(settings)] == [running.pid]
            own.elbv2.delete_listener(ListenerArn=served.listener)
        assert eventually(lambda: envoys(settings) == [])
        assert Served(own, answer).get().code == 200

    def test_is_started_again_when_it_is_killed(self, served: Served, settings: Settings) -> None:
        [killed] = envoys(settings)
        os.kill(killed.pid, signal.SIGKILL)
        assert eventually(lambda: [one.pid for one in envoys(settings)] not in ([], [killed.pid]))

        def answers() -> bool:
            try:
                return served.get().text == "blue"
            except OSError:
                return False

        assert eventually(answers)

    @pytest.mark.parametrize("end", [process.stop, process.reset])
    def test_ends_with_the_local_cloud(self, served: Served, settings: Settings, end: object) -> None:
        assert callable(end)
        end(settings)
        assert envoys(settings) == []
        with pytest.raises(OSError, match="refused"):
            served.get()

    def test_ends_when_the_server_is_killed(self, own: Balanced, served: Served, settings: Settings) -> None:
        os.kill(own.cloud.pid, signal.SIGKILL)
        assert eventually(lambda: envoys(settings) == [])

    def test_left_behind_by_everybody_is_ended_by_the_next_local_cloud(
        self, own: Balanced, served: Served, settings: Settings
    ) -> None:
        pid = data_plane(own)
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        os.kill(own.cloud.pid, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        assert len(envoys(settings)) == 1
        process.start(settings)
        assert envoys(settings) == []


class TestDataPlane:
    def test_killed_leaves_the_traffic_alone_and_goes_on_where_it_was(
        self, own: Balanced, served: Served, groups: tuple[str, str], settings: Settings
    ) -> None:
        [envoy] = envoys(settings)
        with Load(served, 2, keep_alive=False) as load:
            for turn in range(3):
                killed = data_plane(own)
                assert killed is not None
                os.kill(killed, signal.SIGKILL)
                # Changed while nobody is there to take notice: the next one does.
                blue = turn % 2
                served.forward((groups[0], blue), (groups[1], 1 - blue))
                restarted(own, killed)
                wanted = "blue" if blue else "green"
                assert eventually(partial(answered_by, served, wanted))
                assert set(own.health(groups[0]).values()) == {"healthy"}
        assert load.failed == []
        assert [record.pid for record in envoys(settings)] == [envoy.pid]

    def test_killed_ends_nothing_that_it_does_not_own(self, own: Balanced, served: Served) -> None:
        pid = data_plane(own)
        assert pid is not None
        assert os.getsid(pid) == pid
        assert psutil.Process(pid).ppid() == own.cloud.pid


class TestMetrics:
    def test_add_up_to_the_requests_also_when_the_data_plane_is_killed(
        self, own: Balanced, served: Served, groups: tuple[str, str]
    ) -> None:
        with Load(served, 2, keep_alive=True) as load:
            killed = data_plane(own)
            assert killed is not None
            assert eventually(lambda: load.answered.total() > 500)
            assert eventually(lambda: metric(own, served, groups[0], "RequestCount"))
            os.kill(killed, signal.SIGKILL)
            restarted(own, killed)
        for _ in range(7):
            served.get("/code/503")
        served.get("/close")
        answered = load.answered.total()
        expected = {
            "RequestCount": answered + 8,
            "HTTPCode_Target_2XX_Count": answered,
            "HTTPCode_Target_5XX_Count": 7,
        }
        for name, count in expected.items():
            counts(own, served, groups[0], name, count)
        assert metric(own, served, None, "HTTPCode_ELB_5XX_Count") == 1
        assert metric(own, served, groups[1], "RequestCount") == 0
        counts(own, served, groups[0], "TargetResponseTime", answered + 7, "SampleCount")
        assert 0 < metric(own, served, groups[0], "TargetResponseTime", "p95") < 1
        assert metric(own, served, groups[0], "HealthyHostCount", "Maximum") == 1


def counts(own: Balanced, served: Served, group: str, name: str, expected: float, stat: str = "Sum") -> None:
    """Wait until so many are counted."""
    found = eventually(lambda: metric(own, served, group, name, stat), lambda count: count == expected)
    assert found == expected


def metric(own: Balanced, served: Served, group: str | None, name: str, stat: str = "Sum") -> float:
    """What GetMetricData says of the last minutes; 0 where there is nothing."""
    balancer = served.balancer["LoadBalancerArn"].rpartition(":loadbalancer/")[2]
    dimensions = [{"Name": "LoadBalancer", "Value": balancer}]
    if group is not None:
        dimensions.append({"Name": "TargetGroup", "Value": group.rpartition(":")[2]})
    asked = {"Namespace": "AWS/ApplicationELB", "MetricName": name, "Dimensions": dimensions}
    now = int(time.time())
    told = own.aws("cloudwatch").get_metric_data(
        MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": asked, "Period": 3600, "Stat": stat}}],
        StartTime=now - 1800,
        EndTime=now + 60,
    )
    found: list[float] = told["MetricDataResults"][0]["Values"]
    return found[0] if found else 0
