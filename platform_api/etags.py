"""ETags: a change says which version it is of, so that nobody overwrites what they have not seen (RFC 9110, 13.1.1)."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header

from cygni.errors import PreconditionFailed

IfMatch = Annotated[
    str | None, Header(description="The ETag of what is changed, as it was read; without, whatever is there.")
]


def etag(version: int) -> str:
    return f'"{version}"'


def require_match(if_match: str | None, version: int) -> None:
    """Raises PreconditionFailed where somebody else has changed it since."""
    if if_match is None or if_match.strip() == "*":
        return
    if etag(version) not in {one.strip() for one in if_match.split(",")}:
        raise PreconditionFailed(
            "somebody else has changed it since", hint="Read it again, and change what is there now."
        )
