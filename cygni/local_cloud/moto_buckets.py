"""Where moto 5.2 differs from AWS in the settings of buckets, put right in this process. Each with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def fix_replication() -> None:
    from moto.core.responses import ActionResult
    from moto.s3.exceptions import ReplicationConfigurationNotFoundError
    from moto.s3.responses import S3Response

    def get_bucket_replication(response: Any) -> Any:
        """moto keeps what it was given of a rule, and answers without its filter and what becomes of deletions."""
        response.data["Action"] = "GetBucketReplication"
        kept = response.backend.get_bucket_replication(response.bucket_name)
        if not kept:
            raise ReplicationConfigurationNotFoundError(bucket_name=response.bucket_name)
        found = {"Role": kept["Role"], "Rules": [_rule(rule) for rule in kept["Rule"]]}
        return response.serialized(ActionResult({"ReplicationConfiguration": found}))

    S3Response.get_bucket_replication = get_bucket_replication


def _rule(kept: Mapping[str, Any]) -> dict[str, Any]:
    """A rule as XML had it, in the form of the answer: elements that are empty or repeat are told apart there."""
    rule = dict(kept)
    rule["Priority"] = int(rule["Priority"])
    if "Filter" in rule:
        rule["Filter"] = _filter(rule["Filter"] or {})
    if "Prefix" in rule:
        rule["Prefix"] = rule["Prefix"] or ""
    return rule


def _filter(kept: Mapping[str, Any]) -> dict[str, Any]:
    found = {name: value or "" for name, value in kept.items()}
    if "And" in found:
        joined = dict(kept["And"])
        tags = joined.pop("Tag", [])
        found["And"] = {**joined, "Tags": tags if isinstance(tags, list) else [tags]}
    return found
