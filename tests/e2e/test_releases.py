"""Releases under traffic: real tasks behind the local cloud's load balancer, and requests that never pause."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import a_project
from tests.e2e.load import Load
from tests.e2e.project import Project, Result
from tests.e2e.released import (
    body,
    colours,
    deployed,
    live_release,
    next_release,
    releases,
    settle,
    url,
    wait_for,
    waiting,
    write,
)

pytestmark = [pytest.mark.engine, pytest.mark.slow, pytest.mark.xdist_group("releases")]


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project with one web service that runs."""
    root = tmp_path_factory.mktemp("releases")
    with a_project(root) as project, deployed(project, root / "app"):
        yield project


@pytest.fixture
def shop(standing: Project) -> Project:
    """It, with nothing under way."""
    settle(standing)
    return standing


class TestBlueGreen:
    def test_moves_all_traffic_and_back_without_losing_a_request(self, shop: Project) -> None:
        old, new = live_release(shop), next_release(shop)
        assert body(shop) == f"version {old}"
        with Load(url(shop)) as load:
            write(shop, VERSION=str(new))
            result = shop.deploy()
            assert f"Release {new} is live" in result.err
            assert len(waiting(shop)) == 1
            assert body(shop) == f"version {new}"
            again = shop.deploy()
            assert again.last_line.startswith("No changes"), again.err
            back = shop.cx("rollback")
            assert back.code == 0, back.err
            assert body(shop) == f"version {old}"
            time.sleep(3)  # until what was asked to drain has
        assert load.failures == []
        assert set(load.statuses) == {200}
        assert set(load.bodies) == {f"version {old}", f"version {new}"}
        states = dict(releases(shop))
        assert (max(states), states[new], states[old]) == (new, "replaced", "live")
        assert list(states.values()).count("live") == 1

    def test_scales_and_restarts_without_losing_a_request(self, shop: Project) -> None:
        with Load(url(shop)) as load:
            for command in (["scale", "web=3"], ["restart", "web"], ["scale", "web=1"]):
                result = shop.cx(*command)
                assert result.code == 0, result.err
            time.sleep(3)
        assert (load.failures, set(load.statuses)) == ([], {200})


class TestWarmTime:
    def test_ends_by_itself(self, shop: Project) -> None:
        """No command runs: the process that the deploy has left behind stops the old tasks, and ends."""
        (old, new), number = colours(shop), next_release(shop)
        # Nobody asks for anything meanwhile, so there is nothing to compare with what was asked in other tests.
        write(shop, {"warm": 3, "gates": {"compare": False}}, VERSION=str(number))
        shop.deploy()
        names = shop.cx("outputs", "--json").json["services"]["running"]["web"]["services"]
        ecs = shop.client("ecs")
        [cluster] = ecs.list_clusters()["clusterArns"]

        def running() -> dict[str, int]:
            found = ecs.describe_services(cluster=cluster, services=list(names.values()))["services"]
            return {one["serviceName"]: one["runningCount"] for one in found}

        wait_for(lambda: running() == {names[old]: 0, names[new]: 2})
        wait_for(lambda: not waiting(shop))
        assert body(shop) == f"version {number}"


class TestBadReleases:
    def test_that_crash_are_told_with_their_exit_code_and_log(self, shop: Project) -> None:
        before = body(shop)
        with Load(url(shop), clients=2) as load:
            write(shop, VERSION="bad", CRASH="1")
            failed = shop.cx("deploy", "--yes", "--json")
        error = failed.json["error"]
        assert (failed.code, error["code"]) == (11, "tasks_failed"), failed.err
        assert error["details"]["exit_code"] == 3
        assert "no database to be found" in "\n".join(error["details"]["lines"])
        assert (load.failures, set(load.statuses), set(load.bodies)) == ([], {200}, {before})
        assert body(shop) == before

    def test_that_fail_requests_go_back_by_themselves(self, shop: Project) -> None:
        before = body(shop)
        gates = {"max_errors": 1, "min_requests": 50, "patience": 60}
        with Load(url(shop)) as load:
            write(shop, {"bake": 20, "gates": gates}, VERSION="bad", ERROR_PERCENT="30")
            failed = shop.cx("deploy", "--yes", "--json")
            after = body(shop)
        error = failed.json["error"]
        assert (failed.code, error["code"]) == (11, "gate_failed"), failed.err
        assert "web" in error["message"]
        assert after == before
        assert load.failures == []
        assert load.statuses[500] > 0


class TestKills:
    @pytest.mark.parametrize("seconds", [0.0, 0.7, 1.5])
    def test_of_the_command_lose_nothing(self, shop: Project, seconds: float) -> None:
        number = next_release(shop)
        with Load(url(shop)) as load:
            write(shop, VERSION=str(number))
            running = shop.start("deploy", "--yes")
            wait_for(lambda: f"releasing release {number}" in running.err, every=0.05)
            time.sleep(seconds)
            os.kill(running.pid, signal.SIGKILL)
            running.wait()
            result: Result = shop.deploy()
            assert body(shop) == f"version {number}", result.err
            time.sleep(3)
        assert (load.failures, set(load.statuses)) == ([], {200})
        again = shop.deploy()
        assert again.last_line.startswith("No changes"), again.err
