"""`cx deploy`: plan, cost, confirmation, apply."""

from __future__ import annotations

from typing import Any

from cli.options import AllowDestroy, App, Debug, Env, Json, LockWait, MaxCostIncrease, Refresh, Timeout, Yes


def deploy(
    app: App = None,
    env: Env = "local",
    yes: Yes = False,
    as_json: Json = False,
    max_cost_increase: MaxCostIncrease = None,
    allow_destroy: AllowDestroy = None,
    refresh: Refresh = False,
    lock_wait: LockWait = 0.0,
    timeout: Timeout = 3600.0,
    debug: Debug = False,
) -> None:
    """Show what would change and what it would cost, ask, and apply it."""
    from cli.consent import consent, hold_what_stays
    from cli.progress_view import previewing, progress_view
    from cli.session import session
    from cli.terminal import console
    from cygni.plan.wording import question
    from stacks.applying import apply
    from stacks.data_loss import permit_data_loss
    from stacks.planning import plan_environment

    people = console()
    allowed = allow_destroy or ()
    with session(app, env, lock_wait=lock_wait, doing="cx deploy", timeout=timeout) as opened:
        with previewing(people) as progress:
            planned = plan_environment(
                opened.runner,
                opened.environment,
                opened.spec,
                progress,
                refresh=refresh,
                settle=True,
                usage=opened.usage,
            )
        plan = planned.plan
        if plan.needs_consent:
            consent(
                people,
                plan,
                question(plan),
                yes=yes,
                as_json=as_json,
                limit=max_cost_increase,
                allowed=allowed,
            )
        else:
            hold_what_stays(people, plan, as_json=as_json)
        planned = permit_data_loss(opened.runner, opened.environment, planned, allowed)
        with progress_view(people) as progress:
            applied = apply(opened.runner, opened.environment, planned, progress)
    _report(people, plan, applied, as_json=as_json)


def _report(people: Any, plan: Any, applied: Any, *, as_json: bool) -> None:
    from cli.outputs_view import flat_outputs, show_addresses
    from cli.terminal import answer
    from cygni.plan.document import plan_document
    from cygni.plan.wording import done_summary
    from cygni.pricing.wording import delta_text, total_text

    if as_json:
        answer(
            {"plan": plan_document(plan), "applied": applied.steps, "outputs": flat_outputs(applied.outputs)}
        )
    elif not plan.needs_consent:
        people.print(
            f"No changes: {plan.project} ({plan.environment}) is as the project says. "
            f"Cost {total_text(plan.cost.after.monthly, plan.cost.after.unknown)} a month, "
            f"delta {delta_text(plan.cost)}."
        )
    else:
        people.print(f"[green]Done:[/] {done_summary(plan, applied.steps)}")
        show_addresses(people, applied.outputs, plan.environment)
