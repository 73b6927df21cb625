"""GitHub: pull requests as a job of GitHub Actions is told of them, and their comments.

https://docs.github.com/en/rest/issues/comments and .../actions/reference/workflows-and-actions/variables
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cygni.errors import AuthError, UsageError
from cygni.forges.api import Api
from cygni.forges.comments import Comment
from cygni.forges.pull_request import PullRequest, no_pull_request, token_of

_PERMISSIONS: Final = (
    "Give the job `permissions: {pull-requests: write}` and `GITHUB_TOKEN: ${{ github.token }}`. A pull request from a "
    "fork gets a token that may only read."
)


def pull_request(environ: Mapping[str, str]) -> PullRequest:
    """The pull request that a job of GitHub Actions runs for. Raises NotFound, AuthError, and UsageError where what
    GitHub tells of the event cannot be read."""
    event = _event(environ)
    number = _number(event, environ.get("GITHUB_REF", ""))
    repository = environ.get("GITHUB_REPOSITORY", "")
    if number is None or not repository:
        raise no_pull_request("pull request")
    head = (event.get("pull_request") or {}).get("head") or {}
    run = environ.get("GITHUB_RUN_ID", "")
    server = environ.get("GITHUB_SERVER_URL") or "https://github.com"
    return PullRequest(
        api=environ.get("GITHUB_API_URL") or "https://api.github.com",
        repository=repository,
        number=number,
        token=token_of(environ, ("GITHUB_TOKEN", "GH_TOKEN"), hint=_PERMISSIONS),
        commit=str(head.get("sha") or environ.get("GITHUB_SHA", "")),
        job=f"{server}/{repository}/actions/runs/{run}" if run else "",
    )


def _event(environ: Mapping[str, str]) -> Mapping[str, Any]:
    path = environ.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    try:
        event = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise UsageError(
            "GITHUB_EVENT_PATH names no event that can be read",
            hint="GitHub Actions sets it; leave it as it is.",
        ) from None
    return event if isinstance(event, Mapping) else {}


def _number(event: Mapping[str, Any], ref: str) -> int | None:
    issue = event.get("issue") or {}
    numbers = [
        (event.get("pull_request") or {}).get("number"),
        issue.get("number") if "pull_request" in issue else None,  # a comment on a pull request
    ]
    if found := re.fullmatch(r"refs/pull/([0-9]+)/(?:merge|head)", ref):
        numbers.append(int(found[1]))
    return next((number for number in numbers if isinstance(number, int)), None)


@dataclass(frozen=True, slots=True)
class GitHubComments:
    """The comments of a pull request, which is an issue to the API."""

    pull_request: PullRequest
    api: Api

    @classmethod
    def of(cls, pull_request: PullRequest) -> GitHubComments:
        headers = {
            "Authorization": f"Bearer {pull_request.token}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        return cls(pull_request, Api("GitHub", pull_request.api, headers, _PERMISSIONS))

    def mark(self, name: str) -> str:
        return f"<!-- {name} -->"

    def found(self) -> Iterator[Comment]:
        """Those of the token's own user. GitHub does not tell a program who it is: where the token is a program's, as
        that of every job is, those of programs."""
        me = self._me()
        address: str | None = f"{self._issues}/{self.pull_request.number}/comments?per_page=100"
        while address:
            answer = self.api.call("GET", address)
            for one in answer.document or ():
                author = one.get("user") or {}
                if author.get("id") == me if me is not None else author.get("type") == "Bot":
                    yield _comment(one)
            link = re.search(r'<([^>]+)>;\s*rel="next"', answer.headers.get("link", ""))
            address = link[1] if link else None

    def _me(self) -> int | None:
        try:
            return int(self.api.call("GET", "user").document["id"])
        except AuthError as error:
            if error.details.get("status") == 403:
                return None
            raise

    def create(self, text: str) -> Comment:
        path = f"{self._issues}/{self.pull_request.number}/comments"
        return _comment(self.api.call("POST", path, {"body": text}).document)

    def update(self, comment: Comment, text: str) -> Comment:
        path = f"{self._issues}/comments/{comment.number}"
        return _comment(self.api.call("PATCH", path, {"body": text}).document)

    def delete(self, comment: Comment) -> None:
        self.api.call("DELETE", f"{self._issues}/comments/{comment.number}")

    @property
    def _issues(self) -> str:
        return f"repos/{self.pull_request.repository}/issues"


def _comment(document: Any) -> Comment:
    return Comment(int(document["id"]), str(document.get("body") or ""), str(document.get("html_url") or ""))
