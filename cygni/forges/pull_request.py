"""A pull request, and how a job of a forge's CI gets to its comments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from cygni.errors import AuthError, NotFound


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request, called merge request on GitLab.

    `api` is where the forge's REST API is. `repository` is its name, `owner/name`; on GitLab it is the project's
    number. `commit` and `job` (the address of the job's log) tell what a comment is about, `page` where a person sees
    the pull request; empty where unknown.
    """

    api: str
    repository: str
    number: int
    token: str = field(repr=False)
    commit: str = ""
    job: str = ""
    page: str = ""


def token_of(environ: Mapping[str, str], variables: tuple[str, ...], *, hint: str) -> str:
    """The token in the first of `variables` that is set. Raises AuthError where none is, or where no header can carry
    what is there."""
    found = next((value for name in variables if (value := environ.get(name, "").strip())), "")
    if not found:
        raise AuthError(f"{variables[0]} is not set, so nobody can comment", hint=hint)
    if not re.fullmatch(r"[!-~]+", found):
        raise AuthError(f"{variables[0]} holds signs that no token has", hint=hint)
    return found


def no_pull_request(what: str) -> NotFound:
    """The error of a job that runs for something else, such as a push."""
    return NotFound(
        f"this job runs for no {what}, so there is nowhere to comment",
        hint=f"Let the job that comments run for a {what}; for others leave out --comment.",
    )
