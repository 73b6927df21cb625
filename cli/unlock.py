"""`cx unlock`: who holds the locks of an environment, and away with those whose holder is dead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.options import App, Debug, Env, Json, Yes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from stacks.lock import Holder
    from stacks.unlocking import FoundLock

EXAMPLES = (
    "cx unlock",
    "cx unlock -e production",
)

Force = Annotated[
    list[str] | None,
    typer.Option(
        "--force",
        metavar="STACK",
        help="Remove the lock on this stack too, though its holder may live; asks first. Repeatable.",
    ),
]


def unlock(
    app: App = None,
    env: Env = "local",
    force: Force = None,
    yes: Yes = False,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Show who holds the locks of an environment, and remove those whose holder is dead.

    Exits with 13 while a lock is left.
    """
    from cli.session import load_project, state_look
    from cli.terminal import answer, confirm, console
    from cygni.naming import Part, stack_name
    from cygni.settings import Settings
    from stacks import unlocking
    from stacks.lock import environment_holder, environment_lock
    from stacks.started_engines import witness
    from stacks.target import place_of_state

    spec = load_project(app, env)
    settings = Settings.from_environment()
    unlocking.refuse_service(settings)
    people = console()
    holder = environment_holder(settings, spec.project, env)
    stacks = [stack_name(spec.project, env, part) for part in Part]
    knows = witness(settings.data_dir, place_of_state(settings).folder)
    found = unlocking.found_locks(state_look(settings, spec), stacks, knows)
    removed: Sequence[FoundLock] = []
    if not as_json:
        _show(people, spec.project, env, holder, found)
    chosen = unlocking.to_remove(found, force or ())
    if holder is None and chosen:
        if living := [one.stack for one in chosen if not one.is_dead]:
            what = "Two engines at work on one stack lose track of resources. Remove the lock on"
            confirm(f"{what} {', '.join(living)} all the same?", yes=yes)
        # Held meanwhile, so that no deploy begins that would take what is removed for its own.
        with environment_lock(settings, spec.project, env, wait=0, doing="cx unlock"):
            unlocking.remove(settings, env, spec.region, chosen)
        removed = chosen
    left = len(found) - len(removed)
    if as_json:
        locks = [one.to_dict(removed=one in removed) for one in found]
        answer({"environment": _holder_document(holder), "locks": locks, "left": left})
    elif removed:
        _report(people, removed)
    return ExitCode.LOCK_HELD if left or holder is not None else ExitCode.OK


def _show(people: Console, project: str, env: str, holder: Holder | None, found: Sequence[FoundLock]) -> None:
    from stacks.unlocking import holder_lives

    if holder is None and not found:
        people.print(f"Nothing is locked: nobody works on {project} ({env}).")
    if holder is not None:
        lives = _LIFE[holder_lives(holder)]
        people.print(f"{project} ({env})  held by {holder}: {lives}", markup=False, soft_wrap=True)
        people.print("  This lock ends with its process; nothing is removed before.", style="dim")
    for one in found:
        user = f"{one.lock.user}, " if one.lock.user else ""
        who = f"{user}{one.lock.holder}" if one.lock.pid else "an engine that was killed while it began"
        age = f", {_span(one.age)} ago" if one.lock.since else ""
        people.print(f"{one.stack}  held by {who}{age}: {_LIFE[one.alive]}", markup=False, soft_wrap=True)
        if one.alive is None:
            people.print(
                f"  Only the machine that began it can tell. If that is gone: cx unlock -e {env} --force {one.stack}",
                markup=False,
                soft_wrap=True,
                style="dim",
            )


_LIFE = {True: "it lives", False: "it is dead", None: "nobody here can tell whether it lives"}


def _report(people: Console, removed: Sequence[FoundLock]) -> None:
    from cygni.plan.wording import counted

    pending = sum({one.stack: one.pending for one in removed}.values())
    people.print(f"[green]Done:[/] {counted(len(removed), 'lock')} removed.")
    if pending:
        people.print(
            f"{counted(pending, 'operation')} had been in flight: the next cx deploy looks them up in the cloud."
        )


def _holder_document(holder: Holder | None) -> dict[str, object] | None:
    from stacks.unlocking import holder_lives

    if holder is None:
        return None
    return {
        "doing": holder.doing,
        "pid": holder.pid or None,
        "host": holder.host or None,
        "since": holder.since or None,
        "alive": holder_lives(holder),
    }


def _span(seconds: float) -> str:
    """An age in its largest whole unit."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
