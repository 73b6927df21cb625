"""What does not fit the description of a request, in a sentence for people.

What was sent is never repeated: it may hold a password.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from cygni.wording import nearest, one_of

SHAPES: Final = {
    r"^[a-z][a-z0-9-]{0,38}[a-z0-9]$": "2 to 40 lower-case letters, digits and hyphens, beginning with a letter and "
    "not ending with a hyphen",
    r"^[^@\s]+@[^@\s]+\.[^@\s.]+$": "an email address such as ada@example.com",
    r"^[A-Z]{3}$": "the three capital letters of a currency, such as EUR",
    r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$": "a host name in lower-case letters, "
    "such as shop.example.com",
    r"^[a-z]{2}(-[a-z]+)+-[0-9]$": "a region of AWS such as eu-central-1",
    r"^[a-z][a-z0-9_]{0,62}$": "the key of a meter such as vcpu_hours: lower-case letters, digits and underscores, "
    "beginning with a letter",
    r"^[A-Za-z_][A-Za-z0-9_]{0,127}$": "a name as environment variables have, such as DATABASE_URL: letters, digits "
    "and underscores, not beginning with a digit, 128 at most",
    r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$": "the name of a service or a job: letters, digits, `_`, `.` and `-`, 63 at "
    "most",
    r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$": "the name of an output such as services.urls, or its beginning",
    r"^\$?[0-9]{1,12}(\.[0-9]{1,6})?(%|[A-Z]{3})?$": "an amount or a percentage such as 25, 25EUR or 10%",
    r"^[0-9a-f]{64}$": "the 64 characters by which the plan is named",
    r"^[\x21-\x7e]{1,255}$": "1 to 255 letters, digits and signs, with no spaces",
    r"^[^\x00-\x1f\x7f]+$": "text in one line, with no control characters",
    r"^[a-z0-9-]*$": "lower-case letters, digits and hyphens",
}
"""The shape that a pattern of a field stands for."""

_ID: Final = "it is no id; a list of its kind shows the ids that there are"
_TIME: Final = "it has to be a date or time such as 2026-11-22 or 2026-11-22T12:00:00Z"
_NUMBER: Final = "it has to be a number such as 12 or 12.50"
_WHOLE: Final = "it has to be a whole number such as 12"
_ZONE: Final = "it has to say of which zone its time is, as in 2026-11-22T12:00:00Z"

_SAID: Final = {
    "missing": "it is missing",
    "extra_forbidden": "there is no field of this name",
    "string_type": "it has to be text",
    "string_unicode": "it has to be text in UTF-8",
    "bool_type": "it has to be true or false",
    "bool_parsing": "it has to be true or false",
    "list_type": "it has to be a list",
    "dict_type": "it has to be an object with fields",
    "model_type": "it has to be an object with fields",
    "model_attributes_type": "it has to be an object with fields",
    "json_invalid": "it is no JSON",
    "uuid_parsing": _ID,
    "uuid_type": _ID,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "it is too large a number",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "datetime_type": _TIME,
    "datetime_parsing": _TIME,
    "datetime_from_date_parsing": _TIME,
    "datetime_object_invalid": _TIME,
    "date_type": "it has to be a date such as 2026-11-22",
    "date_parsing": "it has to be a date such as 2026-11-22",
    "date_from_datetime_parsing": "it has to be a date such as 2026-11-22",
    "timezone_aware": _ZONE,
}
_LIMITS: Final = {
    "greater_than": "it has to be more than {gt}",
    "greater_than_equal": "it has to be {ge} or more",
    "less_than": "it has to be less than {lt}",
    "less_than_equal": "it has to be {le} or less",
    "string_too_short": "it has to have {min_length} characters or more",
    "string_too_long": "it has {max_length} characters at most",
    "too_short": "it has to have {min_length} items or more",
    "too_long": "it has {max_length} items at most",
    "decimal_max_digits": "it has {max_digits} digits at most",
    "decimal_max_places": "it has {decimal_places} digits after the point at most",
    "decimal_whole_digits": "it has {whole_digits} digits before the point at most",
}
_SHORT: Final = 6
"""So many words are all named."""


def sentence(misfit: Mapping[str, Any]) -> str:
    """What is wrong, from one of Pydantic's error details (`type`, `msg`, `ctx`, `input`)."""
    kind, more = misfit["type"], misfit.get("ctx", {})
    if kind in _SAID:
        return _SAID[kind]
    if kind == "string_too_short" and more["min_length"] == 1:
        return "it is empty"
    if kind in _LIMITS:
        return _LIMITS[kind].format(**more)
    if kind == "string_pattern_mismatch" and more["pattern"] in SHAPES:
        return f"it has to be {SHAPES[more['pattern']]}"
    if kind in ("enum", "literal_error"):
        return choice(misfit.get("input"), _words(more["expected"]))
    if kind == "union_tag_invalid":
        return choice(more["tag"], _words(more["expected_tags"]))
    return str(misfit["msg"]).removeprefix("Value error, ")


def _words(expected: str) -> list[str]:
    """As Pydantic lists them: texts in quotes, and numbers."""
    return re.findall(r"'([^']*)'", expected) or re.split(r", | or ", expected)


def choice(given: object, words: list[str]) -> str:
    """That what was given is none of the words: the nearest of them, or all where they are few."""
    if len(words) <= _SHORT:
        return f"it has to be {one_of(words)}"
    if isinstance(given, str) and (meant := nearest(given, words)) is not None:
        return f"there is no such word; did you mean {meant}?"
    return f"it has to be one of {len(words)} words such as {one_of(words[:_SHORT])}"
