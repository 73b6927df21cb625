"""Services behind a real load balancer, whose health checks decide what their scheduler does."""

from __future__ import annotations

import http.client
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cygni.local_cloud import process
from cygni.local_cloud.process import LocalCloud
from cygni.settings import Settings
from tests.cygni.local_cloud.balanced import Balanced, Served, eventually, forward
from tests.cygni.local_cloud.running import Running, port_of, steady


class Clients:
    """Ask a load balancer without a pause, each on a new connection, and count what comes back."""

    def __init__(self, served: Served, number: int = 3) -> None:
        self.answers: Counter[str] = Counter()
        self._served = served
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(number)]

    def __enter__(self) -> Clients:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *reason: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        while not self._over.is_set():
            connection = http.client.HTTPConnection(self._served.host, self._served.port, timeout=30)
            try:
                connection.request("GET", "/")
                response = connection.getresponse()
                version = response.read().decode().split(" ")[0]
                self.answers[version if response.status == 200 else str(response.status)] += 1
            except (OSError, http.client.HTTPException) as error:
                self.answers[type(error).__name__] += 1
            finally:
                connection.close()

    def seen(self, answer: str) -> None:
        """Wait until an answer has been seen some times more."""
        before = self.answers[answer]
        assert eventually(lambda: self.answers[answer] > before + 20), self.answers


class Site:
    """A target group that a load balancer sends to, and what is made with it."""

    def __init__(self, cloud: LocalCloud, folder: Path) -> None:
        self.running = Running(cloud, folder)
        self.balanced = Balanced(cloud)
        delay = {"deregistration_delay.timeout_seconds": "2"}
        self.group = self.balanced.group(attributes=delay, HealthyThresholdCount=2, UnhealthyThresholdCount=2)
        self.served = Served(self.balanced, forward((self.group, 1)))

    def service(self, definition: str, desired: int, **settings: Any) -> str:
        place = {"targetGroupArn": self.group, "containerName": "app", "containerPort": 8080}
        return self.running.service(definition, desired, loadBalancers=[place], **settings)

    def data_plane(self) -> dict[str, Any]:
        told: dict[str, Any] = self.balanced.ask("/_cygni/health")["data_plane"]
        return told

    def until_restarted(self, times: int) -> None:
        assert eventually(lambda: self.data_plane()["restarts"] == times)

    def healthy(self) -> int:
        return list(self.balanced.health(self.group).values()).count("healthy")


@pytest.fixture
def site(local_cloud: LocalCloud, tmp_path: Path) -> Site:
    return Site(local_cloud, tmp_path)


@pytest.fixture
def own_site(tmp_path: Path) -> Iterator[Site]:
    """On a local cloud of its own, whose parts are killed."""
    settings = Settings(data_dir=tmp_path / "own", cache_dir=tmp_path / "cache")
    cloud = process.start(settings)
    try:
        yield Site(cloud, tmp_path)
    finally:
        process.stop(settings)


def test_a_service_is_registered_and_answers_until_it_is_scaled_to_nothing(site: Site) -> None:
    service = site.service(site.running.server(VERSION="1"), 2)
    site.running.until_service(service, steady)
    ports = {port_of(task) for task in site.running.tasks(service)}
    assert site.balanced.health(site.group) == dict.fromkeys(ports, "healthy")
    with Clients(site.served) as clients:
        clients.seen("1")
        site.running.ecs.update_service(cluster=site.running.cluster, service=service, desiredCount=1)
        site.running.until_service(service, lambda one: one["runningCount"] == 1)
        clients.seen("1")
    assert set(clients.answers) == {"1"}
    site.running.ecs.update_service(cluster=site.running.cluster, service=service, desiredCount=0)
    assert eventually(lambda: site.balanced.health(site.group) == {})
    group = site.group
    said = site.running.messages(service)
    assert f"(service {service}) registered 1 targets in (target-group {group})" in said
    assert f"(service {service}) deregistered 1 targets in (target-group {group})" in said


def test_a_rolling_update_never_has_fewer_healthy_tasks_than_the_minimum_and_loses_no_request(
    site: Site,
) -> None:
    bounds = {"minimumHealthyPercent": 100, "maximumPercent": 150}
    service = site.service(site.running.server(VERSION="1"), 2, deploymentConfiguration=bounds)
    site.running.until_service(service, steady)
    update = {"cluster": site.running.cluster, "service": service}
    fewest: list[int] = []

    def is_steady() -> bool:
        fewest.append(site.healthy())
        return steady(site.running.describe(service))

    with Clients(site.served) as clients:
        clients.seen("1")
        site.running.ecs.update_service(**update, taskDefinition=site.running.server(VERSION="2"))
        assert eventually(is_steady, seconds=60)
        clients.seen("2")
    assert min(fewest) >= 2
    assert set(clients.answers) == {"1", "2"}


def test_tasks_that_fail_their_checks_are_replaced_after_the_grace_period(site: Site) -> None:
    definition = site.running.server(STATUS="500")
    service = site.service(definition, 1, breaker=True, healthCheckGracePeriodSeconds=1)
    failed = site.running.until_service(
        service, lambda one: one["deployments"][0]["rolloutState"] == "FAILED", seconds=120
    )
    assert failed["deployments"][0]["failedTasks"] == 3
    said = site.running.messages(service)
    unhealthy = f"is unhealthy in (target-group {site.group}) due to (reason Health checks failed with these codes: [500])"
    assert any(unhealthy in message for message in said)
    stopped = site.running.tasks(service, "STOPPED")
    reasons = {(task["stopCode"], task["stoppedReason"]) for task in stopped}
    assert (
        "ServiceSchedulerInitiated",
        f"Task failed ELB health checks in (target-group {site.group})",
    ) in reasons


def test_traffic_goes_on_while_the_data_plane_is_killed(own_site: Site) -> None:
    running = own_site.running
    service = own_site.service(running.server(VERSION="1"), 2)
    running.until_service(service, steady)
    with Clients(own_site.served) as clients:
        for killed in range(3):
            os.kill(own_site.data_plane()["pid"], signal.SIGKILL)
            clients.seen("1")
            own_site.until_restarted(killed + 1)
            clients.seen("1")
    assert set(clients.answers) == {"1"}
    assert len(running.tasks(service)) == 2
    assert running.tasks(service, "STOPPED") == []
