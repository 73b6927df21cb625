"""The three stack programs as a whole, and the promises every resource of them keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pulumi
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pulumi.output import Unknown

from cygni.errors import CygniError, EngineError, NotFound, SpecError
from cygni.naming import AUTO_NAME_SUFFIX, Part, stack_name
from cygni.resources import UNKNOWN, is_cloud
from cygni.spec import ProjectSpec
from stacks.__main__ import run
from stacks.inputs import ServiceInputs
from stacks.manifest import empty_inputs, stack_inputs
from stacks.program import program_for, remembering
from stacks.services import listener_priorities
from tests.factories import create_spec, spec_text
from tests.pulumi_mocks import ACCOUNT, Made, Registered, run_program

BUILT = {"build": {"tag": "v7"}, "port": 80}
LONGEST = {
    "project": "p" * 24,
    "network": {"nat": "per-zone", "zones": 3},
    "services": {
        "s" * 20: BUILT,
        "t" * 20: {**BUILT, "path": "/" + "t" * 125},
        "w" * 20: {"kind": "worker", "image": "a:1"},
        "c" * 20: {"kind": "cron", "image": "a:1", "schedule": "rate(1 day)", "dead_letter": True},
        "j" * 20: {"kind": "job", "image": "a:1"},
    },
    "buckets": {"b" * 20: {"versioning": True, "replication": {"region": "us-east-1"}}, "c" * 20: {}},
    "queues": {"q" * 20: {"fifo": True}},
    "topics": {"t" * 20: {"fifo": True, "subscriptions": {"q" * 20: {}}}},
}
LONGEST_ENVIRONMENT = f"preview-{'e' * 24}"


def made(spec: ProjectSpec, part: Part, **given: Any) -> Made:
    stack = stack_name(spec.project, spec.environment, part)
    inputs = stack_inputs(spec).get(part) or empty_inputs(part, spec.project, spec.environment)
    upstream = given.pop("upstream", {})
    return run_program(program_for(stack, inputs, upstream), stack, **given)


def all_made(spec: ProjectSpec) -> dict[Part, Made]:
    """Every stack, each with the outputs of those before it."""
    found: dict[Part, Made] = {}
    for part in Part:
        known = {stack_name(spec.project, spec.environment, one): found[one].outputs for one in found}
        found[part] = made(spec, part, references=known)
    return found


@pytest.fixture(scope="module")
def whole() -> dict[Part, Made]:
    """A shop with something of everything."""
    return all_made(
        create_spec(
            network={"nat": "single"},
            services={
                "web": {"image": "nginx:1", "port": 80, "env": {"GREETING": "hello"}},
                "api": {**BUILT, "path": "/api"},
                "mailer": {"kind": "worker", "image": "mailer:1"},
                "report": {"kind": "cron", "image": "report:1", "schedule": "0 3 * * *", "dead_letter": True},
                "migrate": {"kind": "job", "image": "migrate:1"},
            },
            buckets={
                "uploads": {
                    "versioning": True,
                    "replication": {"region": "eu-west-1"},
                    "cors": {"origins": ["*"]},
                    "lifecycle": {"old": {"expire_after": 9}},
                }
            },
            queues={"mail": {}, "audit": {"dead_letter": False}},
            topics={"orders": {"subscriptions": {"mail": {}, "audit": {"filter": {"a": ["b"]}}}}},
        )
    )


@pytest.fixture(scope="module")
def longest() -> dict[Part, Made]:
    """A project whose every name is as long as cygni.yaml allows."""
    return all_made(create_spec(LONGEST_ENVIRONMENT, **LONGEST))


Stacks = Mapping[Part, Made]


def resources(stacks: Stacks) -> Iterator[tuple[str, Registered]]:
    for part, found in stacks.items():
        for one in found.resources:
            yield part, one


# Types that have no tags in AWS: parts and settings of other resources.
UNTAGGED = {
    "BucketCorsConfiguration",
    "BucketLifecycleConfiguration",
    "BucketOwnershipControls",
    "BucketPolicy",
    "BucketPublicAccessBlock",
    "BucketReplicationConfig",
    "BucketServerSideEncryptionConfiguration",
    "BucketVersioning",
    "ClusterCapacityProviders",
    "LifecyclePolicy",
    "QueuePolicy",
    "RolePolicy",
    "Route",
    "RouteTableAssociation",
    "Schedule",
    "TopicSubscription",
}


class TestTags:
    def test_are_on_every_resource_that_can_have_them(self, whole: Stacks) -> None:
        seen = 0
        for part, one in resources(whole):
            kind = one.type.rsplit(":", 1)[-1]
            if not is_cloud(one.type) or kind in UNTAGGED:
                assert "tags" not in one.inputs
                continue
            stack = f"shop.staging.{part}"
            expected = {
                "cygni:project": "shop",
                "cygni:environment": "staging",
                "cygni:stack": stack,
                "cygni:urn": f"{stack}/{one.type}/{one.name}",
            }
            assert {key: one.inputs["tags"].get(key) for key in expected} == expected, one.urn
            seen += 1
        assert seen > 40

    def test_keep_a_resources_own(self, whole: Stacks) -> None:
        assert whole[Part.FOUNDATION].only("Vpc").inputs["tags"]["Name"] == "shop-staging"

    def test_identify_each_resource(self, longest: Stacks) -> None:
        found = [one.inputs["tags"]["cygni:urn"] for _, one in resources(longest) if "tags" in one.inputs]
        assert len(set(found)) == len(found) > 60

    def test_are_ones_that_aws_takes(self, longest: Stacks) -> None:
        for _, one in resources(longest):
            tags = one.inputs.get("tags", {})
            assert len(tags) <= 50
            for key, value in tags.items():
                assert re.fullmatch(r"[\w .:/=+\-@]{1,128}", key)
                assert re.fullmatch(r"[\w .:/=+\-@]{0,256}", value), value


class TestComponents:
    def test_have_one_spelling_of_their_token(self, whole: Stacks) -> None:
        tokens = {one.type for _, one in resources(whole) if not one.custom}
        assert tokens == {
            "cygni:network:Discovery",
            "cygni:network:Network",
            "cygni:network:LoadBalancer",
            "cygni:compute:Cluster",
            "cygni:compute:Cron",
            "cygni:compute:Job",
            "cygni:compute:ScheduleGroup",
            "cygni:compute:Service",
            "cygni:registry:Registry",
            "cygni:data:Bucket",
            "cygni:data:Queue",
            "cygni:data:Replication",
            "cygni:data:Topic",
        }
        assert all(re.fullmatch(r"cygni:[a-z]+:[A-Z][A-Za-z]+", token) for token in tokens)

    def test_register_their_outputs(self, whole: Stacks) -> None:
        for part, one in resources(whole):
            if not one.custom:
                assert whole[Part(part)].registered.get(one.urn), f"{one.urn} registers no outputs"

    def test_are_the_parents_of_everything_in_the_cloud(self, whole: Stacks) -> None:
        for _, one in resources(whole):
            parent = one.parent.split("::")[-2].split("$")[-1]
            expected = "cygni:" if is_cloud(one.type) else "pulumi:pulumi:Stack"
            assert parent.startswith(expected), one.urn


def limit(kind: str) -> tuple[str, int] | None:
    """The input that names a resource of this kind, and the characters AWS allows (service quotas, API models)."""
    return {
        "Bucket": ("bucket", 63),
        "Cluster": ("name", 255),
        "LogGroup": ("name", 512),
        "Queue": ("name", 80),
        "Repository": ("name", 256),
        "Service": ("name", 255),
        "TaskDefinition": ("family", 255),
        "Topic": ("name", 256),
    }.get(kind)


AUTO_NAMED = {"Role": 64, "RolePolicy": 128, "SecurityGroup": 255, "TargetGroup": 32, "LoadBalancer": 32}


class TestNames:
    def test_are_within_what_aws_allows(self, longest: Stacks) -> None:
        checked: set[str] = set()
        for _, one in resources(longest):
            kind = one.type.rsplit(":", 1)[-1]
            if not one.custom:
                continue
            if (named := limit(kind)) is not None:
                assert 0 < len(one.inputs[named[0]]) <= named[1], one.urn
                checked.add(kind)
            if kind in AUTO_NAMED:
                assert "name" not in one.inputs
                assert len(one.name) + AUTO_NAME_SUFFIX <= AUTO_NAMED[kind], one.urn
                checked.add(kind)
        assert checked == {
            *("Bucket", "Cluster", "LogGroup", "Queue", "Repository", "Service", "TaskDefinition", "Topic"),
            *AUTO_NAMED,
        }

    def test_are_each_used_once(self, longest: Stacks) -> None:
        urns = [one.urn for _, one in resources(longest)]
        assert len(set(urns)) == len(urns)

    def test_of_repositories_are_ones_that_ecr_takes(self, longest: Stacks) -> None:
        pattern = r"(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*"
        for one in longest[Part.FOUNDATION].of("Repository"):
            assert re.fullmatch(pattern, one.inputs["name"])

    def test_hold_no_wildcard_of_the_postgresql_backend(self, longest: Stacks) -> None:
        assert not [one.name for _, one in resources(longest) if "_" in one.name or "%" in one.name]

    def test_of_descriptions_are_ones_that_ec2_takes(self, longest: Stacks) -> None:
        for _, one in resources(longest):
            description = one.inputs.get("description", "")
            assert re.fullmatch(r"[A-Za-z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{0,255}", description)


class TestPolicies:
    def test_allow_no_action_by_wildcard(self, whole: Stacks) -> None:
        allowed = [one for one in statements(whole) if one["Effect"] == "Allow"]
        assert len(allowed) > 8
        for statement in allowed:
            assert not [action for action in statement["Action"] if "*" in action]

    def test_allow_nothing_on_everything_but_a_token(self, whole: Stacks) -> None:
        for statement in statements(whole):
            if statement["Effect"] == "Allow" and "*" in statement.get("Resource", []):
                assert statement["Action"] == ["ecr:GetAuthorizationToken"]

    def test_allow_no_one_but_services(self, whole: Stacks) -> None:
        for statement in statements(whole):
            if statement["Effect"] == "Allow" and "Principal" in statement:
                assert list(statement["Principal"]) == ["Service"]


def statements(stacks: Stacks) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for _, one in resources(stacks):
        for key in ("policy", "assumeRolePolicy"):
            if key in one.inputs and one.type.startswith(("aws:iam", "aws:s3")):
                found += json.loads(one.inputs[key])["Statement"]
    return found


class TestFoundation:
    def test_exports_what_later_stacks_read(self, whole: Stacks) -> None:
        outputs = whole[Part.FOUNDATION].outputs
        assert outputs["vpcId"] == "Vpc/shop-staging"
        assert outputs["publicSubnetIds"] == ["Subnet/shop-staging-public-a", "Subnet/shop-staging-public-b"]
        assert outputs["privateSubnetIds"] == [
            "Subnet/shop-staging-private-a",
            "Subnet/shop-staging-private-b",
        ]
        assert outputs["isolatedSubnetIds"] == [
            "Subnet/shop-staging-isolated-a",
            "Subnet/shop-staging-isolated-b",
        ]
        assert outputs["repositoryUrls"] == {"api": f"{ACCOUNT}.dkr.ecr.test/shop/staging/api"}
        assert set(outputs) == {
            *("vpcId", "publicSubnetIds", "privateSubnetIds", "isolatedSubnetIds"),
            *("clusterArn", "clusterName"),
            *("listenerArn", "loadBalancerSecurityGroupId", "loadBalancerDnsName", "entranceUrl"),
            *("repositoryUrls", "repositoryArns"),
        }

    def test_fences_logs_and_reaches_services_as_asked(self) -> None:
        spec = create_spec(
            network={"endpoints": ["sqs", "ecr.api"], "flow_logs": "all", "acls": True, "zones": 3},
            log_retention=14,
        )
        found = made(spec, Part.FOUNDATION)
        assert {one.name for one in found.of("NetworkAcl")} == {
            f"shop-staging-{kind}" for kind in ("public", "private", "isolated")
        }
        assert [one.name for one in found.of("VpcEndpoint")][1:] == [
            "shop-staging-ecr.api",
            "shop-staging-sqs",
        ]
        group = found.named("LogGroup", "shop-staging-flow-logs").inputs
        assert (group["name"], group["retentionInDays"]) == ("/cygni/shop/staging/flow-logs", 14)
        assert found.only("FlowLog").inputs["trafficType"] == "ALL"

    def test_has_none_of_that_unless_asked(self) -> None:
        found = made(create_spec("local"), Part.FOUNDATION)
        assert not [*found.of("NetworkAcl"), *found.of("FlowLog")]
        assert len(found.of("VpcEndpoint")) == 1

    def test_has_no_load_balancer_for_workers(self) -> None:
        found = made(create_spec(services={"a": {"kind": "worker", "image": "a:1"}}), Part.FOUNDATION)
        assert found.of("LoadBalancer") == []
        assert "listenerArn" not in found.outputs

    def test_takes_the_first_zones_by_name(self, longest: Stacks) -> None:
        zones = {one.inputs["availabilityZone"] for one in longest[Part.FOUNDATION].of("Subnet")}
        assert zones == {"us-east-1a", "us-east-1b", "us-east-1c"}

    @pytest.mark.parametrize(
        ("there", "asked", "hint"),
        [
            (1, 2, "Choose another region."),
            (2, 3, "Set network.zones to 2, or choose another region."),
        ],
    )
    def test_says_so_where_there_are_too_few_zones(
        self, monkeypatch: pytest.MonkeyPatch, there: int, asked: int, hint: str
    ) -> None:
        monkeypatch.setattr("tests.pulumi_mocks.ZONES", ["us-east-1a", "us-east-1b"][:there])
        said = rf"has {there} availability zones, network\.zones asks for {asked}"
        with pytest.raises(SpecError, match=said) as caught:
            made(create_spec(network={"zones": asked}), Part.FOUNDATION)
        assert caught.value.hint == hint


class TestExistingVpc:
    VPC: Mapping[str, Any] = {"tags": {"Name": "main"}, "public_subnets": {"tier": "public"}}

    def outputs(self, **more: Any) -> tuple[Made, Mapping[str, Any]]:
        found = made(
            create_spec(
                network={"vpc": {key: value for key, value in {**self.VPC, **more}.items() if value}}
            ),
            Part.FOUNDATION,
        )
        return found, found.outputs

    def test_is_used_as_it_is(self) -> None:
        found, outputs = self.outputs(private_subnets={"tier": "private"}, isolated_subnets={"tier": "data"})
        assert outputs["vpcId"] == "vpc-main"
        assert outputs["publicSubnetIds"] == ["subnet-public-a", "subnet-public-b"]
        assert outputs["privateSubnetIds"] == ["subnet-private-a", "subnet-private-b"]
        assert outputs["isolatedSubnetIds"] == ["subnet-data-a", "subnet-data-b"]
        for kind in ("Vpc", "Subnet", "RouteTable", "NatGateway", "VpcEndpoint", "NetworkAcl", "FlowLog"):
            assert not found.of(kind)
        [balancer] = [one for one in found.of("LoadBalancer") if one.custom]
        assert balancer.inputs["subnets"] == outputs["publicSubnetIds"]

    def test_may_have_fewer_kinds_of_subnets(self) -> None:
        _, outputs = self.outputs()
        assert outputs["privateSubnetIds"] == outputs["isolatedSubnetIds"] == outputs["publicSubnetIds"]
        _, outputs = self.outputs(private_subnets={"tier": "private"})
        assert outputs["isolatedSubnetIds"] == outputs["privateSubnetIds"]

    def test_may_be_told_by_its_id(self) -> None:
        _, outputs = self.outputs(id="vpc-0a1b2c3d", tags=None)
        assert outputs["vpcId"] == "vpc-0a1b2c3d"

    def test_that_is_not_there_is_said_to_be(self) -> None:
        with pytest.raises(
            SpecError, match=r"network\.vpc: vpc-00000000 was not found: .*no matching EC2 VPC"
        ):
            self.outputs(id="vpc-00000000", tags=None)

    def test_with_too_few_subnets_is_refused(self) -> None:
        with pytest.raises(
            SpecError, match=r"private_subnets: 1 subnets of vpc-main have the tags tier=lonely"
        ):
            self.outputs(private_subnets={"tier": "lonely"})


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
            {"name": "QUEUE_AUDIT_URL", "value": "https://sqs.test/shop_staging_audit"},
            {"name": "QUEUE_MAIL_URL", "value": "https://sqs.test/shop_staging_mail"},
            {"name": "SERVICE_API_URL", "value": "http://api.staging.shop.internal:80"},
            {"name": "SERVICE_WEB_URL", "value": "http://web.staging.shop.internal:80"},
            {"name": "TOPIC_ORDERS_ARN", "value": whole[Part.DATA].outputs["topicArns"]["orders"]},
        ]

    def test_that_are_built_run_what_is_in_their_repository(self, whole: Stacks) -> None:
        assert container(whole, "shop-staging-api")["image"] == f"{ACCOUNT}.dkr.ecr.test/shop/staging/api:v7"
        assert container(whole, "shop-staging-web")["image"] == "nginx:1"

    def test_export_their_addresses_and_names(self, whole: Stacks) -> None:
        host = whole[Part.FOUNDATION].outputs["loadBalancerDnsName"]
        assert whole[Part.SERVICES].outputs == {
            "urls": {"web": f"http://{host}/", "api": f"http://{host}/api"},
            "serviceNames": {
                name: {colour: f"shop-staging-{name}-{colour}" for colour in ("blue", "green")}
                for name in ("api", "mailer", "web")
            },
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


def container(stacks: Stacks, name: str) -> dict[str, Any]:
    definition = stacks[Part.SERVICES].named("TaskDefinition", name)
    [found] = json.loads(definition.inputs["containerDefinitions"])
    assert isinstance(found, dict)
    return found


def web(name: str, path: str) -> ServiceInputs:
    return ServiceInputs(
        name=name,
        kind="web",
        image="a",
        repository="",
        image_tag="",
        cpu=256,
        memory=512,
        architecture="x86_64",
        ephemeral_storage=20,
        count=1,
        environment=(),
        command=(),
        stop_timeout=30,
        port=80,
        path=path,
    )


paths = st.integers(0, 125).map(lambda length: "/" + "a" * length)
service_maps = st.dictionaries(st.text("abc", min_size=1, max_size=5), paths, min_size=1, max_size=12)


class TestListenerPriorities:
    @given(service_maps)
    def test_ask_the_longest_path_first(self, given: dict[str, str]) -> None:
        found = listener_priorities([web(name, path) for name, path in given.items()])
        by_priority = sorted(found, key=lambda name: found[name])
        lengths = [len(given[name]) for name in by_priority]
        assert lengths == sorted(lengths, reverse=True)

    @given(service_maps)
    def test_are_ones_that_a_listener_takes_and_each_used_once(self, given: dict[str, str]) -> None:
        found = listener_priorities([web(name, path) for name, path in given.items()])
        assert set(found) == set(given)
        assert len(set(found.values())) == len(found)
        assert all(1 <= priority <= 50_000 for priority in found.values())

    def test_stay_when_services_come_and_go(self) -> None:
        """Or the engine would move one rule to a priority that another still has, which AWS refuses."""
        before = [web("web", "/"), web("api", "/api")]
        after = [*before, web("admin", "/admin"), web("docs", "/doc")]
        was, now = listener_priorities(before), listener_priorities(after)
        assert {name: now[name] for name in was} == was

    def test_fit_many_services_with_paths_of_one_length(self) -> None:
        many = [web(f"s{number}", f"/{number:03}") for number in range(390)]
        assert len(set(listener_priorities(many).values())) == 390

    def test_are_for_web_services_alone(self) -> None:
        assert listener_priorities([replace(web("a", ""), kind="worker")]) == {}


class TestBareProgram:
    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        (tmp_path / "cygni.yaml").write_text(spec_text())
        return tmp_path

    @staticmethod
    def run(stack: str, start: Path) -> Made:
        return run_program(lambda: run(stack, start), stack)

    @pytest.mark.parametrize("name", [".", "cygni.yaml"])
    def test_declares_the_stack_that_is_selected(self, project: Path, name: str) -> None:
        found = self.run("shop.staging.data", project / name)
        assert found.resources[0].type == "cygni:data:Bucket"
        assert found.of("Bucket")[1].inputs["tags"]["cygni:stack"] == "shop.staging.data"

    def test_finds_the_specification_above_the_folder(self, project: Path) -> None:
        (project / "a" / "b").mkdir(parents=True)
        assert len(self.run("shop.staging.foundation", project / "a" / "b").of("Vpc")) == 1

    def test_empties_a_stack_that_has_nothing_left(self, tmp_path: Path) -> None:
        (tmp_path / "cygni.yaml").write_text(spec_text(buckets=None))
        assert self.run("shop.staging.data", tmp_path).resources == []

    @pytest.mark.parametrize("stack", ["shop", "shop.staging", "shop.staging.web", "a.b.c.d", ""])
    def test_refuses_a_name_of_another_shape(self, project: Path, stack: str) -> None:
        with pytest.raises(NotFound, match="is not the name of a stack of Cygni"):
            run(stack, project)

    def test_refuses_another_project(self, project: Path) -> None:
        with pytest.raises(NotFound, match=r"is of project other, but the specification is of shop"):
            run("other.staging.data", project)
