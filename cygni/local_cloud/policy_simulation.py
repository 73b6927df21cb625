"""What policies of IAM allow, as iam:SimulatePrincipalPolicy tells it (pure).

Source: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements reference". Conditions are judged as the
simulator does without context values: one that needs a value is not met, unless its operator ends in IfExists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import unquote


class Decision(StrEnum):
    ALLOWED = "allowed"
    EXPLICIT_DENY = "explicitDeny"
    IMPLICIT_DENY = "implicitDeny"


Document = Mapping[str, Any]


def decide(documents: Iterable[Document], action: str, resource: str) -> Decision:
    """What identity policies say of an action on a resource: what forbids it, wins."""
    decision = Decision.IMPLICIT_DENY
    for statement in (one for document in documents for one in _list(document.get("Statement"))):
        if not _concerns(statement, action, resource):
            continue
        if statement.get("Effect") == "Deny":
            return Decision.EXPLICIT_DENY
        decision = Decision.ALLOWED
    return decision


def parsed(text: str) -> Document:
    """The document of a policy, which IAM keeps encoded for a URL or plain. Raises ValueError."""
    import json

    document = json.loads(text if text.lstrip().startswith("{") else unquote(text))
    if not isinstance(document, dict):
        raise ValueError("a policy is an object")  # noqa: TRY004  # of the content
    return document


def _concerns(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    return (
        _named(statement, "Action", action, ignoring_case=True)
        and _named(statement, "Resource", resource, ignoring_case=False)
        and _is_met(statement.get("Condition"))
    )


def _named(statement: Mapping[str, Any], element: str, value: str, *, ignoring_case: bool) -> bool:
    """Whether `Action` or `NotAction` (`Resource`, `NotResource`) is about a value."""
    flags = re.IGNORECASE if ignoring_case else re.NOFLAG
    inverted = f"Not{element}" in statement
    patterns = _list(statement.get(f"Not{element}" if inverted else element))
    return any(_pattern(str(one), flags).fullmatch(value) for one in patterns) is not inverted


def _pattern(text: str, flags: re.RegexFlag) -> re.Pattern[str]:
    pieces = (
        ".*" if piece == "*" else "." if piece == "?" else re.escape(piece)
        for piece in re.split(r"([*?])", text)
    )
    return re.compile("".join(pieces), flags | re.DOTALL)


def _is_met(condition: Any) -> bool:
    return not condition or all(str(operator).endswith("IfExists") for operator in condition)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]
