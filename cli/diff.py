"""`cx diff`: the plan and its cost, changing nothing."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
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
from cygni.cost_limits import Increase, WrittenIncrease
from cygni.errors import CygniError, UsageError

if TYPE_CHECKING:
    from decimal import Decimal

    from rich.console import Console

    from cli.cost_limits import Holding
    from cygni.plan.model import Plan
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
    from cli.place import elsewhere

    if as_json and markdown:
        raise UsageError("--json and --markdown exclude each other", hint="Give one of them.")
    if (there := elsewhere(app, env, here=here)) is not None:
        from cli.connected_deploy import diff_there, order

        options = order(
            refresh=refresh, max_cost_increase=max_cost_increase, currency=currency, timeout=timeout
        )
        markdown = markdown or comment or require_comment
        changes = diff_there(there, app, options, as_json=as_json, markdown=markdown)
        return ExitCode.CHANGES_PENDING if detailed_exit_code and changes else ExitCode.OK
    from cli.cost_limits import CostOptions, holding
    from cli.github_actions import add_plan_to_summary
    from cli.guarded import guarded
    from cli.plan_comment import plan_comment
    from cli.progress_view import previewing
    from cli.session import load_project, session
    from cli.streams import demand_stdout
    from cli.terminal import console
    from cygni.plan.markdown import plan_markdown
    from stacks.planning import plan_environment

    if markdown:
        demand_stdout()
    people = console()
    commenting = None
    if comment or require_comment:
        project = load_project(app, env).project
        commenting = plan_comment(os.environ, people, project, env, required=require_comment)
    failing = commenting.telling_of_failure() if commenting else nullcontext()
    with failing, session(app, env, timeout=timeout) as opened, previewing(people) as progress:
        held = holding(opened, opened.spec, CostOptions(max_cost_increase, currency))
        least = _least(comment_above, opened.spec, held)
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
        )
    plan = held.warned(planned).plan
    refused: CygniError | None = None
    try:
        guarded(plan, as_json=as_json, holding=held)
    except CygniError as error:
        refused = error
    above, plan = _above(least, plan, held), held.shown(plan)
    add_plan_to_summary(plan, os.environ, refused)
    if commenting is not None:
        commenting.publish(plan, above=above, refused=refused)
    if markdown:
        sys.stdout.write(plan_markdown(plan, comment_above=above, refused=refused))
    else:
        _tell(people, plan, as_json=as_json, refused=refused is not None)
    if refused is not None:
        raise refused
    return ExitCode.CHANGES_PENDING if detailed_exit_code and plan.needs_consent else ExitCode.OK


def _tell(people: Console, plan: Plan, *, as_json: bool, refused: bool) -> None:
    """Of one that is refused the error tells a program."""
    from cli.plan_view import show_plan
    from cli.terminal import answer, for_people
    from cygni.plan.document import plan_document

    if as_json and not refused:
        answer(plan_document(plan))
    if for_people(as_json=as_json):
        show_plan(people, plan)


def _least(option: WrittenIncrease | None, spec: ProjectSpec, held: Holding) -> Increase | None:
    """The difference that a comment is worth, by the option or the project; None for any. Raises UsageError."""
    from cli.currency import exchange_of, judged

    if option is not None:
        return judged(option, "--comment-above", held.exchange)
    if spec.cost.comment_above is None:
        return None
    return Increase(usd=spec.cost.least_comment(exchange_of(spec)))


def _above(least: Increase | None, plan: Plan, held: Holding) -> Decimal | None:
    """The same a month, in the currency that is shown, of a plan in USD."""
    before = plan.cost.before
    allowed = None if least is None else least.allowed(before.monthly, anything=bool(before.resources))
    return None if allowed is None else held.exchange.of_usd(allowed)
