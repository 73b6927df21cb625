"""The kinds of rule that documented limits are written in; each says in words what it wants."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cygni.local_cloud.model_limits import shown

# What is wrong with a value, in words; None when nothing is.
Check = Callable[[Any], str | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A limit of AWS's documentation.

    `path` names a parameter, with [] for each item of a list: `containerDefinitions[].name`. `source` is the page
    that documents it, below https://docs.aws.amazon.com/. `secret` values are never repeated in messages.
    """

    service: str
    operations: tuple[str, ...]
    path: str
    check: Check
    source: str
    code: str | None = None
    secret: bool = False


def text(longest: int, pattern: str | None = None, words: str = "", *, shortest: int = 1) -> Check:
    """A string of `shortest` to `longest` characters that matches `pattern` whole; `words` tell the pattern."""
    expression = re.compile(pattern, re.ASCII) if pattern else None

    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return None
        if not shortest <= len(value) <= longest:
            return f"must have {shortest} to {longest} characters, and has {len(value)}"
        if expression is not None and not expression.fullmatch(value):
            return words
        return None

    return check


def number(least: float, most: float) -> Check:
    """A number, or a string that is one, from `least` to `most`."""

    def check(value: Any) -> str | None:
        try:
            amount = float(value)
        except (TypeError, ValueError):
            return None
        return None if least <= amount <= most else f"must be from {least:g} to {most:g}"

    return check


def one_of(*allowed: Any) -> Check:
    def check(value: Any) -> str | None:
        return None if value in allowed else f"must be one of {', '.join(map(str, allowed))}"

    return check


def at_most(count: int, what: str) -> Check:
    """A list or map of at most `count` entries."""

    def check(value: Any) -> str | None:
        if isinstance(value, list | Mapping) and len(value) > count:
            return f"holds {len(value)} {what}, more than {count}"
        return None

    return check


def values_at(parameters: Any, path: str) -> Iterator[Any]:
    """Every value at `path`; nothing for what is absent."""
    head, _, rest = path.partition(".")
    name = head.removesuffix("[]")
    value = parameters.get(name) if isinstance(parameters, Mapping) else None
    if value is None:
        return
    items = value if head.endswith("[]") and isinstance(value, list) else [value]
    for item in items:
        if rest:
            yield from values_at(item, rest)
        elif item is not None:
            yield item


def complaint(rule: Rule, parameters: Mapping[str, Any]) -> str | None:
    """The first broken value of a rule, in words."""
    for value in values_at(parameters, rule.path):
        wrong = rule.check(value)
        if wrong:
            if rule.secret or not isinstance(value, str | int | float):
                return f"{rule.path} {wrong}"
            return f"{rule.path} '{shown(str(value))}' {wrong}"
    return None
