"""The comment of `cx diff --comment` on the pull request that a CI job runs for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from cygni.errors import CygniError

if TYPE_CHECKING:
    from rich.console import Console

    from cygni.forges.detection import Forge
    from cygni.forges.pull_request import PullRequest
    from cygni.plan.model import Plan


@dataclass(frozen=True)
class PlanComment:
    """The comment about one environment of a project. What keeps it from being made is an error where it is
    `required`, and a warning otherwise."""

    forge: Forge
    pull_request: PullRequest
    project: str
    environment: str
    people: Console
    required: bool

    def publish(self, plan: Plan, *, above: Decimal | None, refused: CygniError | None) -> None:
        """Brings the comment up to date, or begins it where the plan is worth that.

        Raises what `Api.call` raises, unless the plan is `refused`, which is the worse news."""
        from cygni.plan.comment import is_worth_a_comment
        from cygni.plan.markdown import plan_markdown

        text = plan_markdown(plan, comment_above=above, flavour=self.forge.flavour, refused=refused)
        begin = is_worth_a_comment(plan, above, refused)
        self._put(text, begin=begin, forgiving=refused is not None)

    @contextmanager
    def telling_of_failure(self) -> Iterator[None]:
        """An error of the block takes the place of the plan in a comment that is there: an older plan would be taken
        for this one."""
        from cygni.plan.comment import failure_markdown

        try:
            yield
        except CygniError as error:
            self._put(failure_markdown(self.project, self.environment, error), begin=False, forgiving=True)
            raise

    def _put(self, text: str, *, begin: bool, forgiving: bool) -> None:
        from cygni.forges.comments import publish
        from cygni.plan.comment import comment_name, signature

        about = signature(self.pull_request.commit, self.pull_request.job)
        text = f"{text}\n{self.forge.flavour.small(about)}\n" if about else text
        comments = self.forge.comments(self.pull_request)
        try:
            done = publish(comments, comment_name(self.project, self.environment), text, begin=begin)
        except CygniError as error:
            if self.required and not forgiving:
                raise
            _warn(self.people, error)
            return
        told = "none, the plan is not worth one" if done.done == "left out" else done.done
        self.people.print(f"comment: {told} {done.address}".rstrip(), markup=False, soft_wrap=True)


def plan_comment(
    environ: Mapping[str, str], people: Console, project: str, environment: str, *, required: bool
) -> PlanComment | None:
    """Where the plan is commented; None, after a warning, where it cannot be and that is not `required`.

    Raises UsageError in a job of no forge, and where it is `required` what `Forge.pull_request` raises.
    """
    from cygni.forges.detection import forge_of

    forge = forge_of(environ)
    try:
        pull_request = forge.pull_request(environ)
    except CygniError as error:
        if required:
            raise
        _warn(people, error)
        return None
    return PlanComment(forge, pull_request, project, environment, people, required)


def _warn(people: Console, error: CygniError) -> None:
    from cli.github_actions import warning

    people.print(f"warning: no comment: {error.message}", markup=False, soft_wrap=True)
    if error.hint:
        people.print(f"         {error.hint}", markup=False, soft_wrap=True)
    for line in warning(f"no comment: {error.message}", error.hint, os.environ):
        people.print(line, markup=False, soft_wrap=True)
