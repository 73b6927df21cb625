"""Takes what the data plane reports of load balancers into moto's objects."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from cygni.local_cloud.control_plane.elbv2_snapshot import elbv2_backends
from cygni.local_cloud.control_plane.ports import ports
from cygni.local_cloud.data_plane.reports import ListenerState, Report, TargetHealth
from cygni.local_cloud.data_plane.snapshot import ElasticLoadBalancing
from cygni.local_cloud.identity import HOST

log = logging.getLogger(__name__)
_LISTENER_STATES: dict[str, ListenerState] = {}


def take(reports: tuple[TargetHealth | ListenerState, ...]) -> None:
    for report in reports:
        if isinstance(report, TargetHealth):
            _take_health(report)
        else:
            _LISTENER_STATES[report.listener_arn] = report
            if report.problem:
                log.error("%s is not served: %s", report.listener_arn, report.problem)


def _take_health(report: TargetHealth) -> None:
    key = (report.id, report.port)
    for group in _groups(report.target_group_arn):
        registered, draining = group.targets.get(key), group.deregistered_targets.get(key)
        if registered is not None and registered.since == report.since:
            registered.state, registered.reason = report.state, report.reason
            registered.description = report.description
        elif draining is not None and draining.since == report.since and report.state == "unused":
            del group.deregistered_targets[key]


def reported() -> tuple[Report, ...]:
    return tuple(
        TargetHealth(group.arn, one.id, one.port, one.since, one.state, one.reason, one.description)
        for group in _groups(None)
        for one in group.targets.values()
    )


def forget() -> None:
    _LISTENER_STATES.clear()
    ports.release_all()


def addresses(elbv2: ElasticLoadBalancing) -> list[dict[str, Any]]:
    """Every load balancer, and where its listeners are served; `problem` says why one is not, or is empty."""
    return [
        {
            "name": balancer.name,
            "arn": balancer.arn,
            "address": f"{HOST}:{balancer.local_port}",
            "listeners": [
                {
                    "arn": listener.arn,
                    "protocol": listener.protocol,
                    "port": listener.port,
                    "url": f"{listener.protocol.lower()}://{HOST}:{listener.local_port}",
                    "problem": _problem(listener.arn),
                }
                for listener in balancer.listeners
            ],
        }
        for balancer in elbv2.load_balancers
    ]


def _problem(listener_arn: str) -> str:
    state = _LISTENER_STATES.get(listener_arn)
    return state.problem if state else "it is being started"


def _groups(arn: str | None) -> Iterator[Any]:
    for backend in elbv2_backends():
        for group in list(backend.target_groups.values()):
            if arn in (None, group.arn):
                yield group
