"""The buckets of the data stack."""

from __future__ import annotations

import pulumi

from components.bucket import Bucket, BucketArgs
from components.bucket_rules import Cors, LifecycleRule
from components.replication import Replication, ReplicationArgs
from cygni.naming import bucket_name
from stacks.bucket_inputs import BucketInputs, LifecycleInputs, ReplicationInputs
from stacks.inputs import DataInputs


def buckets(inputs: DataInputs, account: str, region: str) -> None:
    """Declares them. Outputs: bucketNames and bucketArns, by the name each has in the specification."""
    made = {wanted.name: _bucket(inputs, wanted, account, region) for wanted in inputs.buckets}
    pulumi.export("bucketNames", {name: one.bucket.bucket for name, one in made.items()})
    pulumi.export("bucketArns", {name: one.bucket.arn for name, one in made.items()})


def _bucket(inputs: DataInputs, wanted: BucketInputs, account: str, region: str) -> Bucket:
    name = f"{inputs.project}-{inputs.environment}-{wanted.name}"
    cors = wanted.cors
    made_up = bucket_name(inputs.project, inputs.environment, wanted.name, account, region)
    bucket = Bucket(
        name,
        BucketArgs(
            bucket=wanted.own_name or made_up,
            versioning=wanted.versioning,
            kms=wanted.kms,
            abort_uploads_after=wanted.abort_uploads_after,
            lifecycle=[_rule(rule) for rule in wanted.lifecycle],
            cors=Cors(cors.origins, cors.methods, cors.headers, cors.expose, cors.max_age) if cors else None,
        ),
    )
    if wanted.replication is not None:
        _replicate(inputs, wanted, bucket, wanted.replication, account)
    return bucket


def _replicate(
    inputs: DataInputs, wanted: BucketInputs, source: Bucket, replication: ReplicationInputs, account: str
) -> None:
    """A bucket of the same kind in the region asked for, and what copies to it."""
    name = f"{inputs.project}-{inputs.environment}-{wanted.name}.replica"
    own = bucket_name(
        inputs.project, inputs.environment, wanted.name, account, replication.region, replica=True
    )
    target = Bucket(
        name,
        BucketArgs(
            bucket=own,
            versioning=True,
            abort_uploads_after=wanted.abort_uploads_after,
            region=replication.region,
        ),
    )
    Replication(name, ReplicationArgs(source, target, account, replication.prefix))


def _rule(rule: LifecycleInputs) -> LifecycleRule:
    return LifecycleRule(
        name=rule.name,
        prefix=rule.prefix,
        expire_after=rule.expire_after,
        transitions=dict(rule.transitions),
        former_versions_expire_after=rule.former_versions_expire_after,
        former_versions_transitions=dict(rule.former_versions_transitions),
        former_versions_kept=rule.former_versions_kept,
    )
