"""Registries of services that are built."""

from __future__ import annotations

import json

import pytest

from tests.conftest import aws_clients
from tests.e2e.project import Project

pytestmark = [pytest.mark.engine, pytest.mark.slow]


class TestRegistries:
    def test_scan_keep_and_go(self, project: Project) -> None:
        project.write(services={"jobs": {"kind": "worker", "build": {"tag": "v1"}}})
        project.deploy()
        ecr = aws_clients(project.cx("local", "status", "--json").json["endpoint"])("ecr")
        [repository] = ecr.describe_repositories()["repositories"]
        assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
        assert repository["imageTagMutability"] == "IMMUTABLE"
        policy = ecr.get_lifecycle_policy(repositoryName=repository["repositoryName"])["lifecyclePolicyText"]
        assert [rule["selection"]["tagStatus"] for rule in json.loads(policy)["rules"]] == [
            "untagged",
            "tagged",
        ]
        assert "No changes" in project.deploy().err
        project.destroy()
