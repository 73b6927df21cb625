"""Which forge's CI a job runs in, and for which of its pull requests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from cygni.errors import UsageError
from cygni.forges import bitbucket, github, gitlab
from cygni.forges.comments import Comments
from cygni.forges.pull_request import PullRequest
from cygni.markdown import BITBUCKET, GITHUB, Flavour


@dataclass(frozen=True, slots=True)
class Forge:
    """`variable` is set in every job of its CI; `flavour` is what its comments take."""

    name: str
    variable: str
    flavour: Flavour
    pull_request: Callable[[Mapping[str, str]], PullRequest]
    comments: Callable[[PullRequest], Comments]


FORGES: Final = (
    Forge("GitHub", "GITHUB_ACTIONS", GITHUB, github.pull_request, github.GitHubComments.of),
    Forge("GitLab", "GITLAB_CI", GITHUB, gitlab.pull_request, gitlab.GitLabComments.of),
    Forge(
        "Bitbucket",
        "BITBUCKET_BUILD_NUMBER",
        BITBUCKET,
        bitbucket.pull_request,
        bitbucket.BitbucketComments.of,
    ),
)


def forge_of(environ: Mapping[str, str]) -> Forge:
    """The forge whose CI this job runs in. Raises UsageError where it is none."""
    for forge in FORGES:
        if environ.get(forge.variable):
            return forge
    raise UsageError(
        "--comment is for jobs of GitHub Actions, GitLab CI and Bitbucket Pipelines, and this is none of them",
        hint="Print the plan with --markdown, and post it by other means.",
    )
