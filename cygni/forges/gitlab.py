"""GitLab: merge requests as a job of its CI is told of them, and their notes.

https://docs.gitlab.com/api/notes/ and https://docs.gitlab.com/ci/variables/predefined_variables/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from cygni.forges.api import Api
from cygni.forges.comments import Comment
from cygni.forges.pull_request import PullRequest, no_pull_request, token_of

_PERMISSIONS: Final = (
    "Make a project access token (role Reporter or above, scope api) and give it to the job as the masked variable "
    "GITLAB_TOKEN. CI_JOB_TOKEN may not write notes, and protected variables reach protected branches alone."
)


def pull_request(environ: Mapping[str, str]) -> PullRequest:
    """The merge request that a job runs for; in a pipeline of a branch the first that is open for it. Raises NotFound
    and AuthError."""
    project, number = _merge_request(environ)
    url = environ.get("CI_MERGE_REQUEST_PROJECT_URL") or environ.get("CI_PROJECT_URL", "")
    return PullRequest(
        api=environ.get("CI_API_V4_URL") or "https://gitlab.com/api/v4",
        repository=project,
        number=number,
        token=token_of(environ, ("GITLAB_TOKEN",), hint=_PERMISSIONS),
        commit=environ.get("CI_COMMIT_SHA", ""),
        job=environ.get("CI_JOB_URL", ""),
        page=f"{url}/-/merge_requests/{number}" if url else "",
    )


def _merge_request(environ: Mapping[str, str]) -> tuple[str, int]:
    number = environ.get("CI_MERGE_REQUEST_IID", "")
    # In a fork's pipeline CI_PROJECT_ID is the fork's.
    project = environ.get("CI_MERGE_REQUEST_PROJECT_ID") or environ.get("CI_PROJECT_ID", "")
    if number.isdigit() and project:
        return project, int(number)
    if found := re.match(r"([^!,]+)!([0-9]+)", environ.get("CI_OPEN_MERGE_REQUESTS", "")):
        return found[1], int(found[2])
    raise no_pull_request("merge request")


@dataclass(frozen=True, slots=True)
class GitLabComments:
    """The notes of a merge request."""

    pull_request: PullRequest
    api: Api

    @classmethod
    def of(cls, pull_request: PullRequest) -> GitLabComments:
        headers = {"PRIVATE-TOKEN": pull_request.token}
        return cls(pull_request, Api("GitLab", pull_request.api, headers, _PERMISSIONS))

    def mark(self, name: str) -> str:
        return f"<!-- {name} -->"

    def found(self) -> Iterator[Comment]:
        """Those of the token's own user: maintainers may change those of others."""
        me = self.api.call("GET", "user").document.get("id")
        page = "1"
        while page:
            answer = self.api.call(
                "GET", f"{self._notes}?per_page=100&sort=asc&order_by=created_at&page={page}"
            )
            for one in answer.document or ():
                if not one.get("system") and (one.get("author") or {}).get("id") == me:
                    yield self._comment(one)
            page = answer.headers.get("x-next-page", "")

    def create(self, text: str) -> Comment:
        return self._comment(self.api.call("POST", self._notes, {"body": text}).document)

    def update(self, comment: Comment, text: str) -> Comment:
        return self._comment(self.api.call("PUT", f"{self._notes}/{comment.number}", {"body": text}).document)

    def delete(self, comment: Comment) -> None:
        self.api.call("DELETE", f"{self._notes}/{comment.number}")

    @property
    def _notes(self) -> str:
        project = quote(self.pull_request.repository, safe="")
        return f"projects/{project}/merge_requests/{self.pull_request.number}/notes"

    def _comment(self, document: Any) -> Comment:
        page, number = self.pull_request.page, int(document["id"])
        return Comment(number, str(document.get("body") or ""), f"{page}#note_{number}" if page else "")
