"""What must hold whatever the type: adoption, half-made resources, look-up after a crash, errors in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cygni.local_cloud.provider.cloud import Cloud, NoEndpoint, WaitedTooLong, connection, is_loopback
from cygni.local_cloud.provider.lookup import lookup
from cygni.local_cloud.provider.operations import InitFailed, NotServed, describe, resource_type

World = Any  # the fixture's class, see conftest.py

VPC = "aws:ec2/vpc:Vpc"
BUCKET = "aws:s3/bucket:Bucket"
ROLE = "aws:iam/role:Role"
GROUP = "aws:cloudwatch/logGroup:LogGroup"
REPOSITORY = "aws:ecr/repository:Repository"
CLUSTER = "aws:ecs/cluster:Cluster"
QUEUE = "aws:sqs/queue:Queue"
PARAMETER = "aws:ssm/parameter:Parameter"

MINE = {"cygni:urn": "urn:mine"}
NAMED: list[list[Any]] = [
    [BUCKET, {"bucket": "named"}],
    [ROLE, {"name": "named", "assumeRolePolicy": '{"Version":"2012-10-17","Statement":[]}'}],
    [GROUP, {"name": "named"}],
    [REPOSITORY, {"name": "named"}],
    [CLUSTER, {"name": "named"}],
    [QUEUE, {"name": "named"}],
    [PARAMETER, {"name": "named", "type": "String", "value": "v"}],
    [
        "aws:iam/policy:Policy",
        {
            "name": "named",
            "policy": '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}',
        },
    ],
]


@pytest.mark.parametrize(("token", "inputs"), NAMED)
class TestCreateOfATakenName:
    def test_adopts_what_the_same_resource_made_before(
        self, token: str, inputs: dict[str, Any], world: World
    ) -> None:
        first = world.create(token, {**inputs, "tags": MINE})

        assert world.create(token, {**inputs, "tags": MINE}).id == first.id

    def test_refuses_what_somebody_else_made(self, token: str, inputs: dict[str, Any], world: World) -> None:
        world.create(token, {**inputs, "tags": {"cygni:urn": "urn:other"}})

        with pytest.raises(Exception, match=r"(?i)exist"):
            world.create(token, {**inputs, "tags": MINE})

    def test_is_found_again_after_a_crash(
        self, token: str, inputs: dict[str, Any], world: World, moto_endpoint: str
    ) -> None:
        kept = world.create(token, {**inputs, "tags": MINE})

        assert lookup(token, kept.inputs, "us-east-1", endpoint=moto_endpoint) == kept.id


class TestLookup:
    def test_finds_by_tag_what_has_no_name(self, world: World, moto_endpoint: str) -> None:
        world.create(VPC, {"cidrBlock": "10.0.0.0/16"})
        kept = world.create(VPC, {"cidrBlock": "10.0.0.0/16", "tags": MINE})

        assert lookup(VPC, kept.inputs, "us-east-1", endpoint=moto_endpoint) == kept.id

    def test_can_ask_as_the_caller(
        self, world: World, moto_endpoint: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = world.create(VPC, {"cidrBlock": "10.0.0.0/16", "tags": MINE})
        bucket = world.create(BUCKET, {"bucket": "of-the-caller", "tags": MINE})
        variables = {"ENDPOINT_URL": moto_endpoint, "ACCESS_KEY_ID": "a", "SECRET_ACCESS_KEY": "b"}
        for name, value in variables.items():
            monkeypatch.setenv(f"AWS_{name}", value)

        assert lookup(VPC, kept.inputs, "us-east-1", as_caller=True) == kept.id
        assert lookup(BUCKET, bucket.inputs, "us-east-1", as_caller=True) == bucket.id

    def test_finds_nothing_where_nothing_was_made(self, empty_moto: str) -> None:
        assert lookup(VPC, {"tagsAll": MINE}, "us-east-1", endpoint=empty_moto) is None
        assert lookup(VPC, {"tagsAll": {}}, "us-east-1", endpoint=empty_moto) is None
        assert lookup(GROUP, {"name": "x", "tagsAll": MINE}, "us-east-1", endpoint=empty_moto) is None

    def test_does_not_take_the_one_that_is_being_replaced(self, world: World, moto_endpoint: str) -> None:
        old = world.create(VPC, {"cidrBlock": "10.0.0.0/16", "tags": MINE})
        inputs = {**old.inputs, "cidrBlock": "10.1.0.0/16"}

        assert lookup(VPC, inputs, "us-east-1", endpoint=moto_endpoint, known=[old.id]) is None

        new = world.create(VPC, {"cidrBlock": "10.1.0.0/16", "tags": MINE})
        assert lookup(VPC, inputs, "us-east-1", endpoint=moto_endpoint, known=[old.id]) == new.id

    def test_finds_the_successor_of_a_task_definition_though_it_has_the_same_id(
        self, world: World, moto_endpoint: str
    ) -> None:
        container = {"name": "app", "image": "a:1", "memory": 512, "essential": True}
        given = {"family": "twins", "containerDefinitions": json.dumps([container]), "tags": MINE}
        token = "aws:ecs/taskDefinition:TaskDefinition"
        old = world.create(token, given)
        known = [old.id, old.outputs["arn"]]

        assert lookup(token, old.inputs, "us-east-1", endpoint=moto_endpoint, known=known) is None

        new = world.create(token, given)
        assert new.id == old.id
        assert lookup(token, old.inputs, "us-east-1", endpoint=moto_endpoint, known=known) == new.id

    def test_finds_what_carries_no_tags_by_what_it_says(self, world: World, moto_endpoint: str) -> None:
        bucket = world.create(BUCKET, {"bucket": "sample"})
        token = "aws:s3/bucketVersioning:BucketVersioning"
        kept = world.create(token, {"bucket": bucket.id, "versioningConfiguration": {"status": "Enabled"}})

        assert lookup(token, kept.inputs, "us-east-1", endpoint=moto_endpoint) == kept.id

    def test_says_which_types_it_serves(self) -> None:
        with pytest.raises(NotServed, match="aws:made/up:Up"):
            lookup("aws:made/up:Up", {}, "us-east-1", endpoint="http://127.0.0.1:1")


class TestAHalfMadeResource:
    def test_keeps_its_id(self, world: World) -> None:
        """The gateway is made, but its VPC does not exist."""
        token = "aws:ec2/internetGateway:InternetGateway"
        kind = resource_type(token)

        with pytest.raises(InitFailed) as caught:
            world.create(token, {"vpcId": "vpc-00000000"})

        assert caught.value.id.startswith("igw-")
        assert "vpc-00000000" in caught.value.reason
        world.operations.delete(kind, caught.value.id, caught.value.outputs)


class TestDrift:
    def test_shows_in_the_inputs(self, world: World) -> None:
        kept = world.create(GROUP, {"name": "g", "retentionInDays": 14, "tags": {"a": "1"}})
        world.operations.cloud.client("logs").put_retention_policy(logGroupName="g", retentionInDays=30)

        again = world.operations.read(resource_type(GROUP), kept.id, kept.inputs, kept.outputs)

        assert again is not None
        assert (again.inputs["retentionInDays"], again.outputs["retentionInDays"]) == (30, 30)

    def test_of_a_deleted_resource_is_nothing(self, world: World) -> None:
        kept = world.create(GROUP, {"name": "g"})
        world.operations.cloud.client("logs").delete_log_group(logGroupName="g")

        assert world.operations.read(resource_type(GROUP), kept.id, kept.inputs, kept.outputs) is None


class TestErrors:
    def test_name_the_call_the_code_and_the_message(self, world: World) -> None:
        with pytest.raises(Exception, match="Invalid") as caught:
            world.create("aws:ec2/subnet:Subnet", {"vpcId": "vpc-00000000", "cidrBlock": "10.0.0.0/24"})

        assert describe(caught.value).startswith("CreateSubnet: InvalidVpcID.NotFound: ")

    def test_of_a_type_that_is_not_served_say_what_is(self) -> None:
        with pytest.raises(NotServed, match=r"does not serve the resource type aws:x/y:Y.*ec2\.Vpc"):
            resource_type("aws:x/y:Y")


class TestConnection:
    def test_never_reaches_aws_by_accident(self) -> None:
        with pytest.raises(NoEndpoint, match="AWS_ENDPOINT_URL"):
            Cloud(connection({}, {})).client("ec2")

    def test_takes_region_and_endpoints_from_the_provider_before_the_environment(self) -> None:
        environ = {
            "AWS_ENDPOINT_URL": "http://a",
            "AWS_REGION": "eu-west-1",
            "AWS_ENDPOINT_URL_S3": "http://s",
        }
        config = {"region": "us-west-2", "endpoints": '[{"ec2": "http://b"}]'}

        where = connection(config, environ)

        assert where.region == "us-west-2"
        assert [where.endpoint(name) for name in ("ec2", "s3", "ecs")] == ["http://b", "http://s", "http://a"]
        assert connection({}, environ).region == "eu-west-1"

    def test_does_not_show_its_keys(self) -> None:
        assert "hunter2" not in repr(connection({"secretKey": "hunter2", "accessKey": "hunter2"}, {}))

    @pytest.mark.parametrize(
        ("url", "expected"),
        [
            ("http://127.0.0.1:5000", True),
            ("http://localhost:1", True),
            ("http://[::1]:1", True),
            ("https://ec2.us-east-1.amazonaws.com", False),
            ("http://10.0.0.1", False),
        ],
    )
    def test_knows_this_machine(self, url: str, expected: bool) -> None:
        assert is_loopback(url) is expected


class TestWaiting:
    def test_ends_with_the_first_answer(self) -> None:
        answers = iter([None, None, 7])

        assert Cloud(connection({}, {})).await_("x", lambda: next(answers), seconds=5) == 7

    def test_is_given_up_in_time(self) -> None:
        with pytest.raises(WaitedTooLong, match="the thing took longer"):
            Cloud(connection({}, {})).await_("the thing", lambda: None, seconds=0.02)

    def test_is_broken_off_when_the_engine_stops(self) -> None:
        cloud = Cloud(connection({}, {}))
        cloud.stop()

        with pytest.raises(RuntimeError, match="stopped while waiting"):
            cloud.await_("x", lambda: None, seconds=60)


class TestVersioning:
    def test_cannot_be_what_it_was_before_it_was_ever_on(self, world: World) -> None:
        """S3 knows no such request: to say that it was done would be a lie."""
        token = "aws:s3/bucketVersioning:BucketVersioning"
        bucket = world.create(BUCKET, {"bucket": "kept-versions"}).id
        kept = world.create(token, {"bucket": bucket, "versioningConfiguration": {"status": "Enabled"}})
        news = {**kept.inputs, "versioningConfiguration": {"status": "Disabled"}}

        with pytest.raises(RuntimeError, match="cannot go from Enabled to Disabled"):
            world.operations.update(
                resource_type(token), kept.id, kept.outputs, news, ["versioningConfiguration"]
            )
