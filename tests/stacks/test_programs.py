"""The programs of the data and services stacks, and what is heard of one that refuses."""

from __future__ import annotations

import json
from unittest.mock import ANY

import pulumi
import pytest
from pulumi.output import Unknown

from cygni.errors import CygniError, EngineError, SpecError
from cygni.naming import Part
from cygni.resources import UNKNOWN
from stacks.program import remembering
from tests.factories import create_spec
from tests.pulumi_mocks import ACCOUNT
from tests.stacks.declared_stacks import (
    Stacks,
    all_made,
    container,
    made,
)


class TestData:
    def test_exports_each_bucket_by_its_name_in_the_specification(self, whole: Stacks) -> None:
        outputs = whole[Part.DATA].outputs
        assert outputs["bucketNames"]["uploads"].startswith("shop-staging-uploads-")
        assert list(outputs["bucketArns"]) == ["uploads"]

    def test_copies_a_bucket_to_one_of_another_name_in_the_region_asked_for(self, whole: Stacks) -> None:
        found = whole[Part.DATA]
        [copy] = [one for one in found.of("Bucket") if one.custom and one.name.endswith(".replica")]
        assert copy.inputs["region"] == "eu-west-1"
        assert copy.inputs["bucket"].startswith("shop-staging-uploads-replica-")
        assert copy.inputs["bucket"] not in whole[Part.DATA].outputs["bucketNames"].values()

    def test_exports_queues_and_topics_by_their_names_in_the_specification(self, whole: Stacks) -> None:
        outputs = whole[Part.DATA].outputs
        assert set(outputs["queueUrls"]) == set(outputs["queueArns"]) == {"audit", "mail"}
        assert list(outputs["topicArns"]) == ["orders"]

    def test_lets_topics_send_to_the_queues_that_subscribe(self, whole: Stacks) -> None:
        found = whole[Part.DATA]
        assert {one.name for one in found.of("TopicSubscription")} == {
            "shop-staging-orders.mail",
            "shop-staging-orders.audit",
        }
        for queue in ("audit", "mail"):
            policy = json.loads(found.named("QueuePolicy", f"shop-staging-{queue}").inputs["policy"])
            [topic] = policy["Statement"][1]["Condition"]["ArnEquals"]["aws:SourceArn"]
            assert topic == f"arn:aws:sns:us-east-1:{ACCOUNT}:shop_staging_orders"

    def test_can_be_empty(self) -> None:
        found = made(create_spec(buckets=None), Part.DATA)
        assert (found.resources, found.outputs) == ([], {"bucketNames": {}, "bucketArns": {}})


class TestServices:
    def test_stand_where_the_foundation_is(self, whole: Stacks) -> None:
        services = whole[Part.SERVICES].of("aws:ecs/service:Service")
        foundation = whole[Part.FOUNDATION].outputs
        assert len(services) == 6
        for one in services:
            assert one.inputs["cluster"] == foundation["clusterArn"]
            assert one.inputs["networkConfiguration"]["subnets"] == foundation["privateSubnetIds"]
            assert one.inputs["networkConfiguration"]["assignPublicIp"] is False

    def test_are_public_where_there_is_no_nat_gateway(self) -> None:
        stacks = all_made(create_spec(buckets=None, network={"nat": "none"}))
        for one in stacks[Part.SERVICES].of("aws:ecs/service:Service"):
            network = one.inputs["networkConfiguration"]
            assert network["subnets"] == stacks[Part.FOUNDATION].outputs["publicSubnetIds"]
            assert network["assignPublicIp"] is True

    def test_know_the_names_of_buckets(self, whole: Stacks) -> None:
        bucket = whole[Part.DATA].outputs["bucketNames"]["uploads"]
        environment = container(whole, "shop-staging-web")["environment"]
        assert environment == [
            {"name": "BUCKET_UPLOADS", "value": bucket},
            {"name": "GREETING", "value": "hello"},
            {"name": "PORT", "value": "80"},
            {"name": "QUEUE_AUDIT_URL", "value": "https://sqs.test/shop_staging_audit"},
            {"name": "QUEUE_MAIL_URL", "value": "https://sqs.test/shop_staging_mail"},
            {"name": "SERVICE_API_URL", "value": "http://api.staging.shop.internal:80"},
            {"name": "SERVICE_WEB_URL", "value": "http://web.staging.shop.internal:80"},
            {"name": "TOPIC_ORDERS_ARN", "value": whole[Part.DATA].outputs["topicArns"]["orders"]},
        ]

    def test_that_are_built_run_what_is_in_their_repository(self, whole: Stacks) -> None:
        assert container(whole, "shop-staging-api")["image"] == f"{ACCOUNT}.dkr.ecr.test/shop/staging/api:v7"
        assert container(whole, "shop-staging-web")["image"] == "nginx:1"

    def test_export_what_releases_move(self, whole: Stacks) -> None:
        services = whole[Part.SERVICES]
        running = services.outputs["running"]
        assert set(running) == {"api", "mailer", "web"}
        assert running["web"] == {
            "count": 1,
            "cluster": whole[Part.FOUNDATION].outputs["clusterArn"],
            "services": {colour: f"shop-staging-web-{colour}" for colour in ("blue", "green")},
            "taskDefinition": services.named("TaskDefinition", "shop-staging-web").arn,
            "logGroup": "/cygni/shop/staging/web",
            "targetGroups": {
                colour: services.named("TargetGroup", f"shop-staging-web-{colour}").arn
                for colour in ("blue", "green")
            },
            "rule": services.named("ListenerRule", "shop-staging-web").arn,
            "loadBalancer": "",
        }
        assert set(running["mailer"]) == {"count", "cluster", "services", "taskDefinition", "logGroup"}

    def test_export_their_addresses_and_jobs(self, whole: Stacks) -> None:
        host = whole[Part.FOUNDATION].outputs["loadBalancerDnsName"]
        assert whole[Part.SERVICES].outputs == {
            "urls": {"web": f"http://{host}/", "api": f"http://{host}/api"},
            "running": ANY,
            "schedules": {"report": whole[Part.SERVICES].only("Schedule").arn},
            "jobs": {
                "migrate": {
                    "taskDefinitionArn": whole[Part.SERVICES]
                    .named("TaskDefinition", "shop-staging-migrate")
                    .arn,
                    "clusterArn": whole[Part.FOUNDATION].outputs["clusterArn"],
                    "subnetIds": whole[Part.FOUNDATION].outputs["privateSubnetIds"],
                    "securityGroupIds": [
                        "SecurityGroup/shop-staging-migrate",
                        "SecurityGroup/shop-staging-peers",
                    ],
                    "assignPublicIp": False,
                }
            },
        }

    def test_can_be_none(self) -> None:
        found = made(create_spec(services=None, buckets=None), Part.SERVICES)
        assert [one for one in found.resources if one.custom] == []

    def test_are_previewed_with_what_is_expected_of_stacks_before(self) -> None:
        expected = {
            "foundation": {
                "vpcId": "vpc-expected",
                "publicSubnetIds": [UNKNOWN],
                "clusterArn": UNKNOWN,
                "listenerArn": "arn:expected",
            }
        }
        found = made(create_spec(buckets=None), Part.SERVICES, upstream=expected, preview=True)
        for one in found.of("TargetGroup"):
            assert one.inputs["vpcId"] == "vpc-expected"
        for one in found.of("aws:ecs/service:Service"):
            assert isinstance(one.inputs["cluster"], Unknown)
            assert isinstance(one.inputs["networkConfiguration"]["subnets"], Unknown)
        rule = found.named("SecurityGroupIngressRule", "shop-staging-web-in").inputs
        assert isinstance(rule["referencedSecurityGroupId"], Unknown)

    def test_are_applied_with_what_the_stacks_before_have_by_then(self) -> None:
        spec = create_spec(
            services={"a": {"kind": "worker", "image": "a:1"}}, buckets=None, network={"nat": "none"}
        )
        real = {"shop.staging.foundation": {"vpcId": "v", "publicSubnetIds": ["s"], "clusterArn": "real"}}
        found = made(
            spec, Part.SERVICES, upstream={"foundation": {"clusterArn": "expected"}}, references=real
        )
        assert {one.inputs["cluster"] for one in found.of("aws:ecs/service:Service")} == {"real"}


class TestRemembering:
    """What a program refuses is heard in full by whoever runs it."""

    def refused(self, error: Exception) -> CygniError:
        def program() -> None:
            raise error

        heard: list[CygniError] = []
        with pytest.raises(pulumi.RunError, match="too few"):
            remembering(program, heard)()
        [found] = heard
        return found

    def test_keeps_an_error_as_it_is(self) -> None:
        error = SpecError("too few zones", hint="Choose another region.")
        assert self.refused(error) is error

    def test_takes_the_text_of_the_sdks_own(self) -> None:
        found = self.refused(pulumi.RunError("too few"))
        assert (type(found), found.message) == (EngineError, "too few")
        assert "--debug" not in (found.hint or "")

    def test_remembers_nothing_of_a_program_that_ends_well(self) -> None:
        heard: list[CygniError] = []
        remembering(lambda: None, heard)()
        assert heard == []
