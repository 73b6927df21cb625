from __future__ import annotations

from dataclasses import replace

import pytest

from components.discovery import Discovery, DiscoveryArgs, FoundAs
from components.service import Service
from tests.components.test_service import WEB
from tests.pulumi_mocks import Made, run_program

ARGS = DiscoveryArgs("staging.shop.internal", "vpc-1", {"api": 8080, "my-web": 80})


@pytest.fixture
def found() -> Made:
    """A namespace, and a service that is found in it."""

    def program() -> None:
        discovery = Discovery("shop-staging", ARGS)
        args = replace(WEB, found_as=discovery.found_as("api"), bindings=[discovery.binding])
        Service("shop-staging-api", args)

    return run_program(program)


class TestDiscovery:
    def test_is_a_private_namespace_in_the_vpc(self, found: Made) -> None:
        inputs = found.only("PrivateDnsNamespace").inputs
        assert (inputs["name"], inputs["vpc"]) == ("staging.shop.internal", "vpc-1")

    def test_tells_every_service_where_the_others_are(self) -> None:
        made: list[Discovery] = []
        run_program(lambda: made.append(Discovery("shop-staging", ARGS)))
        assert made[0].binding.variables == {
            "SERVICE_API_URL": "http://api.staging.shop.internal:8080",
            "SERVICE_MY_WEB_URL": "http://my-web.staging.shop.internal:80",
        }


class TestFoundService:
    def test_registers_the_tasks_of_both_colours_under_one_name(self, found: Made) -> None:
        name = found.only("aws:servicediscovery/service:Service")
        assert name.inputs["name"] == "api"
        assert name.inputs["forceDestroy"] is True
        assert name.inputs["dnsConfig"] == {
            "namespaceId": "PrivateDnsNamespace/shop-staging",
            "routingPolicy": "MULTIVALUE",
            "dnsRecords": [{"type": "A", "ttl": 10}],
        }
        for one in found.of("aws:ecs/service:Service"):
            assert one.inputs["serviceRegistries"] == {"registryArn": name.arn}

    def test_lets_in_its_peers_at_its_port_alone(self, found: Made) -> None:
        rule = found.named("SecurityGroupIngressRule", "shop-staging-api-peers").inputs
        assert rule["referencedSecurityGroupId"] == "SecurityGroup/shop-staging-peers"
        assert (rule["fromPort"], rule["toPort"]) == (8080, 8080)

    def test_is_a_peer_itself(self, found: Made) -> None:
        for one in found.of("aws:ecs/service:Service"):
            assert "SecurityGroup/shop-staging-peers" in one.inputs["networkConfiguration"]["securityGroups"]

    def test_waits_until_its_peers_are_let_in(self, found: Made) -> None:
        rule = found.named("SecurityGroupIngressRule", "shop-staging-api-peers").urn
        for one in found.of("aws:ecs/service:Service"):
            assert rule in one.depends_on


class TestService:
    def test_has_no_name_unless_it_is_given_one(self) -> None:
        def program() -> None:
            Service("shop-staging-api", WEB)

        found = run_program(program)
        assert found.of("aws:servicediscovery/service:Service") == []
        assert all("serviceRegistries" not in one.inputs for one in found.of("aws:ecs/service:Service"))

    def test_is_found_by_nobody_who_is_no_peer(self) -> None:
        def program() -> None:
            Service("shop-staging-api", replace(WEB, found_as=FoundAs("api", "ns-1", "sg-peers")))

        for one in run_program(program).of("aws:ecs/service:Service"):
            assert "sg-peers" not in one.inputs["networkConfiguration"]["securityGroups"]
