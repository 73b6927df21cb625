"""`cx diff`: the plan and its cost, changing nothing."""

from __future__ import annotations

import json
import sys
from decimal import Decimal
from typing import Annotated

import typer

from cli.exit_codes import ExitCode
from cli.options import App, Debug, Env, Json, Refresh, Timeout, dollars, seconds

DetailedExitCode = Annotated[
    bool, typer.Option("--detailed-exit-code", help="Exit 10 when there are changes, 0 when there are none.")
]
Markdown = Annotated[bool, typer.Option("--markdown", help="Print the plan as Markdown for a pull request.")]
MaxCostIncrease = Annotated[
    str | None,
    typer.Option(
        "--max-cost-increase",
        metavar="USD",
        help="Stop with exit 14 if the fixed cost per month grows by more.",
    ),
]


def diff(
    app: App = None,
    env: Env = "local",
    as_json: Json = False,
    markdown: Markdown = False,
    detailed_exit_code: DetailedExitCode = False,
    max_cost_increase: MaxCostIncrease = None,
    refresh: Refresh = False,
    timeout: Timeout = "1h",
    debug: Debug = False,
) -> int:
    """Show what a deploy would change and what it would cost."""
    from cli.guarded import guarded
    from cli.session import session
    from cli.terminal import console
    from stacks.planning import plan_environment

    limit: Decimal | None = dollars(max_cost_increase, "--max-cost-increase")
    people = console()
    limit_seconds = seconds(timeout, "--timeout")
    with session(app, env, timeout=limit_seconds) as opened:
        from cli.progress_view import progress_view

        with progress_view(people) as progress:
            planned = plan_environment(
                opened.runner,
                opened.environment,
                opened.spec,
                progress,
                refresh=refresh,
                usage=opened.usage,
            )
    plan = planned.plan
    if as_json:
        json.dump(guarded(plan, as_json=True, limit=limit)["plan"], sys.stdout)
        sys.stdout.write("\n")
    elif markdown:
        from cygni.plan.markdown import plan_markdown

        sys.stdout.write(plan_markdown(plan))
    else:
        from cli.plan_view import show_plan

        show_plan(people, plan)
    guarded(plan, as_json=as_json, limit=limit)
    return ExitCode.CHANGES_PENDING if detailed_exit_code and plan.has_changes else ExitCode.OK
