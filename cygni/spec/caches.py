"""The `caches` of cygni.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import Field

from cygni.spec.section import Choice, Finding, Section, Text
from cygni.spec.store_fields import (
    DailyWindow,
    WeeklyWindow,
    backup_window,
    final_snapshot,
    maintenance_window,
)
from cygni.wording import one_of, quoted

CacheVersion = Annotated[str, Text(r"[678]\.[0-9]", 'a version such as "8.0", quoted', 3, 3)]
NodeType = Annotated[
    str,
    Text(
        r"cache\.[a-z][a-z0-9]*\.[a-z0-9]+", "an ElastiCache node type: cache.t4g.micro, cache.m7g.large", 32
    ),
]
# ElastiCache User Guide (parameters of Valkey and Redis OSS): maxmemory-policy.
_EVICTIONS: Final = (
    "volatile-lru", "allkeys-lru", "volatile-lfu", "allkeys-lfu", "volatile-random", "allkeys-random",
    "volatile-ttl", "noeviction",
)  # fmt: skip


class CacheEngine(StrEnum):
    """What a cache runs."""

    VALKEY = "valkey"
    REDIS = "redis"


# ElastiCache User Guide (supported versions); the newest first, which is the default.
VERSIONS: Final[Mapping[CacheEngine, tuple[str, ...]]] = {
    CacheEngine.VALKEY: ("8.1", "8.0", "7.2"),
    CacheEngine.REDIS: ("7.1", "7.0", "6.2"),
}


class Cache(Section):
    """A Valkey or Redis cache: encrypted at rest and on the way, reached from the services alone."""

    engine: CacheEngine = Field(
        default=CacheEngine.VALKEY,
        strict=False,
        description="`valkey`, the open fork that speaks the same protocol and costs a fifth less, or `redis`.",
        examples=["redis"],
    )
    version: CacheVersion | None = Field(
        default=None,
        description="Version of the engine, quoted: of Valkey 8.1 unless written, of Redis 7.1.",
        examples=["8.0"],
    )
    node_type: NodeType = Field(
        default="cache.t4g.micro",
        description="ElastiCache node type (`cache.t4g.micro` of Valkey: 9.34 USD a month in us-east-1).",
        examples=["cache.m7g.large"],
    )
    nodes: int = Field(
        default=1,
        ge=1,
        le=6,
        description=(
            "Nodes: a primary and its replicas, in different zones. From two on a replica takes over when the primary "
            "fails."
        ),
        examples=[2],
    )
    eviction: Annotated[str, Choice(_EVICTIONS, f"ElastiCache knows {one_of(_EVICTIONS)}")] = Field(
        default="volatile-lru",
        description=(
            "Which keys go when the memory is full: the default forgets those with a time to live that were used least "
            "recently, and refuses writes when there are none; `allkeys-lru` forgets any."
        ),
        examples=["allkeys-lru"],
    )
    snapshot_retention: int = Field(
        default=0,
        ge=0,
        le=35,
        description="Days daily snapshots are kept; 0 makes none. The first costs nothing.",
        examples=[7],
    )
    final_snapshot: bool = final_snapshot("cache")
    backup_window: DailyWindow = backup_window()
    maintenance_window: WeeklyWindow = maintenance_window()

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        engine, version = data.get("engine", CacheEngine.VALKEY), data.get("version")
        known = VERSIONS[CacheEngine(engine)] if engine in [*CacheEngine] else ()
        if isinstance(version, str) and known and version not in known:
            yield Finding(
                ("version",), f"{quoted(version)} is not a version of {engine}", f"use {one_of(known)}"
            )

    @property
    def engine_version(self) -> str:
        """The version that is written, or the engine's newest."""
        return self.version or VERSIONS[self.engine][0]
