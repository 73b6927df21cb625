"""The databases and caches of the data stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi

from components.aurora import Aurora, AuroraArgs
from components.cache import Cache, CacheArgs
from components.data_store import Clients
from components.database import Database, DatabaseArgs
from components.encryption_key import EncryptionKey
from components.postgres import PORT
from cygni.naming import Part, name_in_account
from stacks.data_inputs import CacheInputs, DatabaseInputs
from stacks.inputs import DataInputs
from stacks.references import Upstream

AURORA = "aurora-postgres"


def data_stores(inputs: DataInputs, upstream: Mapping[str, Mapping[str, Any]]) -> None:
    """Declares them, in the isolated subnets of the network. Outputs: clientSecurityGroupId, which members of may
    reach them; databases by name (host, readerHost, port, database, secretArn) and caches (host, readerHost, port)."""
    if not inputs.databases and not inputs.caches:
        return
    name = f"{inputs.project}-{inputs.environment}"
    foundation = Upstream(inputs.project, inputs.environment, Part.FOUNDATION, upstream.get(Part.FOUNDATION))
    clients = Clients(name, foundation.output("vpcId"))
    place: dict[str, Any] = {
        "vpc_id": foundation.output("vpcId"),
        "subnet_ids": foundation.output("isolatedSubnetIds"),
        "clients": clients.security_group.id,
    }
    if inputs.own_key:
        alias = name_in_account(inputs.project, inputs.environment)
        place["kms_key"] = EncryptionKey(f"{name}-encryption-key", alias).key.arn
    databases = {one.name: _database(f"{name}-{one.name}", one, place) for one in inputs.databases}
    caches = {one.name: _cache(f"{name}-{one.name}", one, place) for one in inputs.caches}
    pulumi.export("clientSecurityGroupId", clients.security_group.id)
    if databases:
        pulumi.export("databases", databases)
    if caches:
        pulumi.export("caches", caches)


def _database(name: str, wanted: DatabaseInputs, place: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in vars(wanted).items() if key not in ("name", "engine")}
    if wanted.engine == AURORA:
        given = {key: value for key, value in given.items() if key not in _OF_INSTANCES}
        aurora = Aurora(name, AuroraArgs(**given, **place))
        hosts = {"host": aurora.cluster.endpoint, "readerHost": aurora.cluster.reader_endpoint}
        return {**hosts, "port": PORT, "database": wanted.database, "secretArn": aurora.secret_arn}
    given = {key: value for key, value in given.items() if key not in _OF_CLUSTERS}
    database = Database(name, DatabaseArgs(**given, **place))
    reader = database.replicas[0] if database.replicas else database.instance
    hosts = {"host": database.instance.address, "readerHost": reader.address}
    return {**hosts, "port": database.port, "database": wanted.database, "secretArn": database.secret_arn}


_OF_INSTANCES = ("storage", "max_storage", "multi_az")
_OF_CLUSTERS = ("min_capacity", "max_capacity")


def _cache(name: str, wanted: CacheInputs, place: Mapping[str, Any]) -> dict[str, Any]:
    given = {key: value for key, value in vars(wanted).items() if key != "name"}
    cache = Cache(name, CacheArgs(**given, **place)).replication_group
    return {
        "host": cache.primary_endpoint_address,
        "readerHost": cache.reader_endpoint_address,
        "port": cache.port,
    }
