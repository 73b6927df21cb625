"""S3 buckets: nothing until they are used. Figures are for the Standard storage class."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import Estimator, by_usage

ESTIMATORS: Final = (
    Estimator(
        ("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2"),
        (
            by_usage(
                "storage",
                "AmazonS3",
                "storage",
                "GB-month",
                "s3_storage_gb",
                tiered=True,
                storage_class="standard",
            ),
            by_usage(
                "PUT, COPY, POST and LIST requests",
                "AmazonS3",
                "requests-tier1",
                "request",
                "s3_write_requests",
                storage_class="standard",
            ),
            by_usage(
                "GET and other requests",
                "AmazonS3",
                "requests-tier2",
                "request",
                "s3_read_requests",
                storage_class="standard",
            ),
        ),
        notes=(
            "All objects are taken to be in S3 Standard; transitions by lifecycle rules are not counted.",
        ),
    ),
)
