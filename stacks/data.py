"""The data stack: what must survive everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws

from components.bucket import Bucket, BucketArgs
from cygni.naming import bucket_name
from stacks.data_stores import data_stores
from stacks.inputs import DataInputs
from stacks.messaging import messaging


def data(inputs: DataInputs, upstream: Mapping[str, Mapping[str, Any]]) -> None:
    """Declares the stack. Outputs: bucketNames and bucketArns, by the name each has in the specification, and those of
    its queues, topics, databases and caches."""
    region = pulumi_aws.config.region
    assert region is not None
    account = pulumi_aws.get_caller_identity().account_id
    buckets = {
        wanted.name: Bucket(
            f"{inputs.project}-{inputs.environment}-{wanted.name}",
            BucketArgs(
                bucket=bucket_name(inputs.project, inputs.environment, wanted.name, account, region),
                versioning=wanted.versioning,
            ),
        )
        for wanted in inputs.buckets
    }
    pulumi.export("bucketNames", {name: made.bucket.bucket for name, made in buckets.items()})
    pulumi.export("bucketArns", {name: made.bucket.arn for name, made in buckets.items()})
    messaging(inputs, account, region)
    data_stores(inputs, upstream)
