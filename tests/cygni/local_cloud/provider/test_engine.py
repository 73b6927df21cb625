"""The provider under the real engine: preview, up, refresh, replace, import, destroy."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from botocore.exceptions import ClientError
from pulumi import automation as auto

from cygni.local_cloud.provider.executable import plugin_folder
from cygni.local_cloud.provider.operations import resource_type
from cygni.naming import Part
from cygni.plan.model import Change, Step
from cygni.settings import Settings
from stacks.data_loss import marked
from stacks.engine import find
from tests.cygni.local_cloud.provider.counts import Inventory
from tests.cygni.local_cloud.provider.engine_programs import SECRET, everything, released, tagged

# Programs that fail are in test_process.py: in this process they would leave event loops behind.
pytestmark = [pytest.mark.engine, pytest.mark.slow]

Stack = Callable[[Callable[[], None]], auto.Stack]


@pytest.fixture
def stack(tmp_path: Path, empty_moto: str) -> Stack:
    """A stack on an empty cloud, with its state in files; each call gives it another program."""
    root = tmp_path / "engine"
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "pulumi").symlink_to(find(Settings.from_environment()).path)
    command = auto.PulumiCommand(root=str(root), skip_version_check=True)
    for name in ("state", "work"):
        (tmp_path / name).mkdir()
    plugins = {"providers": [{"name": "aws", "path": str(plugin_folder(tmp_path))}]}
    project = {"name": "provider", "runtime": "python", "plugins": plugins}
    (tmp_path / "work" / "Pulumi.yaml").write_text(json.dumps(project))

    def with_program(program: Callable[[], None]) -> auto.Stack:
        options = auto.LocalWorkspaceOptions(
            work_dir=str(tmp_path / "work"),
            pulumi_home=str(tmp_path / "home"),
            pulumi_command=command,
            env_vars={
                "PULUMI_CONFIG_PASSPHRASE": "test",
                "PULUMI_BACKEND_URL": f"file://{tmp_path}/state",
                "PULUMI_SKIP_UPDATE_CHECK": "1",
                "AWS_ENDPOINT_URL": empty_moto,
                "AWS_REGION": "us-east-1",
            },
        )
        return auto.create_or_select_stack("dev", "provider", program, opts=options)

    return with_program


class TestAWholeStack:
    def test_goes_up_stays_the_same_and_comes_down(
        self, stack: Stack, tmp_path: Path, inventory: Inventory
    ) -> None:
        events: list[auto.EngineEvent] = []
        dev = stack(everything)

        assert set(dev.preview().change_summary) == {"create"}
        assert inventory() == {}
        assert set(dev.up().summary.resource_changes or {}) == {"create"}
        assert set(dev.preview().change_summary) == {"same"}
        assert set(dev.refresh().summary.resource_changes or {}) == {"same"}
        assert set(dev.preview(on_event=events.append).change_summary) == {"same"}
        states = [file.read_text() for file in (tmp_path / "state").rglob("*.json")]
        assert states
        assert not any(SECRET in text for text in states)
        assert not any(SECRET in str(event.__dict__) for event in events)
        assert set(dev.destroy().summary.resource_changes or {}) == {"delete"}
        assert inventory() == {}


class TestOneResource:
    def test_is_replaced_where_a_change_cannot_be_made_in_place(
        self, stack: Stack, inventory: Inventory
    ) -> None:
        def program(block: str) -> Callable[[], None]:
            return lambda: pulumi.export("id", aws.ec2.Vpc("net", cidr_block=block, tags=tagged("net")).id)

        first = stack(program("10.0.0.0/16")).up()
        second = stack(program("10.1.0.0/16")).up()

        assert (second.summary.resource_changes or {})[auto.OpType.REPLACE] == 1
        assert first.outputs["id"].value != second.outputs["id"].value
        assert inventory() == {"vpc": 1}
        stack(program("10.1.0.0/16")).destroy()

    def test_keeps_the_weights_that_a_release_moved(self, stack: Stack, moto_cloud: Any) -> None:
        first = stack(released("/old")).up()
        client, rule = moto_cloud.client("elbv2"), first.outputs["rule"].value
        [action] = client.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"]
        groups = action["ForwardConfig"]["TargetGroups"]
        moved = [{**group, "Weight": 100 - group["Weight"]} for group in groups]
        action = {"Type": "forward", "ForwardConfig": {"TargetGroups": moved}}
        client.modify_rule(RuleArn=rule, Actions=[action])

        dev = stack(released("/new"))
        assert (dev.up().summary.resource_changes or {})[auto.OpType.UPDATE] == 1
        [now] = client.describe_rules(RuleArns=[rule])["Rules"]
        assert now["Conditions"][0]["PathPatternConfig"]["Values"] == ["/new"]
        assert [group["Weight"] for group in now["Actions"][0]["ForwardConfig"]["TargetGroups"]] == [0, 100]
        dev.destroy()

    def test_is_imported_by_id(self, stack: Stack, world: Any) -> None:
        kept = world.create("aws:cloudwatch/logGroup:LogGroup", {"name": "/there", "retentionInDays": 30})

        def program() -> None:
            options = pulumi.ResourceOptions(import_=kept.id)
            aws.cloudwatch.LogGroup("there", name="/there", retention_in_days=30, opts=options)

        dev = stack(program)
        changes = dev.up().summary.resource_changes or {}

        assert changes[auto.OpType.IMPORT] == 1
        assert set(dev.preview().change_summary) == {"same"}

    def test_keeps_its_drift_visible(self, stack: Stack, moto_cloud: Any) -> None:
        dev = stack(lambda: aws.cloudwatch.LogGroup("app", name="/app", retention_in_days=30) and None)
        dev.up()
        moto_cloud.client("logs").put_retention_policy(logGroupName="/app", retentionInDays=7)

        assert (dev.refresh().summary.resource_changes or {})[auto.OpType.UPDATE] == 1
        assert dev.preview().change_summary[auto.OpType.UPDATE] == 1


BUCKET = "aws:s3/bucket:Bucket"


class TestABucketWithObjects:
    """One whose name changes, as the name of a project's bucket does with the region."""

    @staticmethod
    def program(bucket: str) -> Callable[[], None]:
        return lambda: pulumi.export("urn", aws.s3.Bucket("uploads", bucket=bucket, tags=tagged("b")).urn)

    @staticmethod
    def fill(s3: Any, bucket: str) -> None:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        for body in (b"first", b"second"):
            s3.put_object(Bucket=bucket, Key="report", Body=body)

    def test_is_not_deleted_for_its_successor_unless_that_was_allowed(
        self, stack: Stack, world: Any, moto_cloud: Any
    ) -> None:
        s3 = moto_cloud.client("s3")
        old = world.create(BUCKET, {"bucket": "uploads-of-old", "tags": tagged("b")})
        self.fill(s3, old.id)

        with pytest.raises(ClientError, match="BucketNotEmpty"):
            world.operations.delete(resource_type(BUCKET), old.id, old.outputs)

        assert s3.get_object(Bucket=old.id, Key="report")["Body"].read() == b"second"

    def test_is_replaced_with_all_that_is_in_it_where_that_was_allowed(
        self, stack: Stack, inventory: Inventory, moto_cloud: Any
    ) -> None:
        s3 = moto_cloud.client("s3")
        urn = stack(self.program("uploads-of-old")).up().outputs["urn"].value
        self.fill(s3, "uploads-of-old")
        dev = stack(self.program("uploads-anew"))
        planned = dev.preview().change_summary
        allowed = Step(Part.DATA, urn, BUCKET, "uploads", Change.REPLACE, id="uploads-of-old")
        exported = dev.export_stack()
        deployment = marked({"version": exported.version, "deployment": exported.deployment}, [allowed])
        dev.import_stack(auto.Deployment(**deployment))

        assert dev.preview().change_summary == planned == {"replace": 1, "same": 1}
        dev.up()

        assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == ["uploads-anew"]
        state = dev.export_stack().deployment or {}
        [kept] = [one for one in state["resources"] if one["type"] == BUCKET]
        assert not kept["inputs"].get("forceDestroy")
        assert not kept["outputs"].get("forceDestroy")
        dev.destroy()
