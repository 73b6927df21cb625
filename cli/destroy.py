"""`cx destroy`: delete everything of an environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cli.options import (
    AllowDestroy,
    App,
    Currency,
    Debug,
    Env,
    ExpectPlan,
    Here,
    Json,
    LockWait,
    Timeout,
    Yes,
)
from cygni.errors import AuthError, CygniError, NotFound

if TYPE_CHECKING:
    from rich.console import Console

    from cli.session import Session
    from cygni.plan.model import Plan
    from stacks.leftovers import Remains
    from stacks.tagged import Tagged

EXAMPLES = (
    "cx destroy",
    "cx destroy -e staging --allow-destroy main",
)


def destroy(
    app: App = None,
    env: Env = "local",
    yes: Yes = False,
    as_json: Json = False,
    allow_destroy: AllowDestroy = None,
    currency: Currency = None,
    lock_wait: LockWait = 0.0,
    timeout: Timeout = 3600.0,
    expect_plan: ExpectPlan = "",
    here: Here = False,
    debug: Debug = False,
) -> None:
    """Show what would be deleted, ask, and delete it: all that is in the state, and what carries the tags of this
    environment without being in one. Losing data needs --allow-destroy NAME for each.
    Where you are signed in to a control plane that has the environment, it does that."""
    from cli.place import elsewhere

    if (there := elsewhere(app, env, here=here)) is not None:
        from cli.connected_deploy import timed
        from cli.connected_operations import destroy_there
        from cli.connected_plan import shown_there
        from cli.session import load_project

        shown = shown_there(currency, load_project(app, env))
        told = {"allow_destroy": list(allow_destroy or ()), **timed(timeout)}
        destroy_there(there, told, yes=yes, as_json=as_json, expected=expect_plan, shown=shown)
        return
    from cli.consent import consent, hold_to
    from cli.cooling import call_off
    from cli.cost_limits import Holding
    from cli.currency import shown_in
    from cli.progress_view import previewing, progress_view
    from cli.session import session
    from cli.terminal import console
    from cygni.cost_limits import CostLimits
    from cygni.plan.wording import subject
    from cygni.targets.fargate.clients import Clients
    from stacks import leftovers
    from stacks.data_loss import permit_data_loss
    from stacks.destroying import destroy as destroy_stacks
    from stacks.destroying import plan_destroy
    from stacks.revisions import forget_revisions

    people = console()
    allowed = allow_destroy or ()
    doing = session(app, env, lock_wait=lock_wait, doing="cx destroy", timeout=timeout)
    with _deployed_or_credentials(doing, app, env) as opened:
        held = Holding(CostLimits(), None, shown_in(currency, opened.spec))
        with previewing(people) as progress:
            planned = plan_destroy(opened.runner, opened.environment, progress, usage=opened.usage)
            found = leftovers.find_leftovers(opened.environment, _unknown(opened))
        plan = leftovers.with_leftovers(planned.plan, found, opened.usage)
        hold_to(plan, expect_plan)
        if plan.stacks:
            question = f"Delete all of {subject(plan)}?"
            consent(people, plan, question, yes=yes, as_json=as_json, allowed=allowed, holding=held)
        planned = permit_data_loss(opened.runner, opened.environment, planned, allowed)
        with progress_view(people) as progress:
            deleted = destroy_stacks(opened.runner, opened.environment, planned, progress)
            forget_revisions(_tagged(opened), Clients(opened.environment.engine.environment))
            if (store := opened.releases) is not None:
                store.forget()
                call_off(opened.environment.records.folder)
            deleted += leftovers.sweep(opened.runner, opened.environment, found, allowed, progress)
        remaining = _remaining(opened)
    remaining = remaining.shown_in(held.exchange)
    _report(people, held.shown(plan), deleted, remaining, as_json=as_json)


@contextmanager
def _deployed_or_credentials(
    doing: AbstractContextManager[Session], app: Path | None, env: str
) -> Iterator[Session]:
    """Enters `doing`. Nobody has to find credentials for an environment that is not deployed: raises NotFound then,
    instead of AuthError."""
    from cli.session import deployed

    with ExitStack() as held:
        try:
            opened = held.enter_context(doing)
        except AuthError as error:
            try:
                deployed(app, env)
            except NotFound as nothing:
                hint = "With credentials, what carries its tags all the same is looked for, and deleted."
                raise NotFound(nothing.message, hint=hint) from error
            except CygniError:  # the state cannot be asked either
                raise error from None
            raise
        yield opened


def _unknown(opened: Session) -> list[Tagged]:
    """What carries the tags of the environment and is in no state of it."""
    from cygni.naming import Part, stack_name
    from stacks.leftovers import unknown_to
    from stacks.revisions import is_revision
    from stacks.state import look

    environment = opened.environment
    names = [stack_name(environment.project, environment.name, part) for part in Part]
    states = [look(opened.runner, environment.engine, name) for name in names]
    tagged = [one for one in _tagged(opened) if not is_revision(one)]  # those are forgotten in the end
    return unknown_to(states, tagged)


def _tagged(opened: Session) -> list[Tagged]:
    from cygni.settings import Settings
    from stacks import tagged

    return tagged.tagged_in(Settings.from_environment(), opened.environment)


def _remaining(opened: Session) -> Remains:
    from stacks.leftovers import find_leftovers, remains

    there = _tagged(opened)
    return remains(there, find_leftovers(opened.environment, there), opened.usage)


def _report(people: Console, plan: Plan, deleted: int, remaining: Remains, *, as_json: bool) -> None:
    from cli.terminal import answer, for_people
    from cygni.plan.document import plan_document
    from cygni.plan.wording import counted
    from cygni.pricing.wording import total_text
    from stacks.leftovers import kept_snapshots

    kept = kept_snapshots(plan)
    if as_json:
        counts = (
            {"deleted": 0, "forgotten": deleted} if plan.emptied else {"deleted": deleted, "forgotten": 0}
        )
        document = {"plan": plan_document(plan), **counts, "kept_snapshots": list(kept)}
        answer({**document, "remaining": remaining.to_dict()})
    if not for_people(as_json=as_json):
        return
    if not plan.stacks:
        people.print(f"Nothing to delete: {plan.project} ({plan.environment}) is not deployed.")
    else:
        done = "forgotten" if plan.emptied else "deleted"
        people.print(f"[green]Done:[/] {counted(deleted, 'resource')} {done}, nothing left in the state.")
    for snapshot in kept:
        people.print(f"Kept: the last snapshot {snapshot}, billed by what it holds until you delete it.")
    if remaining.things:
        cost = total_text(
            remaining.monthly,
            remaining.unknown,
            at_most=remaining.monthly_at_most,
            currency=remaining.currency,
        )
        people.print(f"Still in the cloud, for {cost} a month:")
        for thing in remaining.things:
            people.print(f"  {thing}", markup=False, soft_wrap=True)
