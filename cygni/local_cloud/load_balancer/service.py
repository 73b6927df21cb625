"""Keeps an Envoy running that serves what the snapshot says, while there is a listener; none while there is none."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from cygni.errors import LocalCloudError
from cygni.local_cloud.data_plane.reports import ListenerState, Report
from cygni.local_cloud.data_plane.snapshot import ElasticLoadBalancing, Target
from cygni.local_cloud.identity import HOST
from cygni.local_cloud.load_balancer.admin import Admin
from cygni.local_cloud.load_balancer.certificates import make_certificate
from cygni.local_cloud.load_balancer.configuration import Configuration, Layout, bootstrap, configuration
from cygni.local_cloud.load_balancer.envoy import Envoy
from cygni.local_cloud.load_balancer.files import ConfigurationFiles
from cygni.local_cloud.load_balancer.health import Health
from cygni.local_cloud.load_balancer.listeners import listener_name
from cygni.local_cloud.load_balancer.reporting import MetricReporter

TICK_SECONDS = 0.5
_EAGER_SECONDS = 0.05
_SURE_SECONDS = 0.2
"""By then, Envoy has read what it was given; what it refuses later is seen by the next look."""
_LOOK_SECONDS = 2.0
_CLUSTERS_SECONDS = 2.0
_LONGEST_PAUSE_SECONDS = 5.0
_STEADY_SECONDS = 30.0

HealthByGroup = Mapping[str, Mapping[Target, Health]]


class Service:
    """`serve` is called again and again, at the latest after `pause` seconds, by one thread."""

    def __init__(self, layout: Layout, envoy: Envoy, admin: Admin, report: Callable[[Report], None]):
        self._layout = layout
        self._envoy = envoy
        self._admin = admin
        self._report = report
        self._files = ConfigurationFiles(layout)
        self._metrics = MetricReporter(admin, report)
        self._applied: tuple[ElasticLoadBalancing, HealthByGroup] | None = None
        self._kept_clusters = False
        self._states: dict[str, str] = {}
        self._unopened_since: float | None = None
        self._look_after = self._repeat_after = 0.0
        self._started_at = self._start_after = 0.0
        self._failures = 0
        self._refused = ("", 0)

    @property
    def pause(self) -> float:
        """How long to wait before `serve` is to be called again, in seconds."""
        return _EAGER_SECONDS if self._unopened_since is not None or self._kept_clusters else TICK_SECONDS

    def serve(self, elbv2: ElasticLoadBalancing, health: HealthByGroup) -> None:
        """Do what has to be done now. What fails is reported, and tried again."""
        if not any(balancer.listeners for balancer in elbv2.load_balancers):
            self.end()
            return
        running = self._envoy.is_running()
        if not running or self._kept_clusters or self._applied != (elbv2, health):
            self._configure(elbv2, health, running=running)
        if not running:
            self._start(elbv2)
        elif self._unopened_since is not None or time.monotonic() >= self._look_after:
            self._look_at_listeners(elbv2)
        if running:
            self._metrics.tick(elbv2, health, self._envoy.identity)

    def end(self) -> None:
        """End Envoy, if it runs; what it has counted is told first."""
        if self._envoy.is_running() and self._applied is not None:
            self._metrics.tell(*self._applied, self._envoy.identity)
        self._envoy.end()
        self._applied = None

    def _configure(self, elbv2: ElasticLoadBalancing, health: HealthByGroup, *, running: bool) -> None:
        for listener in (one for balancer in elbv2.load_balancers for one in balancer.listeners):
            if listener.protocol == "HTTPS":
                make_certificate(*self._layout.certificate(listener), listener.names)
        wanted = configuration(elbv2, health, self._layout)
        changed = self._applied is None or self._applied[0] != elbv2
        refusals = self._ask(self._admin.refusals) if running and changed else 0
        if self._kept_clusters:
            self._files.trim(wanted)
        self._kept_clusters = self._write(wanted, running=running)
        if changed:
            self._unopened_since = time.monotonic()
            self._refused = (self._envoy.identity, refusals)
        self._applied = (elbv2, health)

    def _write(self, wanted: Configuration, *, running: bool) -> bool:
        if not running:
            return self._files.write(wanted, lambda: None)
        before = self._ask(self._admin.cluster_updates)
        return self._files.write(wanted, lambda: self._wait_for_clusters(before))

    def _wait_for_clusters(self, before: int) -> None:
        until = time.monotonic() + _CLUSTERS_SECONDS
        while self._ask(self._admin.cluster_updates) == before and time.monotonic() < until:
            time.sleep(0.002)

    def _ask(self, question: Callable[[], int]) -> int:
        try:
            return question()
        except LocalCloudError:  # it has just begun, or ended
            return 0

    def _start(self, elbv2: ElasticLoadBalancing) -> None:
        now = time.monotonic()
        if now < self._start_after:
            return
        self._failures = 0 if now - self._started_at > _STEADY_SECONDS else self._failures + 1
        self._started_at = now
        self._start_after = now + min(0.1 * 2**self._failures, _LONGEST_PAUSE_SECONDS)
        if self._failures > 1:
            self._tell_all(elbv2, f"Envoy ended by itself; its last words: {self._envoy.last_words()}")
        try:
            self._files.write_bootstrap(bootstrap(self._layout))
            self._envoy.start()
        except LocalCloudError as error:
            self._tell_all(elbv2, f"{error.message}. {error.hint or ''}".strip())
            return
        self._unopened_since = now

    def _look_at_listeners(self, elbv2: ElasticLoadBalancing) -> None:
        """Report which listeners are open; those that are not are tried again."""
        now = time.monotonic()
        try:
            is_open, refusals = self._admin.listeners(), self._admin.refusals()
        except LocalCloudError:
            return
        self._look_after = now + _LOOK_SECONDS
        waited = now - (self._unopened_since or 0)
        refused = self._refusal(refusals)
        listeners = [one for balancer in elbv2.load_balancers for one in balancer.listeners]
        closed = [one for one in listeners if listener_name(one) not in is_open]
        for one in listeners:
            if one not in closed:
                self._tell(one.arn, refused)
            elif waited > TICK_SECONDS:
                self._tell(one.arn, f"port {one.local_port} of {HOST} is taken by another program")
        if closed and waited > TICK_SECONDS and now >= self._repeat_after:
            self._repeat_after = now + _LOOK_SECONDS
            self._files.repeat_listeners()
        elif not closed and waited > _SURE_SECONDS:
            self._unopened_since = None

    def _refusal(self, refusals: int) -> str:
        """What is wrong when Envoy did not understand the last configuration, and goes on with the one before."""
        if self._envoy.identity != self._refused[0]:
            self._refused = (self._envoy.identity, 0)
        if refusals == self._refused[1]:
            return ""
        return f"Envoy refuses the configuration: {self._envoy.last_words()}"

    def _tell_all(self, elbv2: ElasticLoadBalancing, problem: str) -> None:
        for listener in (one for balancer in elbv2.load_balancers for one in balancer.listeners):
            self._tell(listener.arn, problem)

    def _tell(self, arn: str, problem: str) -> None:
        if self._states.get(arn) != problem:
            self._states[arn] = problem
            self._report(ListenerState(arn, problem))
