"""Databases and caches in the data stack, and what services get of them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cygni.naming import CACHE_NAME_LIMIT, DATABASE_NAME_LIMIT, Part, stack_name, store_name
from cygni.spec import ProjectSpec
from stacks.data_inputs import bound_stores
from stacks.manifest import stack_inputs
from stacks.program import program_for
from tests.factories import create_spec
from tests.pulumi_mocks import Made, run_program

STORES: dict[str, Any] = {
    "databases": {
        "main": {"default": True, "replicas": 1},
        "reports": {"engine": "aurora-postgres"},
    },
    "caches": {"fast": {}},
}
FOUNDATION = {
    "vpcId": "vpc-1",
    "clusterArn": "arn:cluster",
    "isolatedSubnetIds": ["subnet-x", "subnet-y"],
    "privateSubnetIds": ["subnet-a"],
    "publicSubnetIds": ["subnet-p"],
}


def made(spec: ProjectSpec, part: Part, references: dict[Part, Any], **given: Any) -> Made:
    stack = stack_name(spec.project, spec.environment, part)
    known = {stack_name(spec.project, spec.environment, one): outputs for one, outputs in references.items()}
    return run_program(program_for(stack, stack_inputs(spec)[part], {}), stack, references=known, **given)


@pytest.fixture(scope="module")
def shop() -> ProjectSpec:
    services = {"mailer": {"kind": "worker", "image": "mailer:1", "env": {"PGDATABASE": "other"}}}
    return create_spec("production", services=services, buckets=None, **STORES)


@pytest.fixture(scope="module")
def data(shop: ProjectSpec) -> Made:
    return made(shop, Part.DATA, {Part.FOUNDATION: FOUNDATION})


@pytest.fixture(scope="module")
def container(shop: ProjectSpec, data: Made) -> dict[str, Any]:
    """The container of the only service, with its ECS services and the policies of its roles."""
    found = made(shop, Part.SERVICES, {Part.FOUNDATION: FOUNDATION, Part.DATA: data.outputs})
    [told] = json.loads(found.only("TaskDefinition").inputs["containerDefinitions"])
    return {**told, "services": found.of("Service"), "roles": found.of("RolePolicy")}


class TestDataStack:
    def test_holds_every_store_under_its_name(self, data: Made) -> None:
        assert {one.name for one in data.of("Instance")} == {
            "shop-production-main",
            "shop-production-main-replica-1",
        }
        assert data.only("Cluster").name == "shop-production-reports"
        assert data.only("ReplicationGroup").name == "shop-production-fast"

    def test_puts_them_where_nothing_but_the_network_reaches_them(self, data: Made) -> None:
        groups = data.of("SubnetGroup")
        assert len(groups) == 3
        assert all(one.inputs["subnetIds"] == ["subnet-x", "subnet-y"] for one in groups)

    def test_lets_in_one_group_everywhere(self, data: Made) -> None:
        clients = data.named("SecurityGroup", "shop-production-clients")
        rules = data.of("SecurityGroupIngressRule")
        assert len(rules) == 3
        assert {one.inputs["referencedSecurityGroupId"] for one in rules} == {clients.id}

    def test_gives_no_two_resources_of_a_type_one_name(self, data: Made) -> None:
        """Or both would carry one identity, by which they are found again."""
        names = [(one.type, one.name) for one in data.resources if one.custom]
        assert len(names) == len(set(names))

    def test_tells_where_they_are_and_no_secret(self, data: Made) -> None:
        main = data.outputs["databases"]["main"]
        assert main == {
            "host": "shop-production-main.store.test",
            "readerHost": "shop-production-main-replica-1.store.test",
            "port": 5432,
            "database": "app",
            "secretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!shop-production-main",
        }
        assert data.outputs["caches"]["fast"]["readerHost"].startswith("ro.")

    def test_can_be_previewed_before_the_network_is_there(self, shop: ProjectSpec) -> None:
        stack = stack_name(shop.project, shop.environment, Part.DATA)
        found = run_program(
            program_for(stack, stack_inputs(shop)[Part.DATA], {Part.FOUNDATION: {}}), stack, preview=True
        )
        assert found.only("Cluster").name == "shop-production-reports"

    def test_needs_nothing_of_the_network_for_buckets_alone(self) -> None:
        assert made(create_spec(), Part.DATA, {}).of("StackReference") == []


class TestServicesStack:
    def test_knows_where_every_store_is(self, container: dict[str, Any]) -> None:
        variables = {one["name"]: one["value"] for one in container["environment"]}
        assert variables["DATABASE_REPORTS_URL"].startswith(
            "postgresql://shop-production-reports.store.test:5432/app"
        )
        assert variables["CACHE_FAST_URL"].startswith("rediss://")
        assert variables["PGHOST"] == "shop-production-main.store.test"

    def test_lets_what_is_written_win(self, container: dict[str, Any]) -> None:
        assert {"name": "PGDATABASE", "value": "other"} in container["environment"]

    def test_gets_credentials_by_reference_alone(self, container: dict[str, Any]) -> None:
        secrets = {one["name"]: one["valueFrom"] for one in container["secrets"]}
        assert secrets["PGPASSWORD"] == secrets["DATABASE_MAIN_PASSWORD"]
        assert all(":secret:rds!" in where for where in secrets.values())
        assert "PASSWORD" not in json.dumps(container["environment"])

    def test_may_read_the_secrets_it_is_given(self, container: dict[str, Any]) -> None:
        policies = {one.name.rsplit("-", 1)[-1]: one.inputs["policy"] for one in container["roles"]}
        for kind in ("execution", "task"):
            assert "rds!shop-production-main" in policies[kind]
            assert "rds!shop-production-reports" in policies[kind]

    def test_is_in_the_group_that_is_let_in_once(self, container: dict[str, Any], data: Made) -> None:
        clients = data.outputs["clientSecurityGroupId"]
        services = [one for one in container["services"] if one.custom]
        assert len(services) == 2
        for one in services:
            assert one.inputs["networkConfiguration"]["securityGroups"].count(clients) == 1


class TestInputs:
    def test_are_left_out_without_stores(self) -> None:
        assert Part.DATA not in stack_inputs(create_spec(buckets=None))
        assert bound_stores(create_spec()).databases == ()

    def test_name_the_default_database(self, shop: ProjectSpec) -> None:
        assert bound_stores(shop).default_database == "main"


class TestStoreName:
    @pytest.mark.parametrize(("limit", "longest"), [(DATABASE_NAME_LIMIT, 52), (CACHE_NAME_LIMIT, 40)])
    def test_fits_however_long_the_parts_are(self, limit: int, longest: int) -> None:
        name = store_name("p" * 24, f"preview-{'e' * 24}", "d" * 20, limit)
        assert len(name) == longest

    def test_tells_parts_apart_that_read_the_same(self) -> None:
        assert store_name("a-b", "preview-x", "c", 52) != store_name("a", "b-preview-x", "c", 52)


@pytest.fixture(scope="module")
def encrypted() -> Made:
    spec = create_spec("production", buckets=None, security={"kms": True}, **STORES)
    return made(spec, Part.DATA, {Part.FOUNDATION: FOUNDATION})


class TestKey:
    def test_is_the_environments_own_only_if_asked_for(self, data: Made, encrypted: Made) -> None:
        assert data.of("Key") == []
        key = encrypted.only("Key").inputs
        assert (key["enableKeyRotation"], key["deletionWindowInDays"]) == (True, 30)
        assert encrypted.only("Alias").inputs["name"] == "alias/shop_production"

    def test_encrypts_every_store(self, encrypted: Made) -> None:
        key = encrypted.only("Key").arn
        stores = [*encrypted.of("Instance"), *encrypted.of("Cluster"), *encrypted.of("ReplicationGroup")]
        assert len(stores) == 4
        replicas = [one for one in stores if "replicateSourceDb" in one.inputs]
        assert [one.inputs.get("kmsKeyId") for one in replicas] == [None]  # it takes that of its source
        assert {one.inputs["kmsKeyId"] for one in stores if one not in replicas} == {key}

    def test_is_not_made_where_there_is_nothing_to_encrypt(self) -> None:
        spec = create_spec("production", security={"kms": True})
        assert made(spec, Part.DATA, {Part.FOUNDATION: FOUNDATION}).of("Key") == []
