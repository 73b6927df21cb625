"""What names an image, as Docker reads references (pure)."""

from __future__ import annotations

import re

from cygni.errors import UsageError

_HUB = "docker.io"
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]*(@sha256:[0-9a-f]{64})?")
LONGEST_NAME = 512


def full_name(reference: str) -> str:
    """The reference with the registry and the tag that Docker would add: `nginx` is
    `docker.io/library/nginx:latest`. Raises UsageError for what is no reference."""
    written = reference.strip()
    if len(written) > LONGEST_NAME or not _REFERENCE.fullmatch(written):
        raise UsageError(
            f'"{reference}" is no name of an image', hint="Write a repository and a tag, such as hello:v1"
        )
    name, _, digest = written.partition("@")
    first, slash, rest = name.partition("/")
    has_registry = bool(slash) and ("." in first or ":" in first or first == "localhost")
    registry, path = (first, rest) if has_registry else (_HUB, name)
    if registry == _HUB and "/" not in path:
        path = f"library/{path}"
    if digest:
        return f"{registry}/{path.partition(':')[0]}@{digest}"
    return f"{registry}/{path}" if ":" in path else f"{registry}/{path}:latest"


def familiar_name(full: str) -> str:
    """How a person writes it: without Docker's registry and the folder of its own images."""
    return full.removeprefix(f"{_HUB}/").removeprefix("library/")
