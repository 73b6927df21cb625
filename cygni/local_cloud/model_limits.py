"""The limits that botocore's service models hold: lengths, ranges, patterns, enums, required members.

boto3 checks types and minimums before it sends; the rest only AWS refuses. Shapes are compiled when first met and
kept, so a check costs a walk over the parameters that are there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

# Characters of `\p{Z}`, which Python's `re` does not know.
_SEPARATORS = " \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
_CLASSES = {"\\p{L}": "\\w", "\\p{N}": "\\w", "\\p{Z}": _SEPARATORS, "\\p{ASCII}": "[\\x00-\\x7f]"}
# Every UTF-16 unit, spelled as Java would: as good as no limit on characters.
_ANY_UTF16 = "\\uD800\\uDC00-\\uDBFF\\uDFFF"
# A repeated group whose parts can be cut in many ways, like (?:-?[a-z]+)*: a long name that does not match would
# keep the server busy for ever.
_EXPONENTIAL = re.compile(
    r"\((?:\?:)?(?:[^()\[\]]{1,2}|\[[^\]]*\])\?\[[^\]]*\][+*]\)[*+{]"  # (-?[a-z]+)*, ([._-]?[a-z]+)*
    r"|\(\[[^\]]*\]\+\[[^\]]*\]\+\)\*"  # ([ \t]+[^:]+)*
    r"|\(\.\*[^()]*\)[*+]"  # (.*[\n]?)*
)
_LONGEST_MATCHED = 4096  # characters
_SHOWN = 100  # characters of a refused value that a message repeats


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken limit: where ("tags.1.member.key"), the value as it may be shown, and AWS's words for it."""

    path: str
    value: str | None
    constraint: str

    def __str__(self) -> str:
        shown = "null" if self.value is None else f"'{self.value}'"
        return f"Value {shown} at '{self.path}' failed to satisfy constraint: {self.constraint}"


class ShapeLimits:
    """The limits of one shape of a service's model, and through it of its members."""

    def __init__(self, shape: Any, known: dict[str, ShapeLimits], *, requires: bool):
        self._shape = shape
        self._known = known
        self._requires = requires
        metadata = shape.metadata
        self._min = metadata.get("min")
        self._max = metadata.get("max")
        self._enum = frozenset(getattr(shape, "enum", ()) or ())
        self._sensitive = bool(metadata.get("sensitive"))
        self._type = shape.type_name

    def violations(self, value: Any, path: str = "") -> Iterator[Violation]:
        """Every limit that `value` breaks."""
        if self._type == "structure":
            yield from self._of_structure(value, path)
        elif self._type == "list":
            yield from self._of_size(len(value), path, str(value))
            member = self._member
            for index, item in enumerate(value, 1):
                yield from member.violations(item, f"{path}.{index}.member")
        elif self._type == "map":
            yield from self._of_size(len(value), path, str(value))
            key_limits, member = self._key, self._member
            for key, item in value.items():
                yield from key_limits.violations(key, f"{path}.{key}.key")
                yield from member.violations(item, f"{path}.{key}.value")
        elif self._type == "string" and isinstance(value, str):
            yield from self._of_string(value, path)
        elif self._type == "blob" and isinstance(value, bytes):
            yield from self._of_size(len(value), path, f"{len(value)} bytes")
        elif self._type in _NUMBERS and isinstance(value, int | float):
            yield from self._of_number(value, path)

    def _of_structure(self, value: Any, path: str) -> Iterator[Violation]:
        if not isinstance(value, Mapping):
            return
        members = self._members
        for name, item in value.items():
            limits = members.get(name)
            if limits is not None and item is not None:
                yield from limits.violations(item, _join(path, name))
        for name in self._required:
            if value.get(name) is None:
                yield Violation(_join(path, name), None, "Member must not be null")

    def _of_string(self, value: str, path: str) -> Iterator[Violation]:
        yield from self._of_size(len(value), path, value)
        if self._enum and value not in self._enum:
            yield self._violation(path, value, f"Member must satisfy enum value set: {_listed(self._enum)}")
        pattern = self._pattern
        if pattern is not None and len(value) <= _LONGEST_MATCHED and not pattern.fullmatch(value):
            written = self._shape.metadata["pattern"]
            yield self._violation(path, value, f"Member must satisfy regular expression pattern: {written}")

    def _of_size(self, size: int, path: str, value: str) -> Iterator[Violation]:
        if self._max is not None and size > self._max:
            yield self._violation(path, value, f"Member must have length less than or equal to {self._max}")
        if self._min is not None and size < self._min:
            yield self._violation(
                path, value, f"Member must have length greater than or equal to {self._min}"
            )

    def _of_number(self, value: float, path: str) -> Iterator[Violation]:
        if self._max is not None and value > self._max:
            yield self._violation(
                path, str(value), f"Member must have value less than or equal to {self._max}"
            )
        if self._min is not None and value < self._min:
            yield self._violation(
                path, str(value), f"Member must have value greater than or equal to {self._min}"
            )

    def _violation(self, path: str, value: str, constraint: str) -> Violation:
        return Violation(path, "***" if self._sensitive else shown(value), constraint)

    @cached_property
    def _members(self) -> dict[str, ShapeLimits]:
        return {name: self._limits_of(shape) for name, shape in self._shape.members.items()}

    @cached_property
    def _required(self) -> list[str]:
        """Members that must be there. What the path or a header carries was found by routing; a structure
        without members cannot be told from a missing one on the wire."""
        if not self._requires or getattr(self._shape, "is_document_type", False):
            return []
        members = self._shape.members
        return [
            name
            for name in self._shape.required_members
            if name in members
            and "location" not in members[name].serialization
            and not (members[name].type_name == "structure" and not members[name].required_members)
        ]

    @cached_property
    def _member(self) -> ShapeLimits:
        return self._limits_of(self._shape.member if self._type == "list" else self._shape.value)

    @cached_property
    def _key(self) -> ShapeLimits:
        return self._limits_of(self._shape.key)

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        return compiled(self._shape.metadata.get("pattern"))

    def _limits_of(self, shape: Any) -> ShapeLimits:
        limits = self._known.get(shape.name)
        if limits is None:
            limits = self._known[shape.name] = ShapeLimits(shape, self._known, requires=self._requires)
        return limits


_NUMBERS = ("integer", "long", "float", "double", "short", "byte")


def compiled(pattern: str | None) -> re.Pattern[str] | None:
    """A model's pattern, to be matched against the whole value; None when there is none, when Python cannot read
    it, or when matching could take for ever. A pattern that begins with ^ and has no end matches beginnings."""
    if not pattern or _EXPONENTIAL.search(pattern):
        return None
    translated = pattern.replace(_ANY_UTF16, "\\U00010000-\\U0010FFFF")
    for java, python in _CLASSES.items():
        translated = translated.replace(java, python)
    if pattern.startswith("^") and not pattern.endswith("$") and "|" not in pattern:
        translated += "[\\s\\S]*"
    flags = re.NOFLAG if translated != pattern else re.ASCII
    try:
        return re.compile(translated, flags)
    except re.error:
        return None


def shown(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}..."


def _join(path: str, name: str) -> str:
    lower = name[:1].lower() + name[1:]
    return f"{path}.{lower}" if path else lower


def _listed(values: frozenset[str]) -> str:
    """At most twenty of the values; some enums have a thousand."""
    ordered = sorted(values)
    more = f", and {len(ordered) - 20} more" if len(ordered) > 20 else ""
    return f"[{', '.join(ordered[:20])}{more}]"
