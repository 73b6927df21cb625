"""The promises that every resource of the three stack programs keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from cygni.naming import AUTO_NAME_SUFFIX, Part
from cygni.resources import is_cloud
from tests.stacks.declared_stacks import (
    Stacks,
    resources,
)

# Types that have no tags in AWS: parts and settings of other resources.
UNTAGGED = {
    "BucketCorsConfiguration",
    "BucketLifecycleConfiguration",
    "BucketOwnershipControls",
    "BucketPolicy",
    "BucketPublicAccessBlock",
    "BucketReplicationConfig",
    "BucketServerSideEncryptionConfiguration",
    "BucketVersioning",
    "ClusterCapacityProviders",
    "LifecyclePolicy",
    "QueuePolicy",
    "RolePolicy",
    "Route",
    "RouteTableAssociation",
    "Schedule",
    "TopicSubscription",
}


class TestTags:
    def test_are_on_every_resource_that_can_have_them(self, whole: Stacks) -> None:
        seen = 0
        for part, one in resources(whole):
            kind = one.type.rsplit(":", 1)[-1]
            if not is_cloud(one.type) or kind in UNTAGGED:
                assert "tags" not in one.inputs
                continue
            stack = f"shop.staging.{part}"
            expected = {
                "cygni:project": "shop",
                "cygni:environment": "staging",
                "cygni:stack": stack,
                "cygni:urn": f"{stack}/{one.type}/{one.name}",
            }
            assert {key: one.inputs["tags"].get(key) for key in expected} == expected, one.urn
            seen += 1
        assert seen > 40

    def test_keep_a_resources_own(self, whole: Stacks) -> None:
        assert whole[Part.FOUNDATION].only("Vpc").inputs["tags"]["Name"] == "shop-staging"

    def test_identify_each_resource(self, longest: Stacks) -> None:
        found = [one.inputs["tags"]["cygni:urn"] for _, one in resources(longest) if "tags" in one.inputs]
        assert len(set(found)) == len(found) > 60

    def test_are_ones_that_aws_takes(self, longest: Stacks) -> None:
        for _, one in resources(longest):
            tags = one.inputs.get("tags", {})
            assert len(tags) <= 50
            for key, value in tags.items():
                assert re.fullmatch(r"[\w .:/=+\-@]{1,128}", key)
                assert re.fullmatch(r"[\w .:/=+\-@]{0,256}", value), value


class TestComponents:
    def test_have_one_spelling_of_their_token(self, whole: Stacks) -> None:
        tokens = {one.type for _, one in resources(whole) if not one.custom}
        assert tokens == {
            "cygni:network:Discovery",
            "cygni:network:Network",
            "cygni:network:LoadBalancer",
            "cygni:compute:Cluster",
            "cygni:compute:Cron",
            "cygni:compute:Job",
            "cygni:compute:ScheduleGroup",
            "cygni:compute:Service",
            "cygni:registry:Registry",
            "cygni:data:Bucket",
            "cygni:data:Queue",
            "cygni:data:Replication",
            "cygni:data:Topic",
        }
        assert all(re.fullmatch(r"cygni:[a-z]+:[A-Z][A-Za-z]+", token) for token in tokens)

    def test_register_their_outputs(self, whole: Stacks) -> None:
        for part, one in resources(whole):
            if not one.custom:
                assert whole[Part(part)].registered.get(one.urn), f"{one.urn} registers no outputs"

    def test_are_the_parents_of_everything_in_the_cloud(self, whole: Stacks) -> None:
        for _, one in resources(whole):
            parent = one.parent.split("::")[-2].split("$")[-1]
            expected = "cygni:" if is_cloud(one.type) else "pulumi:pulumi:Stack"
            assert parent.startswith(expected), one.urn


def limit(kind: str) -> tuple[str, int] | None:
    """The input that names a resource of this kind, and the characters AWS allows (service quotas, API models)."""
    return {
        "Bucket": ("bucket", 63),
        "Cluster": ("name", 255),
        "LogGroup": ("name", 512),
        "Queue": ("name", 80),
        "Repository": ("name", 256),
        "Service": ("name", 255),
        "TaskDefinition": ("family", 255),
        "Topic": ("name", 256),
    }.get(kind)


AUTO_NAMED = {"Role": 64, "RolePolicy": 128, "SecurityGroup": 255, "TargetGroup": 32, "LoadBalancer": 32}


class TestNames:
    def test_are_within_what_aws_allows(self, longest: Stacks) -> None:
        checked: set[str] = set()
        for _, one in resources(longest):
            kind = one.type.rsplit(":", 1)[-1]
            if not one.custom:
                continue
            if (named := limit(kind)) is not None:
                assert 0 < len(one.inputs[named[0]]) <= named[1], one.urn
                checked.add(kind)
            if kind in AUTO_NAMED:
                assert "name" not in one.inputs
                assert len(one.name) + AUTO_NAME_SUFFIX <= AUTO_NAMED[kind], one.urn
                checked.add(kind)
        assert checked == {
            *("Bucket", "Cluster", "LogGroup", "Queue", "Repository", "Service", "TaskDefinition", "Topic"),
            *AUTO_NAMED,
        }

    def test_are_each_used_once(self, longest: Stacks) -> None:
        urns = [one.urn for _, one in resources(longest)]
        assert len(set(urns)) == len(urns)

    def test_of_repositories_are_ones_that_ecr_takes(self, longest: Stacks) -> None:
        pattern = r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*"
        for one in longest[Part.FOUNDATION].of("Repository"):
            assert re.fullmatch(pattern, one.inputs["name"])

    def test_hold_no_wildcard_of_the_postgresql_backend(self, longest: Stacks) -> None:
        assert not [one.name for _, one in resources(longest) if "_" in one.name or "%" in one.name]

    def test_of_descriptions_are_ones_that_ec2_takes(self, longest: Stacks) -> None:
        for _, one in resources(longest):
            description = one.inputs.get("description", "")
            assert re.fullmatch(r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}", description)


class TestPolicies:
    def test_allow_no_action_by_wildcard(self, whole: Stacks) -> None:
        allowed = [one for one in statements(whole) if one["Effect"] == "Allow"]
        assert len(allowed) > 8
        for statement in allowed:
            assert not [action for action in statement["Action"] if "*" in action]

    def test_allow_nothing_on_everything_but_a_token(self, whole: Stacks) -> None:
        for statement in statements(whole):
            if statement["Effect"] == "Allow" and "*" in statement.get("Resource", []):
                assert statement["Action"] == ["ecr:GetAuthorizationToken"]

    def test_allow_no_one_but_services(self, whole: Stacks) -> None:
        for statement in statements(whole):
            if statement["Effect"] == "Allow" and "Principal" in statement:
                assert list(statement["Principal"]) == ["Service"]


def statements(stacks: Stacks) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for _, one in resources(stacks):
        for key in ("policy", "assumeRolePolicy"):
            if key in one.inputs and one.type.startswith(("aws:iam", "aws:s3")):
                found += json.loads(one.inputs[key])["Statement"]
    return found
