"""The sections of the snapshot, one for each service that the data plane acts for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cygni.local_cloud.control_plane import elbv2_reports, elbv2_snapshot, metric_reports, rds
from cygni.local_cloud.data_plane.reports import Report
from cygni.local_cloud.ecs import section as ecs


@dataclass(frozen=True, slots=True)
class Section:
    """A field of Snapshot, and the reports that belong with it; or, without a name, reports alone.

    `services` are the AWS services (botocore's names) whose changing calls can change it; `read` makes it from moto;
    `take` is given all reports of the types `reports`, in their order; `reported` gives those that a new data plane
    needs to go on; `forget` drops, at a reset, what is kept beside moto; `due` says when to read again although
    nothing was called (seconds since the epoch). They are called under moto's lock, and must
    not load a service of moto's that nobody has used: a local cloud pays for what is in it.
    """

    name: str | None
    services: frozenset[str]
    read: Callable[[], Any]
    reports: frozenset[str]
    take: Callable[[tuple[Any, ...]], None]
    reported: Callable[[], tuple[Report, ...]]
    forget: Callable[[], None]
    due: Callable[[], float | None] = lambda: None


SECTIONS = (
    Section(  # first: to read it may register targets
        name="ecs",
        services=frozenset({"ecs", "scheduler", "application-autoscaling"}),
        read=ecs.read,
        reports=frozenset({"task", "log"}),
        take=ecs.take,
        reported=ecs.reported,
        forget=ecs.forget,
        due=ecs.due,
    ),
    Section(
        name="elbv2",
        services=frozenset({"elbv2", "acm"}),
        read=elbv2_snapshot.read,
        reports=frozenset({"target-health", "listener"}),
        take=elbv2_reports.take,
        reported=elbv2_reports.reported,
        forget=elbv2_reports.forget,
    ),
    Section(
        name="rds",
        services=frozenset({"rds", "secretsmanager"}),
        read=rds.read,
        reports=frozenset({"database"}),
        take=rds.take,
        reported=rds.reported,
        forget=rds.forget,
    ),
    Section(
        name=None,
        services=frozenset(),
        read=lambda: None,
        reports=frozenset({"metric", "metric-totals"}),
        take=metric_reports.take,
        reported=metric_reports.reported,
        forget=metric_reports.forget,
    ),
)
