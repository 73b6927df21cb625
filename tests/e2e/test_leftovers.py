"""What interruptions left in the state, and what is given up while something else still uses it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from cygni.local_cloud import process
from cygni.naming import Part, stack_name
from stacks.pulumi_project import PULUMI_PROJECT
from stacks.target import environment_folder, state_folder
from tests.e2e.project import WEB, WORKER, Project

pytestmark = [pytest.mark.engine, pytest.mark.slow]

BUCKET = "aws:s3/bucket:Bucket"
ROLE = "aws:iam/role:Role"


def rewrite(project: Project, part: Part, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """Changes the resources in a state as an interruption would have left them."""
    name = stack_name(project.name, "local", part)
    path = state_folder(project.settings) / ".pulumi" / "stacks" / PULUMI_PROJECT / f"{name}.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content["checkpoint"]["latest"]["resources"])
    path.write_text(json.dumps(content), encoding="utf-8")


def resources(project: Project, part: Part, resource_type: str) -> list[Any]:
    return [one for one in project.state(part).resources if one["type"] == resource_type]


class TestLeftoverOfABucket:
    def test_is_emptied_by_name_and_the_live_one_spared(self, project: Project) -> None:
        project.write(buckets={"uploads": {}})
        project.deploy()
        [live] = [one["id"] for one in resources(project, Part.DATA, BUCKET)]
        s3 = boto3.client(
            "s3",
            endpoint_url=process.start(project.settings).endpoint,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
        s3.create_bucket(Bucket="left-over")
        for bucket in (live, "left-over"):
            s3.put_object(Bucket=bucket, Key="precious", Body=b"1")

        def leave(found: list[dict[str, Any]]) -> None:
            left = copy.deepcopy(next(one for one in found if one["type"] == BUCKET))
            left |= {"id": "left-over", "delete": True}
            for values in ("inputs", "outputs"):
                left[values] |= {"bucket": "left-over", "tags": {}, "tagsAll": {}}
            found.append(left)

        rewrite(project, Part.DATA, leave)
        assert project.cx("deploy", "--yes").code == 2
        project.deploy("--allow-destroy", "uploads")
        assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == [live]
        assert s3.list_objects_v2(Bucket=live)["KeyCount"] == 1
        [kept] = resources(project, Part.DATA, BUCKET)
        assert not kept["inputs"].get("forceDestroy")
        project.destroy("uploads")


class TestRecoveryThatWasKilled:
    def test_is_gone_on_with(self, project: Project) -> None:
        """It had adopted a role and not read it yet: there is no ARN in the state."""
        project.write(services={"mailer": WORKER})
        project.deploy()

        def forget(found: list[dict[str, Any]]) -> None:
            for one in found:
                if one["type"] == ROLE:
                    one["outputs"] = one["inputs"]

        rewrite(project, Part.SERVICES, forget)
        name = stack_name(project.name, "local", Part.SERVICES)
        mark = Path(environment_folder(project.settings, project.name, "local")) / f"{name}.refresh-owed"
        mark.touch()
        project.change(services={"mailer": {**WORKER, "cpu": 512, "memory": 1024}})
        project.deploy()
        assert all("arn" in one["outputs"] for one in resources(project, Part.SERVICES, ROLE))
        assert not mark.exists()
        assert project.differences() == []
        project.destroy()


class TestWhatIsStillUsed:
    def test_goes_after_its_users_also_where_something_new_comes(self, project: Project) -> None:
        """Rules of the service's security group refer to the load balancer's."""
        project.write(services={"shop": WEB})
        project.deploy()
        project.change(services={"shop": WORKER}, network={"nat": "single"})
        result = project.deploy()
        assert "DependencyViolation" not in result.err
        assert (project.kinds()["nat-gateway"], project.kinds()["load-balancer"]) == (1, 0)
        assert project.differences() == []
        project.destroy()
