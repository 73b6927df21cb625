"""A redirect action as Envoy's. Only what differs from the request is named; what is kept, Envoy keeps by itself."""

from __future__ import annotations

import unicodedata
from typing import Any

from cygni.local_cloud.data_plane.snapshot import LoadBalancer, Redirect

_CODES = {301: "MOVED_PERMANENTLY", 302: "FOUND"}
_WHOLE = {"protocol": "#{protocol}", "host": "#{host}", "port": "#{port}"}


def redirect(action: Redirect, balancer: LoadBalancer) -> dict[str, Any]:
    """A route's action. A port of the load balancer's is where its listener is served here. One that Envoy cannot
    spell answers 500 and says so."""
    problem = unsupported(action)
    if problem:
        return {"direct_response": {"status": 500, "body": {"inline_string": problem}}}
    told: dict[str, Any] = {"response_code": _CODES[action.code]}
    if action.protocol != "#{protocol}":
        told["scheme_redirect"] = action.protocol.lower()
    if action.host != "#{host}":
        told["host_redirect"] = action.host
    if action.port != "#{port}":
        told["port_redirect"] = _served_at(int(action.port), balancer)
    if action.query != "#{query}":
        told["strip_query"] = True
    if "#{path}" not in action.path:
        told["path_redirect"] = action.path + _own_query(action)
    elif action.path != "/#{path}":
        substitution = action.path.replace("\\", "\\\\").replace("#{path}", r"\1")
        told["regex_rewrite"] = {"pattern": {"regex": "^/(.*)$"}, "substitution": substitution}
    return {"redirect": told}


def unsupported(action: Redirect) -> str:
    """Why a redirect cannot be served here; empty for all that AWS's console makes, and most others."""
    if any(unicodedata.category(one) == "Cc" for one in f"{action.host}{action.path}{action.query}"):
        return "a redirect cannot have control characters"
    parts = {"protocol": action.protocol, "host": action.host, "port": action.port}
    for name, value in parts.items():
        if "#{" in value and value != _WHOLE[name]:
            return f"the local cloud does not put #{{{name}}} together with other text ({value})"
    if "#{" in action.path.replace("#{path}", ""):
        return f"the local cloud knows only #{{path}} in a redirect's path ({action.path})"
    if _own_query(action) and ("#{" in action.query or "#{path}" in action.path):
        return f"the local cloud gives a redirect a query of its own only with a fixed path ({action.query})"
    return ""


def _own_query(action: Redirect) -> str:
    return f"?{action.query}" if action.query not in ("", "#{query}") else ""


def _served_at(port: int, balancer: LoadBalancer) -> int:
    served = {listener.port: listener.local_port for listener in balancer.listeners}
    return served.get(port, port)
