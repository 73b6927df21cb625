"""The load balancers' part of the data plane: brings Envoy to what the snapshot says, and tells what becomes of it."""

from __future__ import annotations

import time
from collections.abc import Iterable

from cygni.local_cloud.data_plane.part import Surroundings
from cygni.local_cloud.data_plane.reports import Report, TargetHealth
from cygni.local_cloud.data_plane.snapshot import DrainingTarget, Snapshot, Target, TargetGroup
from cygni.local_cloud.load_balancer.admin import Admin
from cygni.local_cloud.load_balancer.checker import Checker, Key
from cygni.local_cloud.load_balancer.configuration import Layout, used_groups
from cygni.local_cloud.load_balancer.envoy import Envoy
from cygni.local_cloud.load_balancer.health import Health
from cygni.local_cloud.load_balancer.service import Service


class LoadBalancerPart:
    """All load balancers of a local cloud."""

    name = "load-balancer"

    def run(self, surroundings: Surroundings) -> None:
        balancing = _Balancing(surroundings)
        try:
            balancing.work()
        finally:
            balancing.checker.stop()
        balancing.service.end()


class _Balancing:
    """One run of the part."""

    def __init__(self, surroundings: Surroundings):
        layout = Layout(surroundings.folder)
        self._surroundings = surroundings
        self._drained: set[tuple[str, DrainingTarget]] = set()
        self.checker = Checker(self._tell_health, _known(surroundings.reported))
        self.service = Service(
            layout, Envoy(surroundings.ledger, layout), Admin(layout.folder), surroundings.report
        )

    def work(self) -> None:
        """Follow the feed until it is closed."""
        feed = self._surroundings.feed
        snapshot: Snapshot | None = None
        while not feed.closed:
            snapshot = feed.next(snapshot, self.service.pause) or snapshot
            if snapshot is not None and not feed.closed:
                self.checker.watch(used_groups(snapshot.elbv2))
                self.service.serve(snapshot.elbv2, self.checker.health())
                self._end_draining(snapshot.elbv2.target_groups)

    def _tell_health(self, arn: str, target: Target, health: Health) -> None:
        self._surroundings.report(
            TargetHealth(
                arn, target.id, target.port, target.since, health.state, health.reason, health.description
            )
        )
        self._surroundings.feed.wake()

    def _end_draining(self, groups: Iterable[TargetGroup]) -> None:
        """Let go of targets whose deregistration delay has passed; each is told of once."""
        draining = {(group.arn, one): group for group in groups for one in group.draining}
        self._drained &= draining.keys()
        now = time.time()
        for (arn, one), group in draining.items():
            if (arn, one) not in self._drained and now >= one.since + group.deregistration_delay:
                self._drained.add((arn, one))
                self._surroundings.report(TargetHealth(arn, one.id, one.port, one.since, "unused"))


def _known(reported: Iterable[Report]) -> dict[Key, Health]:
    """What an earlier process has found out of the targets."""
    return {
        (one.target_group_arn, Target(one.id, one.port, one.since)): Health(
            one.state, one.reason, one.description
        )
        for one in reported
        if isinstance(one, TargetHealth)
    }
