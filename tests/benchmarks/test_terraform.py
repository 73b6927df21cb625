from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.terraform import Done, Terraform, find, fixed_waits, write_project
from benchmarks.terraform_json import (
    Configuration,
    NotTranslated,
    configuration,
    count,
    schema_of,
    snake_case,
    terraform_type,
)


def urn(stack: str, kind: str, name: str) -> str:
    return f"urn:pulumi:{stack}::cygni::{kind}::{name}"


def resource(stack: str, kind: str, name: str, **given: Any) -> dict[str, Any]:
    return {"urn": urn(stack, kind, name), "type": kind, "custom": True, **given}


VPC = "aws:ec2/vpc:Vpc"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
BUCKET = "aws:s3/bucket:Bucket"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"

FOUNDATION = [
    resource("f", "pulumi:pulumi:Stack", "f"),
    resource(
        "f",
        VPC,
        "shop",
        id="vpc-1",
        inputs={"cidrBlock": "10.0.0.0/16", "tags": {"cygni:urn": "x"}, "tagsAll": {}, "__defaults": []},
        outputs={"arn": "arn:vpc-1"},
    ),
]
SERVICES = [
    resource(
        "s",
        GROUP,
        "web",
        id="sg-1",
        inputs={"vpcId": "vpc-1", "description": "vpc-1 and ${more}", "region": "us-east-1"},
        propertyDependencies={"vpcId": [urn("s", "pulumi:pulumi:StackReference", "f")]},
    ),
]
DATA = [
    resource("d", BUCKET, "b1", id="b1", inputs={"bucket": "b1"}, outputs={"arn": "arn:b1"}),
    resource(
        "d",
        BLOCK,
        "b1",
        id="b1",
        inputs={"bucket": "b1", "skipDestroy": False, "__defaults": ["skipDestroy"]},
    ),
    resource(
        "d",
        POLICY,
        "b1",
        id="b1",
        inputs={"bucket": "b1", "policy": '["arn:b1/*", "arn:b12"]'},
        propertyDependencies={"bucket": [urn("d", BUCKET, "b1")], "policy": [urn("d", BUCKET, "b1")]},
        dependencies=[urn("d", BUCKET, "b1"), urn("d", BLOCK, "b1")],
    ),
]


def block(*attributes: str, **blocks: Any) -> dict[str, Any]:
    kinds = {name: {"type": ["map", "string"] if name == "tags" else "string"} for name in attributes}
    return {
        "attributes": kinds,
        "block_types": {name: {"nesting_mode": "list", "block": inner} for name, inner in blocks.items()},
    }


RULE = {"protocol": "string", "from_port": "number", "cidr_blocks": ["list", "string"], "self": "bool"}
DATABASE = "aws:rds/instance:Instance"
SCHEMA = {
    "aws_db_instance": {
        "attributes": {
            "master_user_secret": {"computed": True, "type": ["list", ["object", {"secret_arn": "string"}]]}
        }
    },
    "aws_vpc": block("cidr_block", "tags"),
    "aws_security_group": {
        **block("vpc_id", "description"),
        "attributes": {
            **block("vpc_id", "description")["attributes"],
            "egress": {"type": ["set", ["object", RULE]]},
        },
    },
    "aws_s3_bucket": block("bucket"),
    "aws_s3_bucket_policy": block("bucket", "policy"),
    "aws_s3_bucket_public_access_block": block("bucket"),
    "aws_s3_bucket_lifecycle_configuration": block(rule=block("id", filter=block("prefix"))),
}


def translated(*stacks: list[dict[str, Any]], tolerated: frozenset[str] = frozenset()) -> Configuration:
    return configuration(stacks, SCHEMA, tolerated)


def declared(*stacks: list[dict[str, Any]]) -> dict[str, Any]:
    return translated(*stacks).resources


LIFECYCLE = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"


class TestConfiguration:
    def test_declares_every_resource_of_the_cloud_once(self) -> None:
        assert count(declared(FOUNDATION, DATA, SERVICES)) == 5

    def test_says_property_names_as_terraform_does_and_leaves_tags_alone(self) -> None:
        found = declared(FOUNDATION)["aws_vpc"]["shop"]
        assert found == {"cidr_block": "10.0.0.0/16", "tags": {"cygni:urn": "x"}}

    def test_refers_across_stacks_where_a_stack_reference_gave_the_value(self) -> None:
        found = declared(FOUNDATION, SERVICES)["aws_security_group"]["web"]
        assert found["vpc_id"] == "${aws_vpc.shop.id}"

    def test_takes_a_text_that_depends_on_nothing_as_it_is(self) -> None:
        found = declared(FOUNDATION, SERVICES)["aws_security_group"]["web"]
        assert found["description"] == "vpc-1 and $${more}"

    def test_refers_inside_of_texts_to_whole_names_only(self) -> None:
        found = declared(DATA)["aws_s3_bucket_policy"]["b1"]
        assert found["policy"] == '["${aws_s3_bucket.b1.arn}/*", "arn:b12"]'

    def test_keeps_the_order_that_no_property_shows(self) -> None:
        found = declared(DATA)["aws_s3_bucket_policy"]["b1"]
        assert found["depends_on"] == ["aws_s3_bucket_public_access_block.b1"]

    def test_says_every_member_of_an_object_that_is_no_block(self) -> None:
        egress = [{"protocol": "-1", "fromPort": 0, "cidrBlocks": ["0.0.0.0/0"]}]
        found = declared([resource("s", GROUP, "web", inputs={"egress": egress})])
        assert found["aws_security_group"]["web"]["egress"] == [
            {"protocol": "-1", "from_port": 0, "cidr_blocks": ["0.0.0.0/0"], "self": None}
        ]

    def test_leaves_out_what_the_provider_filled_in(self) -> None:
        assert declared(DATA)["aws_s3_bucket_public_access_block"]["b1"] == {"bucket": "b1"}

    def test_refuses_a_type_that_it_does_not_know(self) -> None:
        with pytest.raises(NotTranslated, match="aws:sqs/queue:Queue"):
            declared([resource("d", "aws:sqs/queue:Queue", "jobs", inputs={})])

    def test_says_blocks_in_the_singular_at_any_depth(self) -> None:
        rules = [{"id": "a", "filter": {"prefix": "x/"}}, {"id": "b"}]
        found = declared([resource("d", LIFECYCLE, "b1", inputs={"rules": rules})])
        assert found["aws_s3_bucket_lifecycle_configuration"]["b1"] == {"rule": rules}

    def test_refuses_a_property_that_it_does_not_know(self) -> None:
        with pytest.raises(NotTranslated, match="has no shiny"):
            declared([resource("d", BUCKET, "b1", inputs={"shiny": True})])

    def test_leaves_out_a_property_that_is_known_to_be_newer(self) -> None:
        stack = [resource("d", BUCKET, "b1", inputs={"shiny": True, "bucket": "b1"})]
        found = translated(stack, tolerated=frozenset({f"{BUCKET}.shiny"}))
        assert found.resources["aws_s3_bucket"]["b1"] == {"bucket": "b1"}
        assert found.left_out == {f"{BUCKET}.shiny"}

    def test_refers_to_what_the_cloud_has_made_at_any_depth(self) -> None:
        secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:made"
        database = resource(
            "d", DATABASE, "main", id="main", outputs={"masterUserSecrets": [{"secretArn": secret}]}
        )
        reader = resource(
            "d",
            GROUP,
            "web",
            inputs={"description": f"{secret}:x"},
            propertyDependencies={"description": [urn("d", DATABASE, "main")]},
        )
        found = declared([database, reader])["aws_security_group"]["web"]
        made = "tolist(aws_db_instance.main.master_user_secret)[0].secret_arn"
        assert found["description"] == f"${{{made}}}:x"

    def test_tells_the_address_of_each_resource(self) -> None:
        assert translated(FOUNDATION).addresses == {urn("f", VPC, "shop"): "aws_vpc.shop"}


class TestTerraformType:
    @pytest.mark.parametrize(
        ("token", "expected"),
        [
            (VPC, "aws_vpc"),
            (LIFECYCLE, "aws_s3_bucket_lifecycle_configuration"),
            ("aws:rds/instance:Instance", "aws_db_instance"),
        ],
    )
    def test_follows_from_the_token_or_is_listed(self, token: str, expected: str) -> None:
        assert terraform_type(token, SCHEMA) == expected


class TestSchemaOf:
    def test_takes_the_blocks_of_the_one_provider(self) -> None:
        document = {"provider_schemas": {"x/aws": {"resource_schemas": {"aws_vpc": {"block": block("id")}}}}}
        assert schema_of(json.dumps(document)) == {"aws_vpc": block("id")}


class TestSnakeCase:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [("cidrIpv4", "cidr_ipv4"), ("enableEcsManagedTags", "enable_ecs_managed_tags"), ("name", "name")],
    )
    def test_splits_at_capitals(self, given: str, expected: str) -> None:
        assert snake_case(given) == expected


class TestWriteProject:
    def test_writes_valid_terraform_json_that_knows_only_this_endpoint(self, tmp_path: Path) -> None:
        found = Terraform(Path("terraform"), tmp_path / "mirror", "5.100.0")
        write_project(tmp_path / "p", found, "http://127.0.0.1:1", "us-east-1", declared(FOUNDATION))
        document = json.loads((tmp_path / "p" / "main.tf.json").read_text())
        assert set(document) == {"terraform", "provider", "resource"}
        assert document["terraform"]["required_providers"]["aws"]["version"] == "5.100.0"
        [endpoints] = document["provider"]["aws"]["endpoints"]
        assert set(endpoints.values()) == {"http://127.0.0.1:1"}
        assert str(tmp_path / "mirror") in (tmp_path / "p" / "terraform.rc").read_text()


PRINTED = """
aws_vpc.shop: Creation complete after 12s [id=vpc-1]
aws_ecs_cluster.shop: Creation complete after 11s [id=shop]
aws_ecs_cluster_capacity_providers.shop: Creation complete after 1m10s [id=shop]
aws_ecs_service.shop: Creation complete after 9s [id=web]
"""


class TestFixedWaits:
    def test_adds_the_waits_that_follow_one_another(self) -> None:
        assert fixed_waits(PRINTED) == 81

    def test_counts_no_work(self) -> None:
        assert fixed_waits("aws_ecs_cluster.shop: Destruction complete after 2s") == 0

    def test_are_taken_off_the_time(self) -> None:
        assert Done(90.0, PRINTED).less_waits == 9.0


class TestFind:
    @pytest.fixture
    def machine(self, tmp_path: Path) -> dict[str, str]:
        terraform = tmp_path / "bin" / "terraform"
        terraform.parent.mkdir()
        terraform.write_text("#!/bin/sh\n")
        terraform.chmod(0o755)
        return {
            "PATH": str(terraform.parent),
            "HOME": str(tmp_path / "home"),
            "TF_PLUGIN_MIRROR": str(tmp_path / "mirror"),
        }

    @pytest.mark.parametrize(
        "file",
        [
            "host/hashicorp/aws/6.1.0/linux_amd64/terraform-provider-aws_v6.1.0_x5",
            "host/hashicorp/aws/terraform-provider-aws_6.1.0_linux_amd64.zip",
        ],
    )
    def test_finds_the_root_of_a_mirror(self, machine: dict[str, str], tmp_path: Path, file: str) -> None:
        provider = tmp_path / "mirror" / file
        provider.parent.mkdir(parents=True)
        provider.touch()
        found = find(machine)
        assert isinstance(found, Terraform)
        assert (found.mirror, found.provider_version) == (tmp_path / "mirror", "6.1.0")

    def test_says_that_there_is_no_terraform(self, tmp_path: Path) -> None:
        assert find({"PATH": str(tmp_path)}) == "there is no `terraform` on PATH"
