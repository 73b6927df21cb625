"""The pack without an engine: what it is made of, how it is configured, and how it reads what the engine hands over."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from pulumi_policy import (
    EnforcementLevel,
    PolicyResourceOptions,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationPolicy,
)
from pulumi_policy.deserialize import SPECIAL_SECRET_SIG, SPECIAL_SIG_KEY, deserialize_properties
from pulumi_policy.proxy import UNKNOWN_STRING_VALUE, unknown_checking_proxy

from cygni.policies.catalogue import RULES
from cygni.policies.limits import OWN_TAGS, Limits
from cygni.resources import UNKNOWN
from policies.configuration import CONFIGURABLE, limits_of, size_of_stack
from policies.pack import policies_for, with_tags
from policies.translation import resource_of

BUCKET = "aws:s3/bucket:Bucket"
SECRET = {SPECIAL_SIG_KEY: SPECIAL_SECRET_SIG, "value": "hidden"}


def handed_over(
    props: dict[str, Any], config: Mapping[str, Any] | None = None, *, token: str = BUCKET
) -> ResourceValidationArgs:
    """A resource as the SDK hands it to a remediation."""
    urn = f"urn:pulumi:dev::theirs::{token}::it"
    options = PolicyResourceOptions(False, [], None, [], None, [], None)  # type: ignore[arg-type]
    read = unknown_checking_proxy(deserialize_properties(props, proxy_secrets=True))
    return ResourceValidationArgs(token, read, urn, "it", options, None, dict(config or {}), {})


class TestPolicies:
    def test_are_all_rules_by_their_names(self) -> None:
        assert [policy.name for policy in policies_for("production")] == list(RULES)

    @pytest.mark.parametrize("size", ["preview", "staging", "production"])
    def test_have_the_level_of_the_environment(self, size: str) -> None:
        for policy in policies_for(size):
            level = policy.enforcement_level
            assert level is not None
            if policy.name != "required-tags":
                assert level.value == RULES[policy.name].levels.at(size).value

    def test_add_tags_rather_than_ask_for_them(self) -> None:
        [tags] = [policy for policy in policies_for("preview") if policy.name == "required-tags"]
        assert isinstance(tags, ResourceValidationPolicy)
        assert (tags.enforcement_level, tags.has_remediation()) == (EnforcementLevel.REMEDIATE, True)

    def test_that_look_around_wait_for_all_resources(self) -> None:
        waiting = {
            policy.name for policy in policies_for("production") if isinstance(policy, StackValidationPolicy)
        }
        assert waiting == {"no-open-ingress", "bucket-versioning", "cost-ceiling"}

    def test_can_be_configured_where_they_measure(self) -> None:
        assert set(CONFIGURABLE) <= set(RULES)
        for policy in policies_for("production"):
            assert (policy.config_schema is not None) == (policy.name in CONFIGURABLE)


class TestSize:
    @pytest.mark.parametrize(
        ("environ", "size"),
        [
            ({"PULUMI_STACK": "dev"}, "preview"),
            ({"PULUMI_STACK": "acme/shop/prod-eu"}, "production"),
            ({"PULUMI_STACK": "shop.staging.data"}, "staging"),
            ({"PULUMI_STACK": "staging/shop/dev"}, "preview"),
            ({"PULUMI_STACK": "something"}, "production"),
            ({}, "production"),
            ({"PULUMI_STACK": "prod", "CYGNI_POLICIES_ENVIRONMENT": "dev"}, "preview"),
            ({"PULUMI_STACK": "dev", "CYGNI_POLICIES_ENVIRONMENT": ""}, "preview"),
        ],
    )
    def test_follows_from_the_name_of_the_stack(self, environ: Mapping[str, str], size: str) -> None:
        assert size_of_stack(environ) == size


class TestLimits:
    def test_are_those_of_the_size(self) -> None:
        assert limits_of("production", {}) == Limits(instance_size="8xlarge")

    def test_are_those_that_are_configured(self) -> None:
        config = {
            "tags": ["a"],
            "backupDays": 14.0,
            "instanceSize": "large",
            "instanceCount": 3.0,
            "monthlyCost": 9.5,
        }
        assert limits_of("production", config) == Limits(Decimal("9.5"), "large", 3, 14, ("a",))


class TestTranslation:
    def test_reads_what_is_not_known_and_what_is_secret(self) -> None:
        given = {
            "acl": UNKNOWN_STRING_VALUE,
            "policy": SECRET,
            "tags": {"a": SECRET, "b": [UNKNOWN_STRING_VALUE]},
        }
        found = resource_of(handed_over(given))
        assert found.inputs == {
            "acl": UNKNOWN,
            "policy": "[secret]",
            "tags": {"a": "[secret]", "b": [UNKNOWN]},
        }
        assert (found.type, found.name, found.region) == (BUCKET, "it", "")

    def test_takes_the_region_that_a_resource_names(self) -> None:
        assert resource_of(handed_over({"region": "eu-west-1"})).region == "eu-west-1"


class TestRemediation:
    def test_adds_what_lacks_and_keeps_the_rest(self) -> None:
        props = {
            "bucket": UNKNOWN_STRING_VALUE,
            "policy": SECRET,
            "tags": {"owner": "ann", OWN_TAGS[0]: "own"},
        }
        assert with_tags(handed_over(props)) == {
            **props,
            "tags": {
                "owner": "ann",
                "cygni:project": "own",
                "cygni:environment": "dev",
                "cygni:stack": "theirs.dev",
            },
        }

    def test_knows_the_values_that_are_configured(self) -> None:
        config = {"tags": ["owner", "team"], "values": {"owner": "ann"}}
        assert with_tags(handed_over({}, config)) == {"tags": {"owner": "ann"}}

    @pytest.mark.parametrize(
        ("props", "token"),
        [
            ({"tags": dict.fromkeys(OWN_TAGS, "x")}, BUCKET),
            ({"tags": UNKNOWN_STRING_VALUE}, BUCKET),
            ({"tags": SECRET}, BUCKET),
            ({}, "aws:s3/bucketAcl:BucketAcl"),
            ({}, "random:index/randomId:RandomId"),
        ],
    )
    def test_changes_nothing_else(self, props: dict[str, Any], token: str) -> None:
        assert with_tags(handed_over(props, token=token)) is None
