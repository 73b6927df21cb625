from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cygni.local_cloud.data_plane.snapshot import DrainingTarget, ElasticLoadBalancing, Target
from cygni.local_cloud.load_balancer.clusters import cluster
from cygni.local_cloud.load_balancer.configuration import Configuration, Layout, configuration, used_groups
from cygni.local_cloud.load_balancer.endpoints import endpoints
from cygni.local_cloud.load_balancer.health import HEALTHY
from tests.cygni.local_cloud.balancers import (
    BLUE,
    GREEN,
    balancer,
    elbv2,
    forwarding,
    group,
    listener,
    rule,
)

LAYOUT = Layout(Path("/folder"))


def configured(given: ElasticLoadBalancing) -> Configuration:
    return configuration(given, {}, LAYOUT)


def states(told: dict[str, Any]) -> dict[int, str]:
    [locality] = told["endpoints"]
    return {
        one["endpoint"]["address"]["socket_address"]["port_value"]: one["health_status"]
        for one in locality["lb_endpoints"]
    }


class TestConfiguration:
    def test_changes_the_routes_alone_when_weights_change(self) -> None:
        before, after = configured(elbv2(100, 0)), configured(elbv2(0, 100))
        assert before.routes != after.routes
        assert replace(after, routes=before.routes) == before

    def test_changes_one_cluster_alone_when_a_target_comes(self) -> None:
        given = elbv2()
        more = replace(given, target_groups=(group(BLUE, 9001, 9003), given.target_groups[1]))
        before, after = configured(given), configured(more)
        assert before.clusters[0] != after.clusters[0]
        assert replace(after, clusters=(before.clusters[0], *after.clusters[1:])) == before

    def test_serves_only_what_some_rule_names_even_with_weight_0(self) -> None:
        other = group(f"{BLUE}-other", 1)
        given = elbv2(1, 0)
        given = replace(given, target_groups=(*given.target_groups, other))
        assert [one.arn for one in used_groups(given)] == [BLUE, GREEN]
        assert len(configured(given).clusters) == 2

    def test_listens_on_this_machine_alone(self) -> None:
        [told] = configured(elbv2()).listeners
        assert told["address"]["socket_address"] == {"address": "127.0.0.1", "port_value": 8080}

    def test_gives_an_https_listener_a_certificate(self) -> None:
        secure = listener(rule(forwarding(1, 1)), port=443, local_port=8443, protocol="HTTPS")
        [told] = configured(ElasticLoadBalancing((balancer(secure),), ())).listeners
        assert str(LAYOUT.certificate(secure)[0]) in str(told["filter_chains"][0]["transport_socket"])

    def test_gives_other_names_another_certificate(self) -> None:
        secure = listener(protocol="HTTPS")
        assert LAYOUT.certificate(secure) != LAYOUT.certificate(replace(secure, names=("example.com",)))

    def test_gives_a_listener_that_moves_to_another_port_another_name(self) -> None:
        moved = [
            configured(ElasticLoadBalancing((balancer(listener(local_port=port)),), ())).listeners[0]["name"]
            for port in (8080, 8081)
        ]
        assert moved[0] != moved[1]


class TestClusters:
    @pytest.mark.parametrize(
        ("version", "expected"), [("HTTP1", "http_"), ("HTTP2", "http2_"), ("GRPC", "http2_")]
    )
    def test_speak_the_targets_protocol(self, version: str, expected: str) -> None:
        told = cluster(group(protocol_version=version), ())
        [options] = told["typed_extension_protocol_options"].values()
        assert list(options["explicit_http_config"]) == [f"{expected}protocol_options"]

    def test_encrypt_for_targets_that_ask_for_it(self) -> None:
        assert "transport_socket" in cluster(group(protocol="HTTPS"), ())
        assert "transport_socket" not in cluster(group(), ())

    @pytest.mark.parametrize(
        ("algorithm", "policy"),
        [
            ("round_robin", "ROUND_ROBIN"),
            ("least_outstanding_requests", "LEAST_REQUEST"),
            ("weighted_random", "RANDOM"),
        ],
    )
    def test_choose_as_the_group_says(self, algorithm: str, policy: str) -> None:
        assert cluster(group(algorithm=algorithm), ())["lb_policy"] == policy


class TestEndpoints:
    def test_are_those_that_receive_those_that_do_not_and_those_that_drain(self) -> None:
        one = group(BLUE, 1, 2, draining=(DrainingTarget("127.0.0.1", 3, 1.0),))
        assert states(endpoints(one, [one.targets[0]])) == {1: "HEALTHY", 2: "UNHEALTHY", 3: "DRAINING"}

    @pytest.mark.parametrize("address", ["10.0.0.7", "i-0123456789abcdef0", "example.com"])
    def test_elsewhere_are_left_out(self, address: str) -> None:
        one = group(targets=(Target(address, 80, 1.0), Target("127.0.0.1", 81, 1.0)))
        assert states(endpoints(one, one.targets)) == {81: "HEALTHY"}

    def test_are_all_where_none_is_healthy(self) -> None:
        one = group(BLUE, 9001, 9003)
        given = replace(elbv2(), target_groups=(one,))
        told = [configuration(given, health, LAYOUT) for health in ({}, {BLUE: {one.targets[1]: HEALTHY}})]
        assert [states(each.clusters[0]["load_assignment"]) for each in told] == [
            {9001: "HEALTHY", 9003: "HEALTHY"},
            {9001: "UNHEALTHY", 9003: "HEALTHY"},
        ]
