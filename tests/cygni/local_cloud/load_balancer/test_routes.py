from __future__ import annotations

from typing import Any

import pytest

from cygni.local_cloud.data_plane.snapshot import (
    Condition,
    FixedResponse,
    Forward,
    Redirect,
    TargetStickiness,
)
from cygni.local_cloud.load_balancer.redirects import unsupported
from cygni.local_cloud.load_balancer.routes import route_configuration, virtual_host
from tests.cygni.local_cloud.balancers import (
    BLUE,
    GREEN,
    balancer,
    forwarding,
    group,
    listener,
    rule,
)

GROUPS = {BLUE: group(BLUE), GREEN: group(GREEN)}
KEPT: dict[str, Any] = {
    "protocol": "#{protocol}",
    "host": "#{host}",
    "port": "#{port}",
    "path": "/#{path}",
    "query": "#{query}",
}


def routes(*rules: Any, groups: Any = None, **of_balancer: Any) -> list[dict[str, Any]]:
    one = listener(*rules)
    told = virtual_host(balancer(one, **of_balancer), one, GROUPS if groups is None else groups)
    found: list[dict[str, Any]] = told["routes"]
    return found


def weights(route: dict[str, Any]) -> dict[str, int]:
    return {
        one["name"].split("/")[1]: one["weight"] for one in route["route"]["weighted_clusters"]["clusters"]
    }


def redirected(**changes: str) -> dict[str, Any]:
    [route] = routes(rule(Redirect(302, **{**KEPT, **changes})))
    redirect: dict[str, Any] = route["redirect"]
    assert redirect.pop("response_code") == "FOUND"
    return redirect


class TestForward:
    def test_keeps_the_weights(self) -> None:
        [route] = routes(rule(forwarding(95, 5)))
        assert weights(route) == {"blue": 95, "green": 5}

    def test_to_nobody_answers_503(self) -> None:
        [route] = routes(rule(forwarding(0, 0)))
        assert route["direct_response"]["status"] == 503

    def test_passes_over_a_group_that_is_gone(self) -> None:
        [route] = routes(rule(forwarding(1, 1)), groups={BLUE: GROUPS[BLUE]})
        assert weights(route) == {"blue": 1}

    def test_follows_the_order_of_the_rules(self) -> None:
        first, second = routes(
            rule(Forward(((GREEN, 1),)), Condition("path-pattern", ("/g",))), rule(forwarding(1, 0))
        )
        assert (weights(first), weights(second)) == ({"green": 1}, {"blue": 1, "green": 0})

    def test_leaves_out_a_rule_that_nobody_here_can_fulfil(self) -> None:
        elsewhere = rule(Forward(((GREEN, 1),)), Condition("source-ip", ("10.0.0.0/8",)))
        [route] = routes(elsewhere, rule(forwarding(1, 0)))
        assert weights(route) == {"blue": 1, "green": 0}

    def test_tries_again_only_where_nothing_has_reached_a_target(self) -> None:
        [route] = routes(rule(forwarding(1, 1)))
        assert route["route"]["retry_policy"]["retry_on"] == "connect-failure,refused-stream"


class TestStickiness:
    def test_of_groups_looks_at_the_cookie_before_the_weights(self) -> None:
        blue, green, rest = routes(rule(forwarding(100, 0, sticky_seconds=60)))
        assert (weights(blue), weights(green), weights(rest)) == (
            {"blue": 1},
            {"green": 1},
            {"blue": 100, "green": 0},
        )
        assert [route["match"]["headers"][-1]["name"] for route in (blue, green)] == ["cookie", "cookie"]

    def test_of_groups_gives_each_its_own_cookie(self) -> None:
        *_, rest = routes(rule(forwarding(1, 1, sticky_seconds=60)))
        given = [
            one["response_headers_to_add"][0]["header"]["value"]
            for one in rest["route"]["weighted_clusters"]["clusters"]
        ]
        assert given[0] != given[1]
        assert all(value.startswith("AWSALBTG=") and "Max-Age=60" in value for value in given)

    def test_of_targets_is_a_cookie_too(self) -> None:
        sticky = group(BLUE, stickiness=TargetStickiness("lb_cookie", 30))
        [route] = routes(rule(Forward(((BLUE, 1),))), groups={BLUE: sticky})
        assert "AWSALB" in str(route["route"]["weighted_clusters"]["clusters"][0]["typed_per_filter_config"])


class TestRedirect:
    def test_keeps_what_is_not_named(self) -> None:
        assert redirected() == {}

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({"protocol": "HTTPS"}, {"scheme_redirect": "https"}),
            ({"host": "example.com"}, {"host_redirect": "example.com"}),
            ({"port": "9999"}, {"port_redirect": 9999}),
            ({"query": ""}, {"strip_query": True}),
            ({"path": "/new"}, {"path_redirect": "/new"}),
            ({"path": "/new", "query": "a=b"}, {"path_redirect": "/new?a=b", "strip_query": True}),
            (
                {"path": "/old/#{path}"},
                {"regex_rewrite": {"pattern": {"regex": "^/(.*)$"}, "substitution": r"/old/\1"}},
            ),
        ],
    )
    def test_names_what_differs(self, changes: dict[str, str], expected: dict[str, Any]) -> None:
        assert redirected(**changes) == expected

    def test_leads_to_where_a_listener_is_served_here(self) -> None:
        plain = listener(rule(Redirect(301, **{**KEPT, "protocol": "HTTPS", "port": "443"})))
        secure = listener(port=443, local_port=8443, protocol="HTTPS")
        told = virtual_host(balancer(plain, secure), plain, GROUPS)
        assert told["routes"][0]["redirect"]["port_redirect"] == 8443

    @pytest.mark.parametrize(
        "changes",
        [
            {"host": "www.#{host}"},
            {"path": "/#{host}"},
            {"query": "a=b"},
            {"path": "/x", "query": "a&#{query}"},
        ],
    )
    def test_that_cannot_be_made_here_says_so(self, changes: dict[str, str]) -> None:
        action = Redirect(301, **{**KEPT, **changes})
        [route] = routes(rule(action))
        assert route["direct_response"]["status"] == 500
        assert unsupported(action) in route["direct_response"]["body"]["inline_string"]


class TestFixedResponse:
    def test_is_answered_as_it_is_written(self) -> None:
        [route] = routes(rule(FixedResponse(418, "text/html", "<p>teapot")))
        assert route["direct_response"] == {"status": 418, "body": {"inline_string": "<p>teapot"}}
        assert {"key": "content-type", "value": "text/html"} in [
            one["header"] for one in route["response_headers_to_add"]
        ]

    def test_may_be_empty(self) -> None:
        [route] = routes(rule(FixedResponse(204, "", "")))
        assert route["direct_response"] == {"status": 204}


class TestForwardedFor:
    @pytest.mark.parametrize(
        ("mode", "added", "removed"),
        [("append", True, False), ("preserve", False, False), ("remove", False, True)],
    )
    def test_is_as_the_load_balancers_attribute_asks(self, mode: str, added: bool, removed: bool) -> None:
        one = listener()
        told = virtual_host(balancer(one, xff_mode=mode), one, GROUPS)
        names = [header["header"]["key"] for header in told["request_headers_to_add"]]
        assert ("x-forwarded-for" in names) is added
        assert ("x-forwarded-for" in told["request_headers_to_remove"]) is removed


class TestRouteConfiguration:
    def test_keeps_the_listeners_apart(self) -> None:
        one, other = (listener(rule(forwarding(1, 0)), port=port) for port in (80, 81))
        told = route_configuration([balancer(one, other)], GROUPS)
        domains = [host["domains"] for host in told["virtual_hosts"]]
        assert len({name for [name] in domains}) == 2
        assert told["vhost_header"] in told["request_headers_to_remove"]
