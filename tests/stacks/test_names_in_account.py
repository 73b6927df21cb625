"""No two projects or environments of an account get one name for different things."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.resources import is_cloud
from tests.every_section import EVERYTHING
from tests.factories import create_spec
from tests.stacks.declared_stacks import all_made, resources

NAMED_IN_ACCOUNT = {
    "aws:cloudtrail/trail:Trail": "name",
    "aws:cloudwatch/logGroup:LogGroup": "name",
    "aws:ecr/repository:Repository": "name",
    "aws:ecs/cluster:Cluster": "name",
    "aws:ecs/taskDefinition:TaskDefinition": "family",
    "aws:eks/cluster:Cluster": "name",
    "aws:elasticache/replicationGroup:ReplicationGroup": "replicationGroupId",
    "aws:kms/alias:Alias": "name",
    "aws:rds/cluster:Cluster": "clusterIdentifier",
    "aws:rds/clusterInstance:ClusterInstance": "identifier",
    "aws:rds/instance:Instance": "identifier",
    "aws:s3/bucket:Bucket": "bucket",
    "aws:scheduler/scheduleGroup:ScheduleGroup": "name",
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": "name",
    "aws:sns/topic:Topic": "name",
    "aws:sqs/queue:Queue": "name",
}
"""The input that names a resource, of types whose names an account has once in a region."""

NAMED_ELSEWHERE = {
    "aws:appautoscaling/policy:Policy",  # in what it scales
    "aws:ecs/service:Service",  # in its cluster
    "aws:route53/record:Record",  # in its zone
    "aws:route53/zone:Zone",  # several may have one name
    "aws:scheduler/schedule:Schedule",  # in its group
    "aws:servicediscovery/service:Service",  # in its namespace
}


def place_of_everything(project: str, environment: str, prefix: str = "") -> dict[tuple[str, str], str]:
    """The URN of what has a name of its own in the account, by type and name; `prefix` begins the names in cygni.yaml."""
    sections: dict[str, Any] = {**EVERYTHING, "project": project}
    for section in ("services", "buckets", "databases", "caches", "queues", "topics"):
        sections[section] = {f"{prefix}{name}": one for name, one in EVERYTHING[section].items()}
    sections["topics"] = {
        name: {"subscriptions": {f"{prefix}{queue}": one for queue, one in topic["subscriptions"].items()}}
        for name, topic in sections["topics"].items()
    }
    found = {}
    for _, one in resources(all_made(create_spec(environment, **sections))):
        if one.type in NAMED_IN_ACCOUNT:
            found[one.type, str(one.inputs[NAMED_IN_ACCOUNT[one.type]])] = one.urn
        elif is_cloud(one.type) and one.type not in NAMED_ELSEWHERE:
            assert not {"name", "identifier"} & set(one.inputs), f"who shares the names of {one.type}?"
    assert {kind for kind, _ in found} == set(NAMED_IN_ACCOUNT)
    return found


class TestNamesInAnAccount:
    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (("ab", "preview-local"), ("ab-preview", "local")),
            (("ab", "preview-x", "y-"), ("ab", "preview-x-y")),
        ],
    )
    def test_are_apart_where_parts_read_the_same(self, one: tuple[str, ...], other: tuple[str, ...]) -> None:
        assert not place_of_everything(*one).keys() & place_of_everything(*other).keys()
