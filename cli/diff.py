"""`cx diff`: the plan and its cost, changing nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.options import (
    App,
    Currency,
    Debug,
    Env,
    Here,
    Json,
    MaxCostIncrease,
    Refresh,
    Timeout,
    increase_option,
)
from cygni.cost_limits import WrittenIncrease
from cygni.errors import CygniError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from cli.cost_limits import CostOptions
    from cli.diff_report import DiffReport
    from cli.plan_comment import PlanComment
    from cygni.control_plane.deployments import Deployments
    from cygni.plan.model import Plan
    from cygni.pricing.exchange import Exchange
    from cygni.spec import ProjectSpec

EXAMPLES = (
    "cx diff",
    "cx diff -e production --detailed-exit-code",
    "cx diff -e production --comment --max-cost-increase 25",
)
DetailedExitCode = Annotated[
    bool,
    typer.Option(
        "--detailed-exit-code",
        help="Exit 10 when there are changes, also such as others have made, 0 when there are none.",
    ),
]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print the plan as Markdown for a pull request.")]
Comment = Annotated[
    bool,
    typer.Option(
        "--comment",
        help="Bring the comment with the plan on this CI job's pull request up to date, or begin it.",
    ),
]
RequireComment = Annotated[
    bool, typer.Option("--require-comment", help="The same, and fail where that cannot be done.")
]
CommentAbove = Annotated[
    WrittenIncrease | None,
    typer.Option(
        "--comment-above",
        metavar="AMOUNT|PERCENT",
        parser=increase_option("--comment-above"),
        help="Begin no comment, and print no table, where the cost differs by no more.",
        show_default="cost.comment_above",
    ),
]


def diff(
    app: App = None,
    env: Env = "local",
    as_json: Json = False,
    markdown: Markdown = False,
    comment: Comment = False,
    require_comment: RequireComment = False,
    comment_above: CommentAbove = None,
    detailed_exit_code: DetailedExitCode = False,
    max_cost_increase: MaxCostIncrease = None,
    currency: Currency = None,
    refresh: Refresh = False,
    timeout: Timeout = 3600.0,
    here: Here = False,
    debug: Debug = False,
) -> int:
    """Show what a deploy would change and what it would cost. Where you are signed in to a control plane that has the
    environment, it looks."""
    from cli.cost_limits import CostOptions
    from cli.place import elsewhere
    from cli.streams import demand_stdout

    if as_json and markdown:
        raise UsageError("--json and --markdown exclude each other", hint="Give one of them.")
    if markdown:
        demand_stdout()
    wanted = _Wanted(as_json, markdown, comment or require_comment, require_comment, comment_above)
    costs = CostOptions(max_cost_increase, currency)
    if (there := elsewhere(app, env, here=here)) is not None:
        plan = _there(there, app, env, wanted, costs, refresh=refresh, timeout=timeout)
    else:
        plan = _here(app, env, wanted, costs, refresh=refresh, timeout=timeout)
    return ExitCode.CHANGES_PENDING if detailed_exit_code and plan.needs_consent else ExitCode.OK


@dataclass(frozen=True)
class _Wanted:
    """How the plan is to be told; a comment fails the command where it is `required` and cannot be made."""

    as_json: bool
    markdown: bool
    comment: bool
    required: bool
    above: WrittenIncrease | None

    def commenting(self, app: App, env: str) -> PlanComment | None:
        """Where the plan is commented, if it is to be. Raises what `plan_comment` raises."""
        from cli.plan_comment import plan_comment
        from cli.session import load_project
        from cli.terminal import console

        if not self.comment:
            return None
        project = load_project(app, env).project
        return plan_comment(os.environ, console(), project, env, required=self.required)

    def report(self, spec: ProjectSpec, shown: Exchange, commenting: PlanComment | None) -> DiffReport:
        """Raises UsageError."""
        from cli.diff_report import DiffReport, least_difference

        return DiffReport(shown, least_difference(self.above, spec, shown), commenting, self.markdown)


def _there(
    there: Deployments,
    app: App,
    env: str,
    wanted: _Wanted,
    costs: CostOptions,
    *,
    refresh: bool,
    timeout: float,
) -> Plan:
    """By a control plane."""
    from cli.connected_deploy import order
    from cli.connected_diff import diff_there
    from cli.connected_plan import shown_there
    from cli.session import load_project

    spec = load_project(app, env)
    shown = shown_there(costs.currency, spec)
    report = wanted.report(spec, shown, wanted.commenting(app, env))
    options = order(shown, refresh=refresh, max_cost_increase=costs.max_increase, timeout=timeout)
    return diff_there(there, app, options, report, as_json=wanted.as_json)


def _here(app: App, env: str, wanted: _Wanted, costs: CostOptions, *, refresh: bool, timeout: float) -> Plan:
    """By this machine."""
    from cli.cost_limits import holding
    from cli.diff_report import telling_of_failure
    from cli.guarded import guarded
    from cli.progress_view import previewing
    from cli.session import session
    from cli.terminal import console
    from stacks.kept_secrets import hold_given
    from stacks.planning import plan_environment

    people, commenting = console(), wanted.commenting(app, env)
    with (
        telling_of_failure(commenting),
        session(app, env, timeout=timeout) as opened,
        previewing(people) as progress,
    ):
        hold_given(opened.spec, opened.given)
        held = holding(opened, opened.spec, costs)
        report = wanted.report(opened.spec, held.exchange, commenting)
        live = opened.live
        planned = plan_environment(
            opened.runner,
            opened.environment,
            opened.tagged_spec,
            progress,
            refresh=refresh,
            usage=opened.usage,
            live=live,
            changed_secrets=opened.changed_secrets(live),
            domains=opened.domains,
        )
    plan = held.warned(planned).plan
    refused: CygniError | None = None
    try:
        guarded(plan, as_json=wanted.as_json, holding=held)
    except CygniError as error:
        refused = error
    shown = report.tell(plan, refused)
    if not wanted.markdown:
        _tell(people, shown, as_json=wanted.as_json, refused=refused is not None)
    if refused is not None:
        raise refused
    return shown


def _tell(people: Console, plan: Plan, *, as_json: bool, refused: bool) -> None:
    """Of one that is refused the error tells a program."""
    from cli.plan_view import show_plan
    from cli.terminal import answer, for_people
    from cygni.plan.document import plan_document

    if as_json and not refused:
        answer(plan_document(plan))
    if for_people(as_json=as_json):
        show_plan(people, plan)
