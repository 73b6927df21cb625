"""What the data stack is given of databases and caches, and how the specification tells it (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from cygni.naming import CACHE_NAME_LIMIT, DATABASE_NAME_LIMIT, store_name
from cygni.spec import Cache, Database, Engine, ProjectSpec, default_database


@dataclass(frozen=True)
class DatabaseInputs:
    """One database. `identifier` is its name in AWS; storage in GiB, 0 for Aurora's, which grows by itself;
    capacities in ACU, for Aurora; days of retention and rotation; windows in UTC."""

    name: str
    identifier: str
    engine: str
    version: str
    database: str
    instance_class: str
    storage: int
    max_storage: int
    multi_az: bool
    replicas: int
    min_capacity: float
    max_capacity: float
    backup_retention: int
    backup_window: str
    maintenance_window: str
    deletion_protection: bool
    final_snapshot: bool
    performance_insights: bool
    password_rotation: int


@dataclass(frozen=True)
class CacheInputs:
    """One cache. `identifier` is its name in AWS; `snapshot_retention` in days, windows in UTC."""

    name: str
    identifier: str
    engine: str
    version: str
    node_type: str
    nodes: int
    eviction: str
    snapshot_retention: int
    final_snapshot: bool
    backup_window: str
    maintenance_window: str


@dataclass(frozen=True)
class BoundStores:
    """The databases and caches that services are given, by name, and the database that is the default ("" is none)."""

    databases: tuple[str, ...] = ()
    default_database: str = ""
    caches: tuple[str, ...] = ()


def database_inputs(spec: ProjectSpec) -> tuple[DatabaseInputs, ...]:
    return tuple(_database(spec, name, one) for name, one in sorted(spec.databases.items()))


def cache_inputs(spec: ProjectSpec) -> tuple[CacheInputs, ...]:
    return tuple(_cache(spec, name, one) for name, one in sorted(spec.caches.items()))


def bound_stores(spec: ProjectSpec) -> BoundStores:
    return BoundStores(
        tuple(sorted(spec.databases)), default_database(spec.databases), tuple(sorted(spec.caches))
    )


def _database(spec: ProjectSpec, name: str, one: Database) -> DatabaseInputs:
    aurora = one.engine is Engine.AURORA_POSTGRES
    return DatabaseInputs(
        name=name,
        identifier=store_name(spec.project, spec.environment, name, DATABASE_NAME_LIMIT),
        engine=str(one.engine),
        version=one.version,
        database=one.database,
        instance_class=one.class_name,
        storage=0 if aurora else one.storage,
        max_storage=0 if aurora else one.max_storage,
        multi_az=one.multi_az,
        replicas=one.replicas,
        min_capacity=one.min_capacity if aurora else 0,
        max_capacity=one.max_capacity if aurora else 0,
        backup_retention=one.backup_retention,
        backup_window=one.backup_window,
        maintenance_window=one.maintenance_window,
        deletion_protection=one.deletion_protection,
        final_snapshot=one.final_snapshot,
        performance_insights=one.performance_insights,
        password_rotation=one.password_rotation,
    )


def _cache(spec: ProjectSpec, name: str, one: Cache) -> CacheInputs:
    return CacheInputs(
        name=name,
        identifier=store_name(spec.project, spec.environment, name, CACHE_NAME_LIMIT),
        engine=str(one.engine),
        version=one.engine_version,
        node_type=one.node_type,
        nodes=one.nodes,
        eviction=one.eviction,
        snapshot_retention=one.snapshot_retention,
        final_snapshot=one.final_snapshot,
        backup_window=one.backup_window,
        maintenance_window=one.maintenance_window,
    )
