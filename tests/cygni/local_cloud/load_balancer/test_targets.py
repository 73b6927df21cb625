"""Targets that fail, recover, come and go, behind a real load balancer."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.cygni.local_cloud.balanced import Balanced, Served, eventually, forward
from tests.cygni.local_cloud.upstream import Upstream


def told(balanced: Balanced, group: str, port: int) -> dict[str, str]:
    """State, reason and description of a target."""
    described = balanced.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
    [found] = [one["TargetHealth"] for one in described if one["Target"]["Port"] == port]
    health: dict[str, str] = found
    return health


def becomes(balanced: Balanced, group: str, port: int, state: str) -> dict[str, str]:
    found = eventually(lambda: told(balanced, group, port), lambda health: health["State"] == state, 40)
    assert found["State"] == state
    return found


class TestHealth:
    def test_of_a_new_target_is_known_at_once(self, balanced: Balanced, upstream: Upstream) -> None:
        group = balanced.group(upstream.port, HealthCheckIntervalSeconds=300)
        Served(balanced, forward((group, 1)))
        assert becomes(balanced, group, upstream.port, "healthy") == {"State": "healthy"}

    def test_of_a_target_that_is_late_is_known_soon(self, balanced: Balanced, upstream: Upstream) -> None:
        upstream.health = 503
        group = balanced.group(upstream.port, HealthCheckIntervalSeconds=300)
        Served(balanced, forward((group, 1)))
        eventually(lambda: upstream.requests["/health"] > 1)
        assert told(balanced, group, upstream.port)["State"] == "initial"
        upstream.health = 200
        becomes(balanced, group, upstream.port, "healthy")

    @pytest.mark.slow
    def test_follows_the_checks(self, balanced: Balanced, upstream: Upstream) -> None:
        with Upstream("other") as other:
            group = balanced.group(
                upstream.port, other.port, UnhealthyThresholdCount=2, HealthyThresholdCount=2
            )
            served = Served(balanced, forward((group, 1)))
            becomes(balanced, group, upstream.port, "healthy")
            becomes(balanced, group, other.port, "healthy")
            upstream.health = 500
            failed = becomes(balanced, group, upstream.port, "unhealthy")
            assert failed["Reason"] == "Target.ResponseCodeMismatch"
            assert failed["Description"] == "Health checks failed with these codes: [500]"
            assert eventually(lambda: {served.get().text for _ in range(10)} == {"other"})
            upstream.health = 200
            becomes(balanced, group, upstream.port, "healthy")
            assert eventually(lambda: {served.get().text for _ in range(10)} == {"up", "other"})

    @pytest.mark.slow
    def test_that_all_have_lost_counts_no_more(self, balanced: Balanced, upstream: Upstream) -> None:
        upstream.health = 500
        group = balanced.group(upstream.port)
        served = Served(balanced, forward((group, 1)))
        becomes(balanced, group, upstream.port, "unhealthy")
        assert served.get().code == 200

    def test_of_a_target_on_another_machine_is_never_good(self, balanced: Balanced) -> None:
        group = balanced.group(HealthCheckIntervalSeconds=5)
        balanced.elbv2.register_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.0.7", "Port": 80}])
        served = Served(balanced, forward((group, 1)))
        assert served.get().code == 503
        assert becomes(balanced, group, 80, "unhealthy")["Reason"] == "Target.Timeout"

    def test_is_checked_at_the_port_and_by_the_codes_that_are_asked_for(
        self, balanced: Balanced, upstream: Upstream
    ) -> None:
        with Upstream("health") as health:
            health.health = 204
            group = balanced.group(
                upstream.port, HealthCheckPort=str(health.port), Matcher={"HttpCode": "200-299"}
            )
            Served(balanced, forward((group, 1)))
            becomes(balanced, group, upstream.port, "healthy")
        assert upstream.requests["/health"] == 0


class TestDraining:
    @pytest.fixture
    def group(self, balanced: Balanced, upstream: Upstream) -> str:
        delay = {"deregistration_delay.timeout_seconds": "3"}
        return balanced.group(upstream.port, attributes=delay)

    @pytest.fixture
    def served(self, balanced: Balanced, upstream: Upstream, group: str) -> Served:
        served = Served(balanced, forward((group, 1)))
        becomes(balanced, group, upstream.port, "healthy")
        return served

    def test_lets_a_slow_answer_be_finished(
        self, balanced: Balanced, served: Served, group: str, upstream: Upstream
    ) -> None:
        answers: list[Any] = []
        slow = threading.Thread(target=lambda: answers.append(served.get("/slow?seconds=2")))
        slow.start()
        assert eventually(lambda: upstream.requests["/slow"])
        balanced.deregister(group, upstream.port)
        assert told(balanced, group, upstream.port)["Reason"] == "Target.DeregistrationInProgress"
        assert eventually(lambda: served.get().code, lambda code: code == 503) == 503
        slow.join()
        assert [(answer.code, answer.text) for answer in answers] == [(200, "up")]

    def test_ends_when_the_delay_has_passed(
        self, balanced: Balanced, served: Served, group: str, upstream: Upstream
    ) -> None:
        balanced.deregister(group, upstream.port)
        assert balanced.health(group) == {upstream.port: "draining"}
        assert eventually(lambda: balanced.health(group), lambda health: not health) == {}

    def test_is_taken_back_by_registering_again(
        self, balanced: Balanced, served: Served, group: str, upstream: Upstream
    ) -> None:
        balanced.deregister(group, upstream.port)
        balanced.register(group, upstream.port)
        becomes(balanced, group, upstream.port, "healthy")
        assert eventually(lambda: served.get().code, lambda code: code == 200) == 200

    def test_of_another_target_leaves_an_upgraded_connection_alone(
        self, balanced: Balanced, served: Served, group: str, upstream: Upstream
    ) -> None:
        import socket

        with socket.create_connection((served.host, served.port), 10) as stream, Upstream("other") as other:
            stream.sendall(
                b"GET /echo HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
            )
            assert stream.recv(4096).startswith(b"HTTP/1.1 101")
            balanced.register(group, other.port)
            balanced.deregister(group, upstream.port)
            assert eventually(lambda: {served.get().text for _ in range(5)} == {"other"})
            assert eventually(lambda: upstream.port not in balanced.health(group))
            stream.sendall(b"still here")
            assert stream.recv(64) == b"still here"
