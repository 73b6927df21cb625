"""`cx diff`: the plan and its cost, changing nothing."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.options import App, Debug, Env, Json, MaxCostIncrease, Refresh, Timeout
from cygni.errors import UsageError

DetailedExitCode = Annotated[
    bool,
    typer.Option(
        "--detailed-exit-code",
        help="Exit 10 when there are changes, also such as others have made, 0 when there are none.",
    ),
]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print the plan as Markdown for a pull request.")]


def diff(
    app: App = None,
    env: Env = "local",
    as_json: Json = False,
    markdown: Markdown = False,
    detailed_exit_code: DetailedExitCode = False,
    max_cost_increase: MaxCostIncrease = None,
    refresh: Refresh = False,
    timeout: Timeout = 3600.0,
    debug: Debug = False,
) -> int:
    """Show what a deploy would change and what it would cost."""
    from cli.cost_limits import holding
    from cli.guarded import guarded
    from cli.plan_view import show_plan
    from cli.progress_view import previewing
    from cli.session import session
    from cli.streams import demand_stdout
    from cli.terminal import answer, console
    from cygni.plan.markdown import plan_markdown
    from stacks.planning import plan_environment

    if as_json and markdown:
        raise UsageError("--json and --markdown exclude each other", hint="Give one of them.")
    if markdown:
        demand_stdout()
    people = console()
    with session(app, env, timeout=timeout) as opened, previewing(people) as progress:
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
        held = holding(opened, opened.spec, max_cost_increase)
    plan = held.warned(planned).plan
    if as_json:
        answer(guarded(plan, as_json=True, holding=held)["plan"])
    elif markdown:
        sys.stdout.write(plan_markdown(plan, comment_above=opened.spec.cost.least_comment))
    else:
        show_plan(people, plan)
    guarded(plan, as_json=as_json, holding=held)
    return ExitCode.CHANGES_PENDING if detailed_exit_code and plan.needs_consent else ExitCode.OK
