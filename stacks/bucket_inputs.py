"""What the data stack is given of buckets, and how it follows from the specification (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cygni.spec import Bucket, Encryption, ProjectSpec, StorageClass


@dataclass(frozen=True)
class LifecycleInputs:
    """One rule, in days; `transitions` are storage classes as S3 writes them, with the age to move at."""

    name: str
    prefix: str
    expire_after: int | None
    transitions: tuple[tuple[str, int], ...]
    former_versions_expire_after: int | None
    former_versions_transitions: tuple[tuple[str, int], ...]
    former_versions_kept: int | None


@dataclass(frozen=True)
class CorsInputs:
    """`max_age` in seconds."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    expose: tuple[str, ...]
    max_age: int


@dataclass(frozen=True)
class ReplicationInputs:
    region: str
    prefix: str


@dataclass(frozen=True)
class BucketInputs:
    """`abort_uploads_after` in days, 0 for never. `own_name` is its name in AWS, None for one that is made up."""

    name: str
    versioning: bool
    kms: bool = False
    abort_uploads_after: int = 0
    lifecycle: tuple[LifecycleInputs, ...] = ()
    cors: CorsInputs | None = None
    replication: ReplicationInputs | None = None
    own_name: str | None = None


def bucket_inputs(spec: ProjectSpec) -> tuple[BucketInputs, ...]:
    return tuple(_bucket(name, bucket) for name, bucket in sorted(spec.buckets.items()))


def _bucket(name: str, bucket: Bucket) -> BucketInputs:
    cors, replication = bucket.cors, bucket.replication
    return BucketInputs(
        name=name,
        versioning=bucket.versioning,
        kms=bucket.encryption is Encryption.KMS,
        abort_uploads_after=bucket.abort_uploads_after,
        lifecycle=tuple(
            LifecycleInputs(
                name=rule_name,
                prefix=rule.prefix or "",
                expire_after=rule.expire_after,
                transitions=_moves(rule.transitions),
                former_versions_expire_after=rule.former_versions_expire_after,
                former_versions_transitions=_moves(rule.former_versions_transitions),
                former_versions_kept=rule.former_versions_kept,
            )
            for rule_name, rule in sorted(bucket.lifecycle.items())
        ),
        cors=CorsInputs(cors.origins, cors.methods, cors.headers, cors.expose, cors.max_age)
        if cors
        else None,
        replication=ReplicationInputs(replication.region, replication.prefix or "") if replication else None,
        own_name=bucket.name,
    )


def _moves(transitions: Mapping[StorageClass, int]) -> tuple[tuple[str, int], ...]:
    written = {kind.value.upper().replace("-", "_"): days for kind, days in transitions.items()}
    return tuple(sorted(written.items()))
