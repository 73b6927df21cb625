from __future__ import annotations

import re
from typing import Any, Literal

import pytest

from cygni.local_cloud.data_plane.snapshot import Condition
from cygni.local_cloud.load_balancer.conditions import any_of, route_match

Field = Literal[
    "host-header", "path-pattern", "http-header", "http-request-method", "query-string", "source-ip"
]


def header_fits(match: dict[str, Any] | None, value: str) -> bool:
    """Whether a value of the one header that is looked at fits; Envoy compares the whole of it."""
    assert match is not None
    [header] = match["headers"]
    return re.fullmatch(header["string_match"]["safe_regex"]["regex"], value) is not None


def path_fits(*patterns: str, path: str) -> bool:
    match = route_match([Condition("path-pattern", patterns)])
    assert match is not None
    return re.fullmatch(match["safe_regex"]["regex"], path) is not None


class TestPathPattern:
    @pytest.mark.parametrize(
        ("pattern", "path", "fits"),
        [
            ("/img/*", "/img/a/b.png", True),
            ("/img/*", "/img", False),
            ("/a?c", "/abc", True),
            ("/a?c", "/ac", False),
            ("/a.c", "/abc", False),
            ("/A", "/a", False),
            ("*", "/", True),
            ("/(x)[1]+$", "/(x)[1]+$", True),
        ],
    )
    def test_has_wildcards_and_nothing_else(self, pattern: str, path: str, fits: bool) -> None:
        assert path_fits(pattern, path=path) is fits

    def test_fits_when_one_of_its_values_does(self) -> None:
        assert path_fits("/a", "/b", path="/b")
        assert not path_fits("/a", "/b", path="/ab")

    def test_may_come_twice_and_both_must_fit(self) -> None:
        match = route_match([Condition("path-pattern", ("/a*",)), Condition("path-pattern", ("*z",))])
        assert match is not None
        assert re.fullmatch(match["safe_regex"]["regex"], "/abc")
        assert header_fits(match, "/abcz?query")
        assert not header_fits(match, "/abc?z=1")


class TestHeaders:
    @pytest.mark.parametrize(
        ("host", "fits"),
        [
            ("shop.example.com", True),
            ("SHOP.EXAMPLE.COM", True),
            ("shop.example.com:8080", True),
            ("example.com", False),
            ("shop.example.com.evil", False),
        ],
    )
    def test_host_is_compared_whatever_its_case_and_port(self, host: str, fits: bool) -> None:
        assert header_fits(route_match([Condition("host-header", ("*.example.com",))]), host) is fits

    def test_of_any_name_have_wildcards_whatever_their_case(self) -> None:
        match = route_match([Condition("http-header", ("gr*n",), name="X-Cygni-Colour")])
        assert match is not None
        assert match["headers"][0]["name"] == "x-cygni-colour"
        assert header_fits(match, "GREEN")
        assert not header_fits(match, "blue")

    def test_method_is_compared_as_it_is_written(self) -> None:
        match = route_match([Condition("http-request-method", ("GET", "HEAD"))])
        assert header_fits(match, "HEAD")
        assert not header_fits(match, "get")


class TestQueryString:
    @pytest.mark.parametrize(
        ("key", "value", "path", "fits"),
        [
            ("version", "v1", "/?version=v1", True),
            ("version", "v1", "/x?a=b&VERSION=V1&c", True),
            ("version", "v1", "/?version=v10", False),
            ("version", "v1", "/?subversion=v1", False),
            ("version", "v*", "/?version=v10", True),
            ("version", "v*", "/?version=v1&x=y", True),
            ("", "debug", "/?mode=debug", True),
            ("", "debug", "/?debug", True),
            ("", "debug", "/debug", False),
        ],
    )
    def test_fits_one_pair(self, key: str, value: str, path: str, fits: bool) -> None:
        assert header_fits(route_match([Condition("query-string", pairs=((key, value),))]), path) is fits


class TestSourceIp:
    @pytest.mark.parametrize(
        ("ranges", "fits"),
        [
            (("127.0.0.0/8",), True),
            (("10.0.0.0/8", "0.0.0.0/0"), True),
            (("10.0.0.0/8",), False),
            (("::/0",), False),
        ],
    )
    def test_is_decided_for_this_machine(self, ranges: tuple[str, ...], fits: bool) -> None:
        assert (route_match([Condition("source-ip", ranges)]) is not None) is fits


class TestSeveral:
    def test_must_all_be_fulfilled(self) -> None:
        match = route_match(
            [
                Condition("path-pattern", ("/a",)),
                Condition("http-header", ("x",), name="A"),
                Condition("host-header", ("h",)),
            ]
        )
        assert match is not None
        assert "safe_regex" in match
        assert [header["name"] for header in match["headers"]] == ["a", ":authority"]

    def test_may_be_none(self) -> None:
        assert route_match([]) == {"prefix": "/"}

    def test_alternatives_do_not_run_into_each_other(self) -> None:
        assert not re.fullmatch(any_of(["a", "b*"]), "ab")
