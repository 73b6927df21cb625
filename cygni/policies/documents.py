"""Reading policy documents of AWS, which are JSON in a text (pure)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from cygni.policies.addresses import is_everybody
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
    """Whether a statement has a condition on who asks or for what. How they are connected narrows nothing down, nor
    does what they say of themselves, what anything matches, or what is asked of everybody but some."""
    conditions = statement.get("Condition")
    if not isinstance(conditions, Mapping):
        return conditions is not None
    return any(
        _narrows(str(operator).lower(), str(key).lower(), value)
        for operator, asked in conditions.items()
        for condition in entries(asked)
        for key, value in condition.items()
    )


def _narrows(operator: str, key: str, value: Any) -> bool:
    if key in _ONLY_HOW or key in _SAID_BY_THEMSELVES or operator == "null" or "not" in operator:
        return False
    values = [str(one) for one in (value if isinstance(value, list | tuple) else [value])]
    if key == "aws:sourceip":
        return not any(map(is_everybody, values))
    return "like" not in operator or not any(not one.strip("*") for one in values)


_ONLY_HOW: Final = frozenset({"aws:securetransport", "s3:tlsversion", "s3:authtype", "s3:signatureversion"})
_SAID_BY_THEMSELVES: Final = frozenset({"aws:referer", "aws:useragent"})
"""Headers that anybody may send as they like (IAM User Guide, global condition keys)."""
