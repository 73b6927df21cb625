"""`cx destroy`: delete everything of an environment."""

from __future__ import annotations

from cli.options import AllowDestroy, App, Debug, Env, Json, LockWait, Timeout, Yes


def destroy(
    app: App = None,
    env: Env = "local",
    yes: Yes = False,
    as_json: Json = False,
    allow_destroy: AllowDestroy = None,
    lock_wait: LockWait = 0.0,
    timeout: Timeout = 3600.0,
    debug: Debug = False,
) -> None:
    """Show what would be deleted, ask, and delete it. Losing data needs --allow-destroy NAME for each."""
    from cli.consent import consent
    from cli.progress_view import previewing, progress_view
    from cli.session import session
    from cli.terminal import answer, console
    from cygni.plan.document import plan_document
    from cygni.plan.wording import counted, subject
    from stacks.data_loss import permit_data_loss
    from stacks.destroying import destroy as destroy_stacks
    from stacks.destroying import plan_destroy

    people = console()
    allowed = allow_destroy or ()
    with session(app, env, lock_wait=lock_wait, doing="cx destroy", timeout=timeout) as opened:
        with previewing(people) as progress:
            planned = plan_destroy(opened.runner, opened.environment, progress, usage=opened.usage)
        if planned.stacks:
            question = f"Delete all of {subject(planned.plan)}?"
            consent(people, planned.plan, question, yes=yes, as_json=as_json, allowed=allowed)
        planned = permit_data_loss(opened.runner, opened.environment, planned, allowed)
        with progress_view(people) as progress:
            deleted = destroy_stacks(opened.runner, opened.environment, planned, progress)
    if as_json:
        answer({"plan": plan_document(planned.plan), "deleted": deleted})
    elif not planned.stacks:
        people.print(f"Nothing to delete: {opened.spec.project} ({env}) is not deployed.")
    else:
        people.print(f"[green]Done:[/] {counted(deleted, 'resource')} deleted, nothing left in the state.")
