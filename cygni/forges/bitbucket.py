"""Bitbucket Cloud: pull requests as a job of Pipelines is told of them, and their comments.

https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pullrequests/ and
https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cygni.forges.api import Api
from cygni.forges.comments import Comment
from cygni.forges.pull_request import PullRequest, no_pull_request, token_of

_PERMISSIONS: Final = (
    "Make a repository access token with the scope pullrequest:write and give it to the job as the secured variable "
    "BITBUCKET_TOKEN."
)


def pull_request(environ: Mapping[str, str]) -> PullRequest:
    """The pull request that a job of Pipelines runs for. `BITBUCKET_API_URL`, which Pipelines does not set, says where
    the API is if not at Atlassian. Raises NotFound and AuthError."""
    number, repository = environ.get("BITBUCKET_PR_ID", ""), environ.get("BITBUCKET_REPO_FULL_NAME", "")
    if not (number.isdigit() and repository):
        raise no_pull_request("pull request")
    build = environ.get("BITBUCKET_BUILD_NUMBER", "")
    return PullRequest(
        api=environ.get("BITBUCKET_API_URL") or "https://api.bitbucket.org/2.0",
        repository=repository,
        number=int(number),
        token=token_of(environ, ("BITBUCKET_TOKEN",), hint=_PERMISSIONS),
        commit=environ.get("BITBUCKET_COMMIT", ""),
        job=f"https://bitbucket.org/{repository}/pipelines/results/{build}" if build else "",
    )


@dataclass(frozen=True, slots=True)
class BitbucketComments:
    """The comments of a pull request. Only its author may change one."""

    pull_request: PullRequest
    api: Api

    @classmethod
    def of(cls, pull_request: PullRequest) -> BitbucketComments:
        headers = {"Authorization": f"Bearer {pull_request.token}", "Accept": "application/json"}
        return cls(pull_request, Api("Bitbucket", pull_request.api, headers, _PERMISSIONS))

    def mark(self, name: str) -> str:
        """A definition of a link that nothing refers to: Bitbucket shows comments of HTML as they are written."""
        return f"[{name}]: #"

    def found(self) -> Iterator[Comment]:
        address: str | None = f"{self._comments}?pagelen=100"
        while address:
            answer = self.api.call("GET", address)
            for one in answer.document.get("values") or ():
                if not one.get("deleted"):
                    yield _comment(one)
            address = answer.document.get("next")

    def create(self, text: str) -> Comment:
        return _comment(self.api.call("POST", self._comments, {"content": {"raw": text}}).document)

    def update(self, comment: Comment, text: str) -> Comment:
        path = f"{self._comments}/{comment.number}"
        return _comment(self.api.call("PUT", path, {"content": {"raw": text}}).document)

    def delete(self, comment: Comment) -> None:
        self.api.call("DELETE", f"{self._comments}/{comment.number}")

    @property
    def _comments(self) -> str:
        return f"repositories/{self.pull_request.repository}/pullrequests/{self.pull_request.number}/comments"


def _comment(document: Any) -> Comment:
    links = document.get("links") or {}
    return Comment(
        int(document["id"]),
        str((document.get("content") or {}).get("raw") or ""),
        str((links.get("html") or {}).get("href") or ""),
    )
