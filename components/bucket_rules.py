"""What happens to the objects of a bucket as they grow old, and which web pages may use it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pulumi_aws import s3


@dataclass(frozen=True)
class LifecycleRule:
    """Everything is in days; None is never. `transitions` are storage classes as S3 writes them, with the age at
    which objects move there. `former_versions_kept` of the newest stay however old they are."""

    name: str
    prefix: str = ""
    expire_after: int | None = None
    transitions: Mapping[str, int] = field(default_factory=dict)
    former_versions_expire_after: int | None = None
    former_versions_transitions: Mapping[str, int] = field(default_factory=dict)
    former_versions_kept: int | None = None


@dataclass(frozen=True)
class Cors:
    """Which pages may do what from a browser; `max_age` in seconds."""

    origins: Sequence[str]
    methods: Sequence[str]
    headers: Sequence[str]
    expose: Sequence[str]
    max_age: int


def lifecycle_rules(
    rules: Sequence[LifecycleRule], abort_uploads_after: int
) -> list[s3.BucketLifecycleConfigurationRuleArgs]:
    """`rules`, and one that deletes the parts of unfinished uploads after so many days; 0 is never."""
    found = [_rule(rule) for rule in rules]
    if abort_uploads_after:
        found.append(
            s3.BucketLifecycleConfigurationRuleArgs(
                id="abort-uploads",
                status="Enabled",
                filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
                abort_incomplete_multipart_upload=(
                    s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
                        days_after_initiation=abort_uploads_after
                    )
                ),
            )
        )
    return found


def _rule(rule: LifecycleRule) -> s3.BucketLifecycleConfigurationRuleArgs:
    given: dict[str, Any] = {}
    if rule.expire_after is not None:
        given["expiration"] = s3.BucketLifecycleConfigurationRuleExpirationArgs(days=rule.expire_after)
    if rule.transitions:
        given["transitions"] = [
            s3.BucketLifecycleConfigurationRuleTransitionArgs(storage_class=kind, days=days)
            for kind, days in sorted(rule.transitions.items(), key=lambda item: item[1])
        ]
    if rule.former_versions_expire_after is not None:
        given["noncurrent_version_expiration"] = (
            s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
                noncurrent_days=rule.former_versions_expire_after,
                newer_noncurrent_versions=rule.former_versions_kept,
            )
        )
    if rule.former_versions_transitions:
        given["noncurrent_version_transitions"] = [
            s3.BucketLifecycleConfigurationRuleNoncurrentVersionTransitionArgs(
                storage_class=kind, noncurrent_days=days
            )
            for kind, days in sorted(rule.former_versions_transitions.items(), key=lambda item: item[1])
        ]
    return s3.BucketLifecycleConfigurationRuleArgs(
        # A name of cygni.yaml has no `.`, so this is never that of the rule for uploads.
        id=f"rule.{rule.name}",
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=rule.prefix),
        **given,
    )


def cors_rule(cors: Cors) -> s3.BucketCorsConfigurationCorsRuleArgs:
    return s3.BucketCorsConfigurationCorsRuleArgs(
        allowed_origins=list(cors.origins),
        allowed_methods=list(cors.methods),
        allowed_headers=list(cors.headers),
        expose_headers=list(cors.expose),
        max_age_seconds=cors.max_age,
    )
