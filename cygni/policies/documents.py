"""Reading policy documents of AWS, which are JSON in a text (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cygni.policies.reading import entries, texts


def allowing(document: Any) -> Iterator[Mapping[str, Any]]:
    """The statements of a policy document that allow something; none of what is not known or no JSON."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except (ValueError, RecursionError):
            return
    if isinstance(document, Mapping):
        for statement in entries(document.get("Statement")):
            if statement.get("Effect") == "Allow":
                yield statement


def principals_everybody(statement: Mapping[str, Any]) -> bool:
    """Whether a statement speaks of everybody, and no condition narrows that down."""
    if is_narrowed(statement):
        return False
    principal = statement.get("Principal")
    if isinstance(principal, Mapping):
        return "*" in texts(principal.get("AWS"))
    return principal == "*" or "NotPrincipal" in statement


def is_narrowed(statement: Mapping[str, Any]) -> bool:
    """Whether a statement has a condition on who asks or for what; how they are connected narrows nothing down."""
    conditions = statement.get("Condition")
    if not isinstance(conditions, Mapping):
        return conditions is not None
    keys = {str(key).lower() for asked in entries(list(conditions.values())) for key in asked}
    return bool(keys - _ONLY_HOW)


_ONLY_HOW: Final = frozenset({"aws:securetransport", "s3:tlsversion", "s3:authtype", "s3:signatureversion"})
