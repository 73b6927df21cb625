"""Samples of what a bucket lets pages do, and where it copies to."""

from __future__ import annotations

from typing import Any

from tests.cygni.local_cloud.provider.samples import Make, Sample
from tests.cygni.local_cloud.provider.samples_core import bucket_setting


def replication(make: Make, *rules: dict[str, Any]) -> dict[str, Any]:
    """Copies go to the bucket itself: S3 takes that from nobody, moto does."""
    return {
        "bucket": make("versioning").outputs["bucket"],
        "role": make("role").outputs["arn"],
        "rules": [
            {"status": "Enabled", "destination": {"bucket": make("bucket").outputs["arn"]}, **rule}
            for rule in rules
        ],
    }


BUCKETS: dict[str, Sample] = {
    "cors": bucket_setting(
        "BucketCorsConfiguration",
        {
            "corsRules": [
                {
                    "allowedMethods": ["GET", "PUT"],
                    "allowedOrigins": ["https://a.example", "https://b.example"],
                    "allowedHeaders": ["*"],
                    "exposeHeaders": ["ETag"],
                    "maxAgeSeconds": 600,
                }
            ]
        },
        {"corsRules": [{"id": "any", "allowedMethods": ["GET"], "allowedOrigins": ["*"]}]},
    ),
    "replication": Sample(
        "aws:s3/bucketReplicationConfig:BucketReplicationConfig",
        lambda make: replication(
            make,
            {
                "id": "all",
                "filter": {"prefix": ""},
                "deleteMarkerReplication": {"status": "Enabled"},
                "priority": 1,
            },
        ),
        lambda make: replication(
            make,
            {
                "id": "some",
                "filter": {"and": {"prefix": "a/", "tags": {"k": "v"}}},
                "deleteMarkerReplication": {"status": "Disabled"},
                "priority": 2,
                "destination": {"bucket": make("bucket").outputs["arn"], "storageClass": "STANDARD_IA"},
            },
            {
                "id": "other",
                "filter": {"prefix": "b/"},
                "deleteMarkerReplication": {"status": "Enabled"},
                "priority": 3,
            },
        ),
    ),
}
