"""`cx deploy`: plan, cost, confirmation, apply."""

from __future__ import annotations

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
    from cli.carry_out import carry_out, report
    from cli.progress_view import previewing
    from cli.session import session
    from cli.terminal import console
    from cygni.plan.wording import question
    from stacks.planning import plan_environment

    people = console()
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
        applied = carry_out(
            people,
            opened,
            planned,
            question(planned.plan),
            yes=yes,
            as_json=as_json,
            limit=max_cost_increase,
            allowed=allow_destroy or (),
        )
    report(people, planned, applied, as_json=as_json, as_it_should_be="as the project says")
