"""The tables that checks go by: of every type that the stacks have, and in AWS's own words."""

from __future__ import annotations

import pytest
from botocore.session import Session

from cygni.aws_quotas import QUOTAS
from cygni.doctor.catalogue import CHECKS, QUICK, chosen, names
from cygni.doctor.check import Group
from cygni.doctor.checks.project import Planned
from cygni.doctor.checks.quotas import COUNTINGS, added, quotas
from cygni.doctor.sources.account import actions, needed
from cygni.doctor.sources.use import READINGS
from cygni.errors import UsageError
from cygni.local_cloud.provider.handlers import tokens
from cygni.resources import UNKNOWN, Resource
from cygni.service_linked_roles import SERVICE_LINKED_ROLES

SERVICES = {"elasticloadbalancing": "elbv2"}
# Actions of IAM that no operation is called by (Service Authorization Reference).
OWN_NAMES = {
    "elasticloadbalancing:SetWebAcl",
    "iam:PassRole",
    *(
        f"s3:{name}"
        for name in (
            "DeleteObjectVersion", "GetAccelerateConfiguration", "GetBucketCORS", "GetBucketObjectLockConfiguration",
            "GetBucketPublicAccessBlock", "GetEncryptionConfiguration", "GetLifecycleConfiguration",
            "GetReplicationConfiguration", "ListBucket", "ListBucketVersions", "PutBucketCORS",
            "PutBucketPublicAccessBlock", "PutEncryptionConfiguration", "PutLifecycleConfiguration",
            "PutReplicationConfiguration",
        )
    ),
}  # fmt: skip


def resource(
    token: str, urn: str = "", references: dict[str, tuple[str, ...]] | None = None, **inputs: object
) -> Resource:
    return Resource(urn or f"urn:{token}", token, "one", inputs, "us-east-1", references or {})


class TestActions:
    def test_are_known_of_every_type_that_the_stacks_have(self) -> None:
        assert set(actions()) == set(tokens())

    def test_are_of_aws(self) -> None:
        session = Session()
        listed = {one for row in actions().values() for kind in ("make", "remove") for one in row[kind]}
        for action in sorted(listed - OWN_NAMES):
            service, name = action.split(":")
            known = session.get_service_model(SERVICES.get(service, service)).operation_names
            assert name in known, action
        assert listed >= OWN_NAMES

    def test_to_make_something_are_there_for_every_type(self) -> None:
        assert [token for token, row in actions().items() if not row["make"]] == []

    def test_to_remove_are_needed_only_where_something_is_removed(self) -> None:
        vpc = "aws:ec2/vpc:Vpc"
        made, _ = needed(Planned(kept=frozenset({vpc}), changes=1))
        both, unknown = needed(
            Planned(kept=frozenset({vpc}), removed=frozenset({vpc, "aws:x/y:Z"}), changes=2)
        )
        assert ("ec2:CreateVpc" in made, "ec2:DeleteVpc" in made) == (True, False)
        assert ("ec2:DeleteVpc" in both, unknown) == (True, ["aws:x/y:Z"])


class TestQuotas:
    def test_are_of_types_that_there_are_and_can_be_read(self) -> None:
        for quota in quotas():
            assert set(quota.types) <= set(tokens())
            assert quota.use in READINGS
            assert quota.counting in COUNTINGS
        assert sorted(one.code for one in quotas()) == sorted(QUOTAS)

    def test_count_what_the_plan_makes(self) -> None:
        by_id = {one.id: one for one in quotas()}
        token = "aws:lb/loadBalancer:LoadBalancer"
        balancers = (resource(token), resource(token, loadBalancerType="network"))
        assert added(by_id["load-balancers"], Planned(balancers, balancers[:1])) == 1
        assert added(by_id["load-balancers"], Planned(balancers, balancers)) == 1

    def test_count_the_vcpus_of_tasks(self) -> None:
        quota = next(one for one in quotas() if one.id == "fargate-vcpus")
        task = resource("aws:ecs/taskDefinition:TaskDefinition", "urn:task", cpu="2048")
        given = {"references": {"taskDefinition": ("urn:task",)}, "launchType": "FARGATE"}
        three = resource("aws:ecs/service:Service", desiredCount=3, **given)  # type: ignore[arg-type]
        unsure = resource("aws:ecs/service:Service", desiredCount=UNKNOWN, **given)  # type: ignore[arg-type]
        assert added(quota, Planned((task, three), (three,))) == 6
        assert added(quota, Planned((task, unsure), (unsure,))) == 2

    def test_count_the_nodes_of_caches(self) -> None:
        quota = next(one for one in quotas() if one.id == "cache-nodes")
        token = "aws:elasticache/replicationGroup:ReplicationGroup"
        plain, sharded = (
            resource(token, numCacheClusters=2),
            resource(token, numNodeGroups=3, replicasPerNodeGroup=1),
        )
        assert added(quota, Planned((plain, sharded), (plain, sharded))) == 8


class TestServiceLinkedRoles:
    def test_are_of_types_that_there_are(self) -> None:
        assert frozenset[str]().union(*(one.types for one in SERVICE_LINKED_ROLES.values())) <= set(tokens())


class TestCatalogue:
    def test_has_each_check_once_with_its_fix(self) -> None:
        assert len({check.id for check in CHECKS} - {group.value for group in Group}) == len(CHECKS)
        assert all(check.title and check.fixes for check in CHECKS)

    def test_runs_nothing_before_a_deploy_that_takes_a_plan(self) -> None:
        assert not any(fact.name in ("plan", "permissions") for check in QUICK for fact in check.facts)

    def test_is_chosen_from_by_group_and_by_check(self) -> None:
        assert {one.group.value for one in chosen(["quotas"])} == {"quotas"}
        assert [one.id for one in chosen(["zone", "clock"])] == ["clock", "zone"]
        assert chosen([]) == CHECKS
        assert {"zone", "quotas"} <= set(names())

    def test_says_what_was_meant(self) -> None:
        with pytest.raises(UsageError, match="'zonne'") as raised:
            chosen(["zonne"])
        assert raised.value.hint == "Did you mean zone?"
