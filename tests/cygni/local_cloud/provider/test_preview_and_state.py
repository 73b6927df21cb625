"""Outputs before anything exists, and outputs and inputs from what the cloud answers."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.local_cloud.provider import preview, state
from cygni.local_cloud.provider.check import DEFAULTS, Setting
from cygni.local_cloud.provider.operations import resource_type
from cygni.local_cloud.provider.wire import UNKNOWN

VPC = resource_type("aws:ec2/vpc:Vpc")
BUCKET = resource_type("aws:s3/bucket:Bucket")
PARAMETER = resource_type("aws:ssm/parameter:Parameter")
LB = resource_type("aws:lb/loadBalancer:LoadBalancer")
CLUSTER = resource_type("aws:ecs/cluster:Cluster")
ROLE = resource_type("aws:iam/role:Role")
SETTING = Setting("us-east-1", {"team": "x"})


class TestCreated:
    def test_knows_the_inputs_and_nothing_the_cloud_decides(self) -> None:
        outputs = preview.created(VPC, {"cidrBlock": "10.0.0.0/16", DEFAULTS: []})

        assert outputs["cidrBlock"] == "10.0.0.0/16"
        assert outputs["arn"] is UNKNOWN
        assert outputs["defaultSecurityGroupId"] is UNKNOWN
        assert DEFAULTS not in outputs

    def test_says_nothing_of_what_is_neither_given_nor_computed(self) -> None:
        assert "ipv4IpamPoolId" not in preview.created(VPC, {})


class TestUpdated:
    def test_keeps_what_stays(self) -> None:
        olds = {"arn": "a", "version": 1, "value": "x", "description": "d"}

        outputs = preview.updated(PARAMETER, olds, {"value": "x"}, {"description"})

        assert outputs == {"arn": "a", "version": 1, "value": "x"}

    def test_does_not_know_what_the_change_moves(self) -> None:
        outputs = preview.updated(PARAMETER, {"version": 1, "value": "x"}, {"value": "y"}, {"value"})

        assert outputs == {"version": UNKNOWN, "value": "y"}


class TestSettle:
    def test_keeps_the_words_of_the_program_where_they_mean_the_same(self) -> None:
        known = {"subnets": ["b", "a"], "idleTimeout": 60}

        outputs = state.settle(LB, known, {"subnets": ["a", "b"], "idleTimeout": 61}, SETTING)

        assert outputs == {"subnets": ["b", "a"], "idleTimeout": 61}

    def test_keeps_what_was_not_read_and_drops_what_is_gone(self) -> None:
        known = {"forceDestroy": True, "arn": "a"}

        assert state.settle(BUCKET, known, {"arn": None}, SETTING) == {"forceDestroy": True}

    @pytest.mark.parametrize(
        ("remote", "tags"),
        [
            ({"a": "1", "team": "x", "aws:made": "1"}, {"a": "1"}),
            ({"a": "1", "team": "other"}, {"a": "1", "team": "other"}),
        ],
    )
    def test_takes_the_tags_of_the_provider_out_of_those_of_the_resource(
        self, remote: dict[str, str], tags: dict[str, str]
    ) -> None:
        outputs = state.settle(BUCKET, {"tags": {"a": "1"}}, {"tagsAll": remote}, SETTING)

        assert outputs["tags"] == tags
        assert "aws:made" not in outputs["tagsAll"]


class TestInputsOf:
    def test_are_the_old_ones_where_nothing_differs(self) -> None:
        olds: dict[str, Any] = {"settings": [{"name": "containerInsights", "value": "enabled"}], DEFAULTS: []}

        assert state.inputs_of(CLUSTER, olds, {"settings": olds["settings"], "arn": "x"}) == olds

    def test_show_what_somebody_changed(self) -> None:
        assert state.inputs_of(ROLE, {"description": "one"}, {"description": "two"})["description"] == "two"

    def test_show_what_somebody_added_where_the_program_said_nothing(self) -> None:
        inputs = state.inputs_of(ROLE, {"name": "r"}, {"name": "r", "description": "added"})

        assert inputs["description"] == "added"

    def test_do_not_show_computed_values_and_defaults(self) -> None:
        outputs = {"enableDnsHostnames": True, "enableDnsSupport": True, "arn": "x"}

        assert state.inputs_of(VPC, {"region": "r"}, outputs) == {"region": "r"}

    def test_of_an_import_are_all_there_is(self) -> None:
        outputs = {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True, "arn": "x", "region": "r"}

        assert state.inputs_of(VPC, {}, outputs) == {
            "cidrBlock": "10.0.0.0/16",
            "enableDnsHostnames": True,
            "region": "r",
        }
