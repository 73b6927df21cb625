"""`cx deploy`: plan, cost, confirmation, apply."""

from __future__ import annotations

import json
import sys
from typing import Any

from cli.diff import MaxCostIncrease
from cli.options import AllowDestroy, App, Debug, Env, Json, LockWait, Refresh, Timeout, Yes, dollars, seconds


def deploy(
    app: App = None,
    env: Env = "local",
    yes: Yes = False,
    as_json: Json = False,
    max_cost_increase: MaxCostIncrease = None,
    allow_destroy: AllowDestroy = None,
    refresh: Refresh = False,
    lock_wait: LockWait = "0s",
    timeout: Timeout = "1h",
    debug: Debug = False,
) -> None:
    """Show what would change and what it would cost, ask, and apply it."""
    from cli.guarded import guarded
    from cli.plan_view import show_plan
    from cli.session import session
    from cli.terminal import confirm, console, interactive
    from cygni.plan.wording import subject
    from stacks.planning import plan_environment

    limit = dollars(max_cost_increase, "--max-cost-increase")
    people = console()
    waiting = seconds(lock_wait, "--lock-wait")
    limit_seconds = seconds(timeout, "--timeout")
    with session(app, env, lock_wait=waiting, doing="cx deploy", timeout=limit_seconds) as opened:
        from cli.progress_view import progress_view

        with progress_view(people) as progress:
            planned = plan_environment(
                opened.runner,
                opened.environment,
                opened.spec,
                progress,
                refresh=refresh,
                settle=True,
                usage=opened.usage,
            )
        if planned.plan.has_changes:
            if not as_json or (interactive() and not yes):
                show_plan(people, planned.plan)
            details = guarded(planned.plan, as_json=as_json, limit=limit, allowed=allow_destroy or ())
            confirm(f"Apply these changes to {subject(planned.plan)}?", yes=yes, details=details)
        from stacks.applying import apply
        from stacks.data_loss import permit_data_loss

        planned = permit_data_loss(opened.runner, opened.environment, planned, allow_destroy or ())
        with progress_view(people) as progress:
            applied = apply(opened.runner, opened.environment, planned, progress)
    _report(people, planned.plan, applied, as_json=as_json)


def _report(people: Any, plan: Any, applied: Any, *, as_json: bool) -> None:
    from cli.outputs_view import flat_outputs, show_outputs
    from cygni.plan.wording import counted

    if as_json:
        from cygni.plan.document import plan_document

        json.dump(
            {"plan": plan_document(plan), "applied": applied.steps, "outputs": flat_outputs(applied.outputs)},
            sys.stdout,
        )
        sys.stdout.write("\n")
    elif not plan.has_changes:
        from cygni.pricing.wording import delta_text, total_text

        people.print(
            f"No changes: {plan.project} ({plan.environment}) is as the project says. "
            f"Cost {total_text(plan.cost.after.monthly, plan.cost.after.unknown)} a month, "
            f"delta {delta_text(plan.cost)}."
        )
    else:
        people.print(f"[green]Done:[/] {counted(applied.steps, 'change')} applied.")
        show_outputs(people, applied.outputs)
