"""All policies together: which are asked, and that nothing a resource holds can break one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cygni.policies.catalogue import RULES, types_of
from cygni.policies.judging import judge
from cygni.policies.limits import INSTANCE_SIZES, Limits, rank_of_type, size_rank
from cygni.policies.rule import Level, Levels
from cygni.pricing import Estimate
from cygni.resources import UNKNOWN, Resource
from tests.cygni.policies.asking import resource

NOTHING = Estimate(())
PUBLIC = resource("rds/instance:Instance", "db", publiclyAccessible=True, storageEncrypted=True)


def levels(level: Level, **others: Level) -> Mapping[str, Level]:
    return {**dict.fromkeys(RULES, level), **{name.replace("_", "-"): one for name, one in others.items()}}


class TestJudge:
    def test_asks_what_is_not_disabled(self) -> None:
        only = levels(Level.DISABLED, no_public_database=Level.ADVISORY)
        (found,) = judge([PUBLIC], NOTHING, Limits(), only)
        assert (found.rule.name, found.resource) == ("no-public-database", PUBLIC)

    def test_asks_nothing_where_all_is_disabled(self) -> None:
        assert judge([PUBLIC], NOTHING, Limits(), levels(Level.DISABLED)) == ()

    def test_finds_in_one_order_whatever_order_is_given(self) -> None:
        many = [resource("s3/bucket:Bucket", f"b{index}", acl="public-read") for index in range(5)]
        strict = levels(Level.MANDATORY)
        assert judge(many, NOTHING, Limits(), strict) == judge(many[::-1], NOTHING, Limits(), strict)


KEYS = [
    *("tags", "tagsAll", "policy", "assumeRolePolicy", "inlinePolicies", "ingress", "cidrIpv4", "cidrBlocks"),
    *(
        "fromPort",
        "toPort",
        "ipProtocol",
        "protocol",
        "type",
        "acl",
        "accessControlPolicy",
        "grants",
        "grantee",
    ),
    *(
        "uri",
        "encryptAtRest",
        "enabled",
        "rootBlockDevice",
        "ebsBlockDevices",
        "encrypted",
        "storageEncrypted",
    ),
    *(
        "blockDeviceMappings",
        "ebs",
        "clusterConfig",
        "instanceType",
        "instanceTypes",
        "scalingConfig",
        "maxSize",
    ),
    *(
        "cpu",
        "desiredCount",
        "maxCapacity",
        "scalableDimension",
        "backupRetentionPeriod",
        "versioning",
        "policyArn",
    ),
    *("versioningConfiguration", "status", "bucket", "pointInTimeRecovery", "publiclyAccessible", "nodeType"),
]
DOCUMENTS = st.sampled_from(
    [
        '{"Statement": {"Effect": "Allow", "Action": 5, "Resource": [null, "*"], "Condition": "x"}}',
        '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": {"a": "*"}}, "Condition": {"x": ["y"]}}]}',
        '{"Statement": [1, null, "x"]}',
        "[" * 10_000,
        "null",
    ]
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=True),
    st.text(max_size=8),
    st.just(UNKNOWN),
    st.just("[secret]"),
    st.sampled_from(["0.0.0.0/0", "::/0", "tcp", "ingress", "*", "m7g.112xlarge", "public-read"]),
    DOCUMENTS,
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)
TYPES = sorted({token for rule in RULES.values() if rule.name != "required-tags" for token in types_of(rule)})
RESOURCES = st.builds(
    lambda token, name, inputs, referred: Resource(
        f"urn:pulumi:s::p::{token}::{name}", token, name, inputs, "us-east-1", referred
    ),
    st.sampled_from(TYPES),
    st.sampled_from(["a", "b"]),
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=10),
    st.dictionaries(
        st.sampled_from(["securityGroupId", "bucket"]),
        st.builds(
            lambda token, name: (f"urn:pulumi:s::p::{token}::{name}",), st.sampled_from(TYPES), st.just("a")
        ),
    ),
)


class TestAnyResource:
    @settings(max_examples=200)
    @given(st.lists(RESOURCES, max_size=4))
    def test_can_be_judged(self, resources: list[Resource]) -> None:
        for found in judge(resources, NOTHING, Limits(), levels(Level.MANDATORY)):
            assert found.problem
            assert "\n" not in found.problem or "deviceName" in repr(found.resource)

    @pytest.mark.parametrize("token", TYPES)
    def test_of_which_nothing_is_known_is_against_no_rule(self, token: str) -> None:
        hidden = Resource("urn:pulumi:s::p::t::a", token, "a", Hidden(), "us-east-1")
        assert judge([hidden], NOTHING, Limits(), levels(Level.MANDATORY)) == ()


class Hidden(dict):
    """Inputs that are all there and all unknown."""

    def get(self, key: Any, default: Any = None) -> Any:
        return UNKNOWN


class TestRules:
    @pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
    def test_say_what_they_ask_why_and_what_to_do(self, rule: Any) -> None:
        for sentence in (rule.checks, rule.why, rule.fix):
            assert sentence[0].isupper()
            assert sentence.endswith(".")

    def test_differ_by_the_size_of_the_environment(self) -> None:
        assert Levels.production_only(Level.MANDATORY).at("staging") is Level.DISABLED
        assert Levels.production_only(Level.MANDATORY).at("production") is Level.MANDATORY


class TestSizes:
    def test_are_in_order(self) -> None:
        ranks = [size_rank(name) for name in INSTANCE_SIZES]
        assert None not in ranks
        assert ranks == sorted(ranks, key=lambda rank: rank or 0)

    @pytest.mark.parametrize(
        ("instance_type", "like"),
        [
            ("db.t4g.micro", "micro"),
            ("r7g.large.search", "large"),
            ("m7i.metal-24xl", "24xlarge"),
            ("serverless", "?"),
        ],
    )
    def test_are_read_from_the_name_of_a_type(self, instance_type: str, like: str) -> None:
        assert rank_of_type(instance_type) == size_rank(like)
