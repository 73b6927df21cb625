"""Databases, caches, keys and secrets: names that are made, and inputs that are refused."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import pytest

from cygni.local_cloud.provider import check as checking
from cygni.local_cloud.provider.operations import resource_type
from tests.cygni.local_cloud.provider.conftest import World

INSTANCE = resource_type("aws:rds/instance:Instance")
CACHE = resource_type("aws:elasticache/replicationGroup:ReplicationGroup")


class TestNames:
    @pytest.mark.parametrize(
        ("token", "inputs", "pattern"),
        [
            ("aws:rds/instance:Instance", {"engine": "postgres", "username": "u", "password": "p" * 8,
                                           "instanceClass": "db.t4g.micro"}, r"sample[0-9a-f]{7}"),
            ("aws:kms/alias:Alias", {"targetKeyId": "k"}, r"alias/sample-[0-9a-f]{7}"),
            ("aws:elasticache/replicationGroup:ReplicationGroup",
             {"description": "d", "nodeType": "cache.t4g.micro"}, r"sample-[0-9a-f]{7}"),
        ],
    )  # fmt: skip
    def test_are_made_as_the_official_provider_makes_them(
        self, token: str, inputs: dict[str, Any], pattern: str, world: World
    ) -> None:
        checked = world.check(token, inputs)
        auto = resource_type(token).auto_name
        assert auto is not None
        assert re.fullmatch(pattern, checked[auto.property])

    def test_proposed_by_the_engine_are_taken(self, world: World) -> None:
        kind = resource_type("aws:kms/alias:Alias")
        naming = checking.Naming(resource="sample", proposed="mine")
        checked, _ = checking.check(kind, {}, {"targetKeyId": "k"}, world.operations.setting, naming)
        assert checked["name"] == "alias/mine"


class TestRefusals:
    DATABASE: ClassVar = {"instanceClass": "db.t4g.micro", "engine": "postgres", "username": "u"}

    @pytest.mark.parametrize(
        ("token", "inputs", "reason"),
        [
            (INSTANCE.token, {"instanceClass": "db.t4g.micro"}, "engine is required"),
            (INSTANCE.token, DATABASE, "one of password, passwordWo, manageMasterUserPassword is needed"),
            (INSTANCE.token, {**DATABASE, "passwordWo": "p" * 8}, "needs passwordWoVersion"),
            (INSTANCE.token, {**DATABASE, "password": "p" * 8, "identifier": "A"}, "must match"),
            (INSTANCE.token, {**DATABASE, "password": "p" * 8, "backupWindow": "3-4"}, "must match"),
            (INSTANCE.token, {**DATABASE, "password": "p" * 8, "performanceInsightsRetentionPeriod": 8}, "not one of"),
            (INSTANCE.token, {**DATABASE, "password": "p" * 8, "s3Import": {
                "bucketName": "b", "ingestionRole": "r", "sourceEngine": "e", "sourceEngineVersion": "v"}}, "does not serve"),
            (CACHE.token, {"description": "d"}, "nodeType is required"),
            (CACHE.token, {"description": "d", "nodeType": "n", "multiAzEnabled": True}, "needs automaticFailover"),
            ("aws:kms/key:Key", {"rotationPeriodInDays": 90}, "needs enableKeyRotation"),
            ("aws:secretsmanager/secret:Secret", {"recoveryWindowInDays": 3}, "0 or from 7 to 30"),
            ("aws:secretsmanager/secretRotation:SecretRotation", {"secretId": "s"}, "rotationRules is required"),
        ],
    )  # fmt: skip
    def test_come_before_anything_is_made(
        self, token: str, inputs: dict[str, Any], reason: str, world: World
    ) -> None:
        with pytest.raises(AssertionError, match=reason):
            world.check(token, inputs)
