"""Reads section `rds` of the snapshot from moto's objects, and takes what the data plane reports of databases."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from typing import Any

from cygni.local_cloud.data_plane.reports import DatabaseState, Report
from cygni.local_cloud.data_plane.snapshot import DatabaseOrder, RelationalDatabaseService
from cygni.local_cloud.databases.installation import MISSING
from cygni.local_cloud.identity import HOST
from cygni.local_cloud.moto_rds_addresses import is_meant, local_port

log = logging.getLogger(__name__)
_STATES: dict[str, DatabaseState] = {}


def read() -> RelationalDatabaseService:
    served = [one for one in _instances() if not one.is_replica and local_port(one)]
    return RelationalDatabaseService(tuple(_order(one) for one in served))


def take(reports: tuple[DatabaseState, ...]) -> None:
    for report in reports:
        for instance in _instances():
            if instance.dbi_resource_id == report.id:
                _STATES[report.id] = report
                if instance.status in ("creating", "failed"):
                    instance.status = report.status
        if report.problem:
            log.error("%s is not served: %s", report.id, report.problem)


def reported() -> tuple[Report, ...]:
    return tuple(_STATES.values())


def forget() -> None:
    _STATES.clear()  # the ports are given back with those of load balancers


def addresses() -> list[dict[str, Any]]:
    """Every database of PostgreSQL that is no replica: `name`, `arn`, `address` (empty where it is not served),
    `user`, `database`, `secret_arn`, and `problem`, why it is not served."""
    return [
        {
            "name": one.db_instance_identifier,
            "arn": one.arn,
            "address": f"{HOST}:{local_port(one)}" if local_port(one) else "",
            "user": one.master_username,
            "database": one.db_name or "postgres",
            "secret_arn": one.master_user_secret.secret_arn,
            "problem": _problem(one),
        }
        for one in _instances()
        if is_meant(one)
    ]


def _problem(instance: Any) -> str:
    if not local_port(instance):
        return MISSING
    state = _STATES.get(instance.dbi_resource_id)
    return state.problem if state else "it is being started"


def _instances() -> Iterator[Any]:
    """moto's instances of every account and region, where the service is in use."""
    loaded = sys.modules.get("moto.rds.models")
    for regions in list(loaded.rds_backends.values()) if loaded else []:
        for backend in regions.values():
            yield from backend.databases.values()


def _order(instance: Any) -> DatabaseOrder:
    secret = instance.master_user_secret.secret
    return DatabaseOrder(
        arn=instance.arn,
        id=instance.dbi_resource_id,
        name=instance.db_instance_identifier,
        region=instance.region,
        version=str(instance.engine_version),
        local_port=local_port(instance),
        user=instance.master_username,
        database=instance.db_name or "",
        secret_arn=secret.arn,
        secret_version=secret.default_version_id or "",
    )
