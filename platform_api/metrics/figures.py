"""Figures that the database knows: what is under way, what waits, and for how long. Of all tenants together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from prometheus_client import generate_latest
from prometheus_client.core import CollectorRegistry, GaugeMetricFamily
from prometheus_client.registry import Collector

from platform_api.database.transactions import Database, PoolUse, Scope
from platform_api.deployments.lifecycle import OVER, Status
from platform_api.metering.looks import METERS, Look

_UNDER_WAY = sa.text(
    "SELECT status, count(*) FROM deployments WHERE status IN ('queued', 'awaiting_approval', 'approved', "
    "'recovering', 'watching') GROUP BY status UNION ALL SELECT status, count(*) FROM deployments "
    "WHERE status IN ('planning', 'applying', 'releasing') GROUP BY status"
)
"""Those that are over are not counted: their number grows for ever, and no index holds it."""
_QUEUE = sa.text(
    "SELECT count(*) AS length, coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0) AS age "
    "FROM deployments WHERE status = 'queued'"
)
_BACKLOG = sa.text(
    "SELECT count(*) AS length, coalesce(extract(epoch FROM clock_timestamp() - min(due_at)), 0) AS age "
    "FROM webhook_deliveries WHERE due_at <= clock_timestamp()"
)
_METERING = sa.text(
    "SELECT look, extract(epoch FROM clock_timestamp() - min(measured_until)) AS age, "
    "count(*) FILTER (WHERE failures > 0) AS failing FROM metered_places GROUP BY look"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much waits, and for how many seconds the oldest of it does."""

    length: int
    age: float


@dataclass(frozen=True, slots=True)
class Figures:
    """`deployments` has a count for each status that is not over. `meters` has by meter how many places could not be
    measured, and for how many seconds the one was not that was left out for longest."""

    deployments: dict[str, int]
    queue: Waiting
    webhooks: Waiting
    meters: dict[str, Waiting]


async def figures(database: Database) -> Figures:
    """`database` is connected as the workers' role, which sees all tenants."""
    async with database.transaction(Scope()) as session:
        counted = {row[0]: int(row[1]) for row in await session.execute(_UNDER_WAY)}
        queue = (await session.execute(_QUEUE)).one()
        backlog = (await session.execute(_BACKLOG)).one()
        looks = {row.look: Waiting(row.failing, float(row.age)) for row in await session.execute(_METERING)}
    return Figures(
        {status.value: counted.get(status.value, 0) for status in Status if status not in OVER},
        Waiting(queue.length, float(queue.age)),
        Waiting(backlog.length, float(backlog.age)),
        {meter.key: found for look, found in looks.items() for meter in METERS[Look(look)]},
    )


def written(registry: CollectorRegistry, found: Figures, pool: PoolUse) -> bytes:
    """All of it in Prometheus' text format: what `registry` has counted, and the figures of this moment."""
    moment = CollectorRegistry()
    moment.register(_Moment(found, pool))
    return generate_latest(registry) + generate_latest(moment)


class _Moment(Collector):
    def __init__(self, found: Figures, pool: PoolUse) -> None:
        self._found = found
        self._pool = pool

    def collect(self) -> Iterator[GaugeMetricFamily]:
        deployments = GaugeMetricFamily(
            "cygni_deployments", "Deployments that are not over, by status.", labels=["status"]
        )
        for status, count in self._found.deployments.items():
            deployments.add_metric([status], count)
        yield deployments
        for name, what, waiting in (
            ("deployment_queue", "Deployments that wait for a worker", self._found.queue),
            ("webhook_backlog", "Deliveries of webhooks that are due", self._found.webhooks),
        ):
            yield GaugeMetricFamily(f"cygni_{name}_length", f"{what}.", waiting.length)
            yield GaugeMetricFamily(f"cygni_{name}_age_seconds", f"{what}: the oldest.", waiting.age)
        lag = GaugeMetricFamily(
            "cygni_metering_lag_seconds",
            "Since when something was not measured that should be.",
            labels=["meter"],
        )
        failing = GaugeMetricFamily(
            "cygni_metering_failing",
            "Environments that could not be measured the last time.",
            labels=["meter"],
        )
        for meter, waiting in self._found.meters.items():
            lag.add_metric([meter], waiting.age)
            failing.add_metric([meter], waiting.length)
        yield lag
        yield failing
        connections = GaugeMetricFamily(
            "cygni_database_connections", "Connections of this process.", labels=["state"]
        )
        connections.add_metric(["used"], self._pool.used)
        connections.add_metric(["free"], self._pool.free)
        yield connections
