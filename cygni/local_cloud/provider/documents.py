"""JSON texts compared by what they say: key order, white space and, in policies, list order do not count."""

from __future__ import annotations

import json
from typing import Any

# Members of an IAM statement that take one text or a list of texts, in any order.
_UNORDERED = {"Action", "NotAction", "Resource", "NotResource"}


def parse(text: Any) -> Any:
    """The document of a JSON text; None when it is not one."""
    if not isinstance(text, str):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def compact(document: Any) -> str:
    """JSON with sorted keys and no white space, the form kept in inputs."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


FORMS = ("json", "policy", "containers", "lifecycle")


def equivalent(one: Any, other: Any, form: str) -> bool:
    """Whether two JSON texts say the same. `form` says what else does not count: in an IAM `policy` the order
    of lists, in ECS `containers` the order of containers and what ECS fills in, in an ECR `lifecycle` policy
    the order of rules."""
    if one == other:
        return True
    first, second = parse(one), parse(other)
    if first is None or second is None:
        return False
    canonical = _CANONICAL.get(form)
    if canonical is not None:
        return bool(canonical(first) == canonical(second))
    return bool(first == second)


def _canonical_policy(document: Any) -> Any:
    if not isinstance(document, dict):
        return document
    statements = document.get("Statement", [])
    if isinstance(statements, dict):
        statements = [statements]
    canonical = {key: value for key, value in document.items() if key != "Statement"}
    canonical["Statement"] = [_canonical_statement(statement) for statement in statements]
    return canonical


def _canonical_statement(statement: Any) -> Any:
    if not isinstance(statement, dict):
        return statement
    canonical: dict[str, Any] = {}
    for key, value in statement.items():
        if key in _UNORDERED:
            canonical[key] = _texts(value)
        elif key in ("Principal", "NotPrincipal"):
            canonical[key] = _principals(value)
        elif key == "Condition" and isinstance(value, dict):
            canonical[key] = {
                operator: {name: _texts(values) for name, values in tests.items()}
                for operator, tests in value.items()
            }
        elif key == "Sid" and value == "":
            continue
        else:
            canonical[key] = value
    return canonical


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return sorted(_text(item) for item in values)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _principals(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return {kind: sorted(_account(name) for name in _texts(names)) for kind, names in value.items()}


def _account(principal: str) -> str:
    """An account given as its root ARN is the account: arn:aws:iam::123456789012:root."""
    parts = principal.split(":")
    if len(parts) == 6 and parts[2] == "iam" and parts[5] == "root":
        return parts[4]
    return principal


# What ECS adds to a container definition that does not say so.
_CONTAINER_DEFAULTS = {"cpu": 0, "essential": True}


def _canonical_containers(document: Any) -> Any:
    if not isinstance(document, list):
        return document
    containers = [_canonical_container(container) for container in document]
    return sorted(containers, key=lambda container: str(container.get("name", "")))


def _canonical_container(container: Any) -> dict[str, Any]:
    if not isinstance(container, dict):
        return {"name": str(container)}
    kept = {
        key: value
        for key, value in container.items()
        if value not in (None, [], {}, "") and _CONTAINER_DEFAULTS.get(key) != value
    }
    for key in ("environment", "secrets"):
        if isinstance(kept.get(key), list):
            kept[key] = sorted(kept[key], key=lambda item: str(item.get("name")))
    kept["portMappings"] = [_canonical_port(port) for port in kept.get("portMappings", [])]
    return kept


def _canonical_port(port: Any) -> Any:
    """Under awsvpc the host port is the container port, and TCP is the default."""
    if not isinstance(port, dict):
        return port
    host = port.get("hostPort") or port.get("containerPort")
    return {**port, "hostPort": host, "protocol": port.get("protocol", "tcp")}


def _canonical_lifecycle(document: Any) -> Any:
    if not isinstance(document, dict) or not isinstance(document.get("rules"), list):
        return document
    rules = sorted(document["rules"], key=lambda rule: str(rule.get("rulePriority")))
    return {**document, "rules": rules}


_CANONICAL = {
    "policy": _canonical_policy,
    "containers": _canonical_containers,
    "lifecycle": _canonical_lifecycle,
}
