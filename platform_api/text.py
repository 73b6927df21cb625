"""Kinds of text that requests hold."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints


def printable(value: str) -> str:
    """The value. PostgreSQL keeps no NUL, and a terminal that shows a name is not to be steered by it."""
    if not value.isprintable():
        raise ValueError("it holds characters that cannot be printed")
    return value


Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,38}[a-z0-9]$")]
"""As names of projects are in cygni.yaml: small letters, digits and hyphens, 2 to 40."""

Name = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(printable)
]

Email = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"
    ),
    AfterValidator(printable),
]

Password = Annotated[str, StringConstraints(max_length=256)]
