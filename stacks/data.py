"""The data stack: what must survive everything else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi_aws

from stacks.buckets import buckets
from stacks.data_stores import data_stores
from stacks.inputs import DataInputs
from stacks.messaging import messaging


def data(inputs: DataInputs, upstream: Mapping[str, Mapping[str, Any]]) -> None:
    """Declares the stack. Outputs: those of its buckets, queues, topics, databases and caches."""
    region = pulumi_aws.config.region
    assert region is not None
    account = pulumi_aws.get_caller_identity().account_id
    buckets(inputs, account, region)
    messaging(inputs, account, region)
    data_stores(inputs, upstream)
