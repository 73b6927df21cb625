"""What guards data against being deleted, and what brings it back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from cygni.policies.reading import is_off, is_on
from cygni.policies.rule import Level, Levels, ResourceRule, Scene
from cygni.pricing.inputs import text, whole
from cygni.resources import Resource

_RDS: Final = "aws:rds/instance:Instance"
_CLUSTERS: Final = ("aws:rds/cluster:Cluster", "aws:docdb/cluster:Cluster", "aws:neptune/cluster:Cluster")
_REDSHIFT: Final = "aws:redshift/cluster:Cluster"
_TABLE: Final = "aws:dynamodb/table:Table"
_CACHE: Final = "aws:elasticache/replicationGroup:ReplicationGroup"
_USERS: Final = "aws:cognito/userPool:UserPool"
_BUCKETS: Final = frozenset({"aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"})  # its name now and before
_VERSIONINGS: Final = (
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:s3/bucketVersioningV2:BucketVersioningV2",
)

_PROTECTION: Final = {
    _RDS: "deletionProtection",
    **dict.fromkeys(_CLUSTERS, "deletionProtection"),
    _TABLE: "deletionProtectionEnabled",
}


def _unprotected(resource: Resource, scene: Scene) -> Iterator[str]:
    inputs = resource.inputs
    if _is_copy(inputs):
        return
    if resource.type == _USERS:
        if text(inputs, "deletionProtection", "INACTIVE") == "INACTIVE":
            yield "can be deleted in one call (deletionProtection)"
    elif is_off(inputs, _PROTECTION[resource.type]):
        yield f"can be deleted in one call ({_PROTECTION[resource.type]})"


DELETION_PROTECTION = ResourceRule(
    name="deletion-protection",
    checks="Databases, tables and user pools refuse to be deleted until protection is switched off.",
    why="One wrong call or a renamed resource deletes the data. Protection makes that two deliberate steps.",
    fix="Turn the named input on.",
    levels=Levels.production_only(Level.MANDATORY),
    setting="databases.NAME.deletion_protection",
    types=frozenset({*_PROTECTION, _USERS}),
    problems=_unprotected,
)


def _without_backups(resource: Resource, scene: Scene) -> Iterator[str]:
    inputs, days = resource.inputs, scene.limits.backup_days
    if _is_copy(inputs):
        return
    if resource.type == _TABLE:
        if is_off(inputs, "pointInTimeRecovery.enabled"):
            yield "cannot be restored to an earlier time (pointInTimeRecovery.enabled)"
        return
    key, default = _RETENTION[resource.type]
    kept = whole(inputs, key, default)
    if isinstance(kept, Decimal) and kept < days:
        amount = f"keeps backups for {kept} of at least {days} days" if kept else "keeps no backups"
        yield f"{amount} ({key})"
    if resource.type in _WITH_FINAL_SNAPSHOT and is_on(inputs, "skipFinalSnapshot"):
        yield "takes no last snapshot when it is deleted (skipFinalSnapshot)"


# Days where the input is not set, as the documentation of pulumi-aws 7.51 tells them.
_RETENTION: Final[Mapping[str, tuple[str, int]]] = {
    _RDS: ("backupRetentionPeriod", 0),
    **dict.fromkeys(_CLUSTERS, ("backupRetentionPeriod", 1)),
    _REDSHIFT: ("automatedSnapshotRetentionPeriod", 1),
}
_WITH_FINAL_SNAPSHOT: Final = frozenset({_RDS, *_CLUSTERS, _REDSHIFT})

BACKUPS = ResourceRule(
    name="backups",
    checks="Databases keep automatic backups for long enough and a last snapshot; tables can go back in time.",
    why="A mistake that is noticed after a few days can only be undone from a backup that is still there.",
    fix="Keep backups for at least as many days as the policy asks, and let the last snapshot be taken.",
    levels=Levels.production_only(Level.MANDATORY),
    setting="databases.NAME.backup_retention, policies.backup_days",
    types=frozenset({*_RETENTION, _TABLE}),
    problems=_without_backups,
)


def _cache_without_snapshots(resource: Resource, scene: Scene) -> Iterator[str]:
    kept = whole(resource.inputs, "snapshotRetentionLimit", 0)
    if isinstance(kept, Decimal) and not kept and resource.inputs.get("globalReplicationGroupId") is None:
        yield "keeps no snapshots (snapshotRetentionLimit)"


CACHE_SNAPSHOTS = ResourceRule(
    name="cache-snapshots",
    checks="Caches keep at least one daily snapshot.",
    why="A cache that is lost comes back empty, and what it held weighs on the database behind it at once.",
    fix="Set snapshotRetentionLimit to 1 or more; one snapshot costs nothing.",
    levels=Levels.production_only(Level.ADVISORY),
    setting="caches.NAME.snapshot_retention",
    types=frozenset({_CACHE}),
    problems=_cache_without_snapshots,
)


def _unversioned(resource: Resource, scene: Scene) -> Iterator[str]:
    if not is_off(
        resource.inputs, "versioning.enabled"
    ):  # the former way; a resource of its own is the newer
        return
    users = scene.resources.users_of(resource.urn)
    named = resource.inputs.get("bucket")
    settings = [one for one in users if one.type in _VERSIONINGS]
    if isinstance(named, str):
        others = (one for kind in _VERSIONINGS for one in scene.resources.of_type(kind))
        settings += [one for one in others if one.inputs.get("bucket") == named]
    if not any(_is_versioned(one) for one in settings):
        yield "forgets what is overwritten or deleted in it"


def _is_versioned(setting: Resource) -> bool:
    """Whether it is on, or not known to be off."""
    given = setting.inputs.get("versioningConfiguration")
    return not isinstance(given, Mapping) or text(given, "status") not in ("", "Suspended", "Disabled")


BUCKET_VERSIONING = ResourceRule(
    name="bucket-versioning",
    checks="Buckets keep former versions of their objects.",
    why="What a program overwrites or deletes by mistake is gone at once in a bucket without versions.",
    fix="Turn versioning on, and let a lifecycle rule expire old versions: each version is billed.",
    levels=Levels.production_only(Level.ADVISORY),
    setting="buckets.NAME.versioning",
    types=_BUCKETS,
    problems=_unversioned,
    looks_around=True,
)


def _is_copy(inputs: Mapping[str, Any]) -> bool:
    """Whether it follows another database, which has the protection and the backups."""
    sources = ("replicateSourceDb", "replicationSourceIdentifier")
    return any(inputs.get(source) is not None for source in sources)
