"""Examples of JSON values, composed from their schemas: a field's own example, else what its kind looks like (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

REFERENCE: Final = "#/components/schemas/"

Schema = Mapping[str, Any]

_MOMENT = "2026-03-01T12:00:00Z"
_ID = "01957a3c-5b10-7c7e-9f4e-2d1c6a7b8e90"
_DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

_OF_FIELDS: Final[Mapping[str, Any]] = {
    "access_token": "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl",
    "action": "project.create",
    "actor": {"kind": "user", "id": _ID},
    "actor_name": "grace@example.com",
    "addresses": ["grace@example.com"],
    "after": {"name": "Shop"},
    "allow_destroy": [],
    "approved_by": {"kind": "user", "id": _ID},
    "before": None,
    "broken_at": None,
    "cancel_requested_at": None,
    "created_by_email": "grace@example.com",
    "csrf_token": _DIGEST,
    "data": {"status": "succeeded"},
    "deployment": _ID,
    "description": "Tells the chat of the team",
    "digest": _DIGEST,
    "disabled_at": None,
    "disabled_because": None,
    "email": "grace@example.com",
    "environment": "production",
    "error": None,
    "events": ["deployment.*"],
    "expires_at": "2026-06-01T12:00:00Z",
    "finished_at": None,
    "kind": "status",
    "last4": "x7Qa",
    "last_error": None,
    "last_hash": _DIGEST,
    "monthly_delta": "12.40",
    "name": "Shop",
    "next": None,
    "occasion": "failed",
    "occasions": ["needs_approval", "failed"],
    "organization": "acme",
    "outcome": "done",
    "password": "correct horse battery staple",
    "payload": {"type": "deployment.succeeded", "timestamp": _MOMENT, "data": {"deployment": _ID}},
    "phase_deadline": None,
    "plan": None,
    "previous_until": None,
    "project": "shop",
    "project_id": None,
    "public_id": "3fJq0vZk9LxP",
    "refresh_token": "cxr_3fJq0vZk9LxP_...",
    "request_id": "01957a3c-5b10-7c7e-9f4e-2d1c6a7b8e91",
    "revoked_at": None,
    "role": "developer",
    "secret": "whsec_...",
    "slug": "shop",
    "subject": "shop",
    "token": "cxi_3fJq0vZk9LxP_...",
    "type": "deployment.succeeded",
    "url": "https://hooks.example.com/cygni",
    "value": "postgres://shop:...@db.internal/shop",
}
"""Of fields that are called so, wherever that fits what they may hold."""


def example_of(schema: Schema, components: Mapping[str, Schema], name: str = "") -> Any:
    """One value that fits `schema`, whose references are to `components`; `name` is that of the field."""
    if "$ref" in schema:
        return example_of(components[schema["$ref"].removeprefix(REFERENCE)], components, name)
    for key in ("example", "const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if schema.get("examples"):
        return schema["examples"][0]
    if name in _OF_FIELDS and _may_be(schema, _OF_FIELDS[name], components):
        return _OF_FIELDS[name]
    if "enum" in schema:
        return schema["enum"][0]
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        return example_of(_chosen(alternatives), components, name)
    return _of_type(schema, components, name)


def _of_type(schema: Schema, components: Mapping[str, Schema], name: str) -> Any:
    match schema.get("type"):
        case "object":
            fields: Mapping[str, Schema] = schema.get("properties", {})
            return {field: example_of(its, components, field) for field, its in fields.items()}
        case "array":
            return [example_of(schema["items"], components, name)]
        case "boolean":
            return True
        case "integer" | "number":
            return max(schema.get("minimum", 1), 1)
        case "string":
            return _text(schema, name)
    return None


def _text(schema: Schema, name: str) -> str:
    if "64}" in schema.get("pattern", ""):
        return _DIGEST
    by_format = {"uuid": _ID, "date-time": _MOMENT, "date": _MOMENT[:10]}
    return by_format.get(schema.get("format", ""), name.replace("_", " ") or "text")


def _chosen(alternatives: list[Schema]) -> Schema:
    """The first that is something."""
    return next((one for one in alternatives if one.get("type") != "null"), alternatives[0])


def _may_be(schema: Schema, value: Any, components: Mapping[str, Schema]) -> bool:
    """Whether a value of this kind fits, as far as its type, its alternatives and its pattern tell."""
    if "$ref" in schema:
        return _may_be(components[schema["$ref"].removeprefix(REFERENCE)], value, components)
    if alternatives := schema.get("anyOf") or schema.get("oneOf"):
        return any(_may_be(one, value, components) for one in alternatives)
    if "enum" in schema:
        return value in schema["enum"]
    if schema.get("format") in {"uuid", "date-time"} and value is not None:
        return schema["format"] == "date-time" and isinstance(value, str) and value.endswith("Z")
    if "pattern" in schema and not re.search(schema["pattern"], str(value)):
        return False
    kinds: Mapping[str, type] = {"string": str, "object": dict, "array": list, "null": type(None)}
    kind = kinds.get(schema.get("type", ""))
    return kind is not None and isinstance(value, kind)
