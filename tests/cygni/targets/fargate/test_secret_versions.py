from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from cygni.secret_references import Reference
from cygni.targets.fargate.clients import Clients
from cygni.targets.fargate.secret_versions import followed, secret_versions

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-Ab12cD"


class TestReference:
    @pytest.mark.parametrize(
        ("value_from", "expected"),
        [
            (ARN, Reference("secretsmanager", "eu-west-1", ARN, stage="AWSCURRENT")),
            (f"{ARN}:password::", Reference("secretsmanager", "eu-west-1", ARN, stage="AWSCURRENT")),
            (f"{ARN}::AWSPENDING:", Reference("secretsmanager", "eu-west-1", ARN, stage="AWSPENDING")),
            (f"{ARN}:::7c9e6679-7425-40de-944b-e07fc1f90ae7", None),
            ("arn:aws:ssm:eu-west-1:123456789012:parameter/shop", None),
            ("shop", None),
            ("", None),
        ],
    )
    def test_is_to_a_stage_of_a_secret(self, value_from: str, expected: Reference | None) -> None:
        assert followed(value_from) == expected


class TestSecretVersions:
    def made(self, aws: Callable[..., Any], *secrets: dict[str, str]) -> str:
        """A task definition whose container has these secrets; its ARN."""
        container = {"name": "app", "image": "web:1", "secrets": [*secrets]}
        other = {"name": "proxy", "image": "proxy:1", "secrets": [{"name": "OTHER", "valueFrom": ARN}]}
        definition = aws("ecs").register_task_definition(
            family=f"t{uuid.uuid4().hex[:8]}",
            requiresCompatibilities=["FARGATE"],
            networkMode="awsvpc",
            cpu="256",
            memory="512",
            containerDefinitions=[container, other],
        )
        return str(definition["taskDefinition"]["taskDefinitionArn"])

    def test_follow_the_secret(self, clients: Clients, aws: Callable[..., Any]) -> None:
        secret = aws("secretsmanager").create_secret(Name=uuid.uuid4().hex, SecretString='{"password": "1"}')
        revision = self.made(aws, {"name": "PASSWORD", "valueFrom": f"{secret['ARN']}:password::"})
        assert secret_versions(clients, [revision]) == {revision: {"PASSWORD": secret["VersionId"]}}
        put = aws("secretsmanager").put_secret_value(SecretId=secret["ARN"], SecretString='{"password": "2"}')
        assert put["VersionId"] != secret["VersionId"]
        assert secret_versions(clients, [revision]) == {revision: {"PASSWORD": put["VersionId"]}}

    def test_are_those_that_come(self, clients: Clients, aws: Callable[..., Any]) -> None:
        name = f"shop/staging/{uuid.uuid4().hex}"
        secret = aws("secretsmanager").create_secret(Name=name)
        revision = self.made(aws, {"name": "TOKEN", "valueFrom": secret["ARN"]})
        found = secret_versions(clients, [revision], {name: "coming", "shop/staging/OTHER": "other"})
        assert found == {revision: {"TOKEN": "coming"}}

    def test_leave_out_what_is_not_there(self, clients: Clients, aws: Callable[..., Any]) -> None:
        revision = self.made(aws, {"name": "GONE", "valueFrom": ARN})
        assert secret_versions(clients, [revision, "nothing:7"]) == {revision: {}, "nothing:7": {}}
