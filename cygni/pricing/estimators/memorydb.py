"""MemoryDB: the nodes of every shard, what is written, and snapshots."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import derived, is_one_of, negated, text, times, total, units, whole

_SERVICE: Final = "AmazonMemoryDB"
_ENGINE: Final = text("engine", "redis")

ESTIMATORS: Final = (
    priced(
        "aws:memorydb/cluster:Cluster",
        parts=(
            Part(
                fixed("{engine} node {node_type}", _SERVICE, "node", "hour"),
                times(whole("numShards", 1), total(units(1), whole("numReplicasPerShard", 1))),
                by={"engine": _ENGINE, "node_type": text("nodeType")},
            ),
            Part(
                by_usage("data written", _SERVICE, "data-written", "GB", "memorydb_written_gb"),
                by={"engine": _ENGINE},
            ),
            Part(
                by_usage("snapshots", _SERVICE, "backup", "GB-month", "cache_backup_gb"),
                when=negated(is_one_of(derived(whole("snapshotRetentionLimit", 0), str), "0", "1")),
            ),
        ),
        notes=("One shard with one replica unless said otherwise. A snapshot of one day costs nothing.",),
    ),
)
