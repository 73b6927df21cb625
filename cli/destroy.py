"""`cx destroy`: delete everything of an environment."""

from __future__ import annotations

import json
import sys

from cli.options import AllowDestroy, App, Debug, Env, Json, LockWait, Timeout, Yes, seconds


def destroy(
    app: App = None,
    env: Env = "local",
    yes: Yes = False,
    as_json: Json = False,
    allow_destroy: AllowDestroy = None,
    lock_wait: LockWait = "0s",
    timeout: Timeout = "1h",
    debug: Debug = False,
) -> None:
    """Show what would be deleted, ask, and delete it. Losing data needs --allow-destroy NAME for each."""
    from cli.guarded import guarded
    from cli.plan_view import show_plan
    from cli.session import session
    from cli.terminal import confirm, console, interactive
    from cygni.plan.document import plan_document
    from cygni.plan.wording import subject
    from stacks.destroying import destroy as destroy_stacks
    from stacks.destroying import plan_destroy

    people = console()
    waiting = seconds(lock_wait, "--lock-wait")
    limit_seconds = seconds(timeout, "--timeout")
    with session(app, env, lock_wait=waiting, doing="cx destroy", timeout=limit_seconds) as opened:
        from cli.progress_view import progress_view

        with progress_view(people) as progress:
            planned = plan_destroy(opened.runner, opened.environment, progress, usage=opened.usage)
        if planned.stacks:
            if not as_json or (interactive() and not yes):
                show_plan(people, planned.plan)
            details = guarded(planned.plan, as_json=as_json, allowed=allow_destroy or ())
            confirm(f"Delete all of {subject(planned.plan)}?", yes=yes, details=details)
        from stacks.data_loss import permit_data_loss

        planned = permit_data_loss(opened.runner, opened.environment, planned, allow_destroy or ())
        with progress_view(people) as progress:
            deleted = destroy_stacks(opened.runner, opened.environment, planned, progress)
    if as_json:
        json.dump({"plan": plan_document(planned.plan), "deleted": deleted}, sys.stdout)
        sys.stdout.write("\n")
    elif not planned.stacks:
        people.print(f"Nothing to delete: {opened.spec.project} ({env}) is not deployed.")
    else:
        from cygni.plan.wording import counted

        people.print(f"[green]Done:[/] {counted(deleted, 'resource')} deleted, nothing left in the state.")
