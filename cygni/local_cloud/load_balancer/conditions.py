"""A rule's conditions as what an Envoy route matches.

A load balancer listens on 127.0.0.1 alone, so a condition on the client's address is decided here once and for all.
Wildcards are AWS's: `*` for any number of characters, `?` for exactly one.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from typing import Any

from cygni.local_cloud.data_plane.snapshot import Condition

CLIENT = ipaddress.ip_address("127.0.0.1")


def route_match(conditions: Iterable[Condition]) -> dict[str, Any] | None:
    """The match of a route, in Envoy's words (config.route.v3.RouteMatch); None when no request can fulfil it."""
    match: dict[str, Any] = {"prefix": "/"}
    headers: list[dict[str, Any]] = []
    for condition in conditions:
        if condition.field == "source-ip":
            if not _from_this_machine(condition.values):
                return None
        elif condition.field == "path-pattern" and "safe_regex" not in match:
            match = {"safe_regex": {"regex": any_of(condition.values)}}
        else:
            headers.append(_header(condition))
    return match | ({"headers": headers} if headers else {})


def header_matches(name: str, regex: str) -> dict[str, Any]:
    return {"name": name, "string_match": {"safe_regex": {"regex": regex}}}


def any_of(patterns: Iterable[str], anything: str = ".") -> str:
    """A regular expression (RE2) for the patterns; `anything` is what a wildcard stands for."""
    return "|".join(f"(?:{_regex(pattern, anything)})" for pattern in patterns)


def _regex(pattern: str, anything: str) -> str:
    wild = {"*": f"{anything}*", "?": anything}
    return "".join(wild.get(character) or re.escape(character) for character in pattern)


def _header(condition: Condition) -> dict[str, Any]:
    """What else a condition looks at is a header to Envoy. Methods and paths are compared as they are written, all
    else whatever the case."""
    values = any_of(condition.values)
    if condition.field == "host-header":
        return header_matches(":authority", f"(?i)(?:{values})(?::[0-9]+)?")
    if condition.field == "http-header":
        return header_matches(condition.name.lower(), f"(?i)(?:{values})")
    if condition.field == "http-request-method":
        return header_matches(":method", "|".join(re.escape(value) for value in condition.values))
    if condition.field == "query-string":
        pairs = "|".join(_pair(key, value) for key, value in condition.pairs)
        return header_matches(":path", rf"(?i)[^?]*\?(?:.*&)?(?:{pairs})(?:&.*)?")
    # A second condition on the path: both must be fulfilled, and a route has room for one.
    return header_matches(":path", rf"(?:{values})(?:\?.*)?")


def _pair(key: str, value: str) -> str:
    """One pair of a query; with no key, the value may have any, or stand alone."""
    name = f"{_regex(key, '[^&=]')}=" if key else "(?:[^&=]*=)?"
    return f"{name}{_regex(value, '[^&]')}"


def _from_this_machine(ranges: Iterable[str]) -> bool:
    networks = [ipaddress.ip_network(one, strict=False) for one in ranges]
    return any(network.version == CLIENT.version and CLIENT in network for network in networks)
