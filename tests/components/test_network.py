from __future__ import annotations

import ipaddress
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.network import Network, NetworkArgs, subnets_of
from tests.pulumi_mocks import Made, run_program

ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"]


def made(nat: str = "none", zones: int = 2, cidr: str = "10.20.0.0/16", kubernetes: bool = False) -> Made:
    def program() -> None:
        args = NetworkArgs(cidr=cidr, zones=ZONES[:zones], nat=nat, region="us-east-1", kubernetes=kubernetes)
        Network("shop", args)

    return run_program(program)


class TestSubnetsOf:
    @given(st.integers(0, 255), st.integers(16, 20), st.integers(2, 4))
    def test_never_overlap_and_lie_within_the_network(self, second: int, prefix: int, zones: int) -> None:
        network = ipaddress.IPv4Network(f"10.{second}.0.0/{prefix}")
        found = subnets_of(str(network), zones)
        subnets = [ipaddress.IPv4Network(subnet) for kind in found for subnet in kind]
        assert [len(kind) for kind in found] == [zones] * 3
        assert all(subnet.subnet_of(network) for subnet in subnets)
        assert not any(one.overlaps(other) for one, other in combinations(subnets, 2))
        # AWS takes subnets of /16 to /28.
        assert all(subnet.prefixlen <= 28 for subnet in subnets)

    @given(st.integers(16, 20), st.integers(2, 3))
    def test_give_each_zone_of_a_kind_the_same_room(self, prefix: int, zones: int) -> None:
        sizes = [
            {ipaddress.IPv4Network(subnet).prefixlen for subnet in kind}
            for kind in subnets_of(f"10.20.0.0/{prefix}", zones)
        ]
        assert sizes == [{prefix + 3}, {prefix + 3}, {prefix + 6}]

    def test_stay_what_they_are_in_networks_that_stand(self) -> None:
        # A range cannot change: another one here would replace the subnets of everybody.
        assert subnets_of("10.20.0.0/16", 3) == (
            ["10.20.0.0/19", "10.20.32.0/19", "10.20.64.0/19"],
            ["10.20.128.0/19", "10.20.160.0/19", "10.20.192.0/19"],
            ["10.20.96.0/22", "10.20.100.0/22", "10.20.104.0/22"],
        )

    @given(st.integers(16, 20))
    def test_stay_where_they_are_when_a_zone_is_added(self, prefix: int) -> None:
        two, three, four = (subnets_of(f"10.20.0.0/{prefix}", zones) for zones in (2, 3, 4))
        assert [kind[:2] for kind in three] == list(two)
        assert [kind[:3] for kind in four] == list(three)


class TestNetwork:
    @pytest.mark.parametrize("kubernetes", [True, False])
    def test_tells_a_cluster_in_it_where_load_balancers_may_be(self, kubernetes: bool) -> None:
        roles = {"public": "kubernetes.io/role/elb", "private": "kubernetes.io/role/internal-elb"}
        subnets = made(kubernetes=kubernetes).of("Subnet")
        assert len(subnets) == 6
        for one in subnets:
            role = roles.get(one.name.split("-")[1]) if kubernetes else None
            assert {key for key in one.inputs["tags"] if key != "Name"} == ({role} if role else set())
            assert role is None or one.inputs["tags"][role] == "1"

    def test_has_a_subnet_of_each_kind_in_each_zone(self) -> None:
        found = made(zones=3).of("Subnet")
        assert {one.name: one.inputs["availabilityZone"] for one in found} == {
            f"shop-{kind}-{zone[-1]}": zone for kind in ("public", "private", "isolated") for zone in ZONES
        }

    @pytest.mark.parametrize("nat", ["none", "single", "per-zone"])
    def test_lets_nothing_out_of_isolated_subnets(self, nat: str) -> None:
        found = made(nat)
        table = found.named("RouteTable", "shop-isolated").id
        assert all(one.inputs["routeTableId"] != table for one in found.of("Route"))
        assert table not in found.only("VpcEndpoint").inputs["routeTableIds"]

    def test_gives_no_subnets_public_addresses_by_itself(self) -> None:
        assert all("mapPublicIpOnLaunch" not in one.inputs for one in made().of("Subnet"))

    def test_resolves_names(self) -> None:
        vpc = made(cidr="10.9.0.0/20").only("Vpc")
        assert vpc.inputs["cidrBlock"] == "10.9.0.0/20"
        assert vpc.inputs["enableDnsHostnames"] is vpc.inputs["enableDnsSupport"] is True

    def test_routes_public_subnets_to_the_internet(self) -> None:
        found = made()
        [route] = [one for one in found.of("Route") if "gatewayId" in one.inputs]
        assert route.inputs["gatewayId"] == found.only("InternetGateway").id
        assert route.inputs["destinationCidrBlock"] == "0.0.0.0/0"
        assert route.inputs["routeTableId"] == found.named("RouteTable", "shop-public").id

    def test_gives_each_subnet_one_route_table(self) -> None:
        found = made(zones=3)
        tables = {
            one.inputs["subnetId"]: one.inputs["routeTableId"] for one in found.of("RouteTableAssociation")
        }
        assert tables == {
            **{f"Subnet/shop-public-{zone}": "RouteTable/shop-public" for zone in "abc"},
            **{f"Subnet/shop-private-{zone}": f"RouteTable/shop-private-{zone}" for zone in "abc"},
            **{f"Subnet/shop-isolated-{zone}": "RouteTable/shop-isolated" for zone in "abc"},
        }

    def test_reaches_s3_without_the_internet(self) -> None:
        found = made(zones=2)
        endpoint = found.only("VpcEndpoint")
        assert endpoint.inputs["serviceName"] == "com.amazonaws.us-east-1.s3"
        assert endpoint.inputs["vpcEndpointType"] == "Gateway"
        assert sorted(endpoint.inputs["routeTableIds"]) == [
            f"RouteTable/shop-{table}" for table in ("private-a", "private-b", "public")
        ]


class TestNat:
    @pytest.mark.parametrize(
        ("nat", "zones", "gateways", "routes"),
        [
            ("none", 2, 0, 0),
            ("none", 3, 0, 0),
            ("single", 2, 1, 2),
            ("single", 3, 1, 3),
            ("per-zone", 2, 2, 2),
            ("per-zone", 3, 3, 3),
        ],
    )
    def test_has_a_gateway_with_an_address_as_asked(
        self, nat: str, zones: int, gateways: int, routes: int
    ) -> None:
        found = made(nat, zones)
        assert len(found.of("NatGateway")) == len(found.of("Eip")) == gateways
        assert len([one for one in found.of("Route") if "natGatewayId" in one.inputs]) == routes

    def test_that_is_single_serves_all_zones_from_the_first(self) -> None:
        found = made("single", 3)
        gateway = found.only("NatGateway")
        assert gateway.inputs["subnetId"] == "Subnet/shop-public-a"
        assert gateway.inputs["allocationId"] == found.only("Eip").id
        assert {one.inputs["natGatewayId"] for one in found.of("Route") if "natGatewayId" in one.inputs} == {
            gateway.id
        }

    def test_per_zone_keeps_traffic_in_its_zone(self) -> None:
        found = made("per-zone", 3)
        routes = {one.inputs["routeTableId"]: one.inputs.get("natGatewayId") for one in found.of("Route")}
        for zone in "abc":
            gateway = found.named("NatGateway", f"shop-nat-{zone}")
            assert gateway.inputs["subnetId"] == f"Subnet/shop-public-{zone}"
            assert routes[f"RouteTable/shop-private-{zone}"] == gateway.id

    def test_waits_for_the_internet_gateway(self) -> None:
        found = made("single")
        for one in (found.only("NatGateway"), found.only("Eip")):
            assert found.only("InternetGateway").urn in one.depends_on
