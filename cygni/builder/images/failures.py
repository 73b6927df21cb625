"""Why a build or a push failed, told from the last lines of the tool (pure).

The words are those of BuildKit ("failed to resolve source metadata for"), of Docker's older builder ("manifest for ...
not found"), and of the library that Podman and Buildah share (containers/image: "initializing source docker://").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cygni.errors import BaseImageMissing, BuildFailed, RegistryUnreachable

_BASES: Final = (
    re.compile(r"failed to resolve source metadata for (\S+?): "),
    re.compile(r"(?:initializing source|unable to copy from source) docker://(\S+?): "),
    re.compile(r'short-name "(\S+?)" did not resolve'),
    re.compile(r"manifest for (\S+) not found"),
)
_LOST: Final = re.compile(
    r"connection refused|connection reset|broken pipe|no such host|i/o timeout|TLS handshake timeout|\bEOF\b"
    r"|network is unreachable|no route to host|context deadline exceeded|Client\.Timeout"
    r"|50[234] (?:Bad Gateway|Service Unavailable|Gateway Time-?out)"
)


@dataclass(frozen=True, slots=True)
class BaseProblem:
    """The base image that could not be had, and whether its registry did not even answer."""

    image: str
    unreachable: bool


def base_problem(lines: Iterable[str]) -> BaseProblem | None:
    """What the last line about a base image tells; None where none of them is about one."""
    problem = None
    for line in lines:
        found = next((match for pattern in _BASES if (match := pattern.search(line))), None)
        if found:
            problem = BaseProblem(found[1], connection_lost([line]))
    return problem


def connection_lost(lines: Iterable[str]) -> bool:
    """Whether the other side did not answer, or stopped to."""
    return any(_LOST.search(line) for line in lines)


def build_failure(
    reference: str, why: str, hint: str, login: str, lines: Sequence[str], details: Mapping[str, Any]
) -> BuildFailed:
    """The error of a build that did not end well, with its last `lines` in `details`; of its kinds where they tell of
    that. `why` and `hint` are for any other end, `login` is what a base image that is not for everybody takes."""
    what, details = f"{reference} could not be built", {**details, "last_lines": list(lines)}
    problem = base_problem(lines)
    if problem is None:
        return BuildFailed(f"{what}: {why}", hint=hint, details=details)
    details["base"] = problem.image
    if problem.unreachable:
        said = f"{what}: the registry of its base image {problem.image} does not answer"
        return RegistryUnreachable(
            said, hint="Is that its name? Then run the same command again.", details=details
        )
    return BaseImageMissing(
        f"{what}: its base image {problem.image} is not there, or not for you",
        hint=f"Correct it in the Dockerfile, or {login}",
        details=details,
    )
