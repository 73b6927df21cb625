"""A Valkey or Redis cache on ElastiCache."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_aws import elasticache

from components.component import Component
from components.data_store import StoreArgs, closed_group, last_snapshot, life_of

PORT = 6379


@dataclass(frozen=True, kw_only=True)
class CacheArgs(StoreArgs):
    """`engine` is valkey or redis, `version` as `8.0`. Of `nodes` the first is the primary, the others are replicas:
    from two on one takes its place when it fails. `snapshot_retention` is in days, 0 keeps none. `eviction` is the
    maxmemory-policy: which keys go when the memory is full."""

    engine: str
    version: str
    node_type: str
    nodes: int
    snapshot_retention: int
    final_snapshot: bool
    eviction: str


class Cache(Component):
    """Subnet group, parameter group, security group and replication group: encrypted at rest and in transit.

    Outputs: `replication_group`, `group` (its security group).
    """

    token = "cygni:data:Cache"

    def __init__(self, name: str, args: CacheArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        life = life_of(args)
        self.group, _ = closed_group(self, f"{name}-cache", args, PORT, life)
        subnets = elasticache.SubnetGroup(
            name, description=f"Subnets of {args.identifier}", subnet_ids=args.subnet_ids, opts=self.child()
        )
        parameters = elasticache.ParameterGroup(
            name,
            family=family(args.engine, args.version),
            description=f"Parameters of {args.identifier}",
            parameters=[
                elasticache.ParameterGroupParameterArgs(name="maxmemory-policy", value=args.eviction)
            ],
            opts=self.child(),
        )
        several = args.nodes > 1
        self.replication_group = elasticache.ReplicationGroup(
            name,
            replication_group_id=args.identifier,
            description=f"Cache {args.identifier}",
            engine=args.engine,
            engine_version=args.version,
            node_type=args.node_type,
            num_cache_clusters=args.nodes,
            automatic_failover_enabled=several,
            multi_az_enabled=several,
            port=PORT,
            at_rest_encryption_enabled=True,
            kms_key_id=args.kms_key,
            transit_encryption_enabled=True,
            transit_encryption_mode="required",
            subnet_group_name=subnets.name,
            parameter_group_name=parameters.name,
            security_group_ids=[self.group.id],
            snapshot_retention_limit=args.snapshot_retention,
            snapshot_window=args.backup_window,
            maintenance_window=args.maintenance_window,
            final_snapshot_identifier=last_snapshot(args, self.group, life) if args.final_snapshot else None,
            auto_minor_version_upgrade=True,
            # The plan has been shown and confirmed: what it says is done then, not in the next window.
            apply_immediately=True,
            opts=self.child(),
        )
        self.register_outputs({"primaryEndpoint": self.replication_group.primary_endpoint_address})


def family(engine: str, version: str) -> str:
    """The parameter group family: valkey8 of Valkey 8.0, redis7 of Redis 7.1, redis6.x of Redis 6.2."""
    major = version.partition(".")[0]
    return f"{engine}{major}.x" if (engine, major) == ("redis", "6") else f"{engine}{major}"
