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
    from cli.carry_out import deploy_spec, report
    from cli.session import session
    from cli.terminal import console

    people = console()
    with session(app, env, lock_wait=lock_wait, doing="cx deploy", timeout=timeout) as opened:
        planned, applied = deploy_spec(
            people,
            opened,
            opened.spec,
            yes=yes,
            as_json=as_json,
            limit=max_cost_increase,
            allowed=allow_destroy or (),
            refresh=refresh,
        )
    report(people, planned, applied, as_json=as_json, as_it_should_be="as the project says")
