"""`cx import`: takes over what exists already, instead of making it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import App, Debug, Env, Json, LockWait, Timeout, Yes

if TYPE_CHECKING:
    from rich.console import Console

    from stacks.importing import Adoption

EXAMPLES = ("cx import bucket uploads my-old-bucket -e production",)
Kind = Annotated[
    str,
    typer.Argument(
        metavar="TYPE",
        help="bucket, database, cache, queue, topic, service; or a resource type such as iam.Role.",
        show_default=False,
    ),
]
Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="Its name in cygni.yaml, its own name in the plan, or its URN.",
        show_default=False,
    ),
]
Id = Annotated[
    str, typer.Argument(metavar="ID", help="Its id in the cloud: a bucket's name, ...", show_default=False)
]


def command(
    kind: Kind,
    name: Name,
    id: Id,
    app: App = None,
    env: Env = "local",
    yes: Yes = False,
    as_json: Json = False,
    lock_wait: LockWait = 0.0,
    timeout: Timeout = 3600.0,
    debug: Debug = False,
) -> None:
    """Take a resource that exists already into the state, as cygni.yaml declares it. Changes nothing of it: shows what
    the next deploy would change, and asks."""
    from cli.progress_view import previewing
    from cli.session import session
    from cli.terminal import answer, confirm, console, interactive
    from cygni.settings import Settings
    from stacks.importing import Wanted, adopt, plan_import
    from stacks.state_reader import stacks_in_state

    people = console()
    with session(app, env, lock_wait=lock_wait, doing="cx import", timeout=timeout) as opened:
        stacks = stacks_in_state(Settings.from_environment(), opened.spec.region)
        with previewing(people) as progress:
            adoption = plan_import(
                opened.runner,
                opened.environment,
                opened.tagged_spec,
                progress,
                Wanted(kind, name, id),
                stacks,
            )
        if not as_json or (interactive() and not yes):
            _show(people, adoption)
        document = _document(adoption)
        question = f"Import it into the state of {opened.spec.project} ({env})?"
        confirm(question, yes=yes, details={"import": document} if as_json else None)
        adopt(opened.runner, opened.environment, adoption)
    if as_json:
        answer({"imported": document})
    else:
        people.print(
            f"[green]Done:[/] {adoption.name} is in the state. The next step: cx deploy -e {env}",
            soft_wrap=True,
        )


def _show(people: Console, adoption: Adoption) -> None:
    from cygni.plan.wording import counted, property_texts
    from cygni.resources import short_type

    people.print(
        f"{adoption.part}  {short_type(adoption.type)} {adoption.name}, in the cloud {adoption.id}",
        markup=False,
        soft_wrap=True,
    )
    if adoption.step is None:
        people.print("  It is as cygni.yaml says: the next deploy would change nothing of it.")
    else:
        people.print("  The next deploy would change of it:")
        for change in adoption.step.properties:
            for text in property_texts(change):
                people.print(f"    {text}", markup=False, overflow="ellipsis", no_wrap=True)
    if adoption.changes:
        people.print(
            f"  Besides, that deploy makes {counted(adoption.changes, 'change')} elsewhere: see cx diff."
        )


def _document(adoption: Adoption) -> dict[str, Any]:
    from cygni.plan.wording import readable

    changes = adoption.step.properties if adoption.step is not None else ()
    return {
        "stack": adoption.part.value,
        "urn": adoption.urn,
        "type": adoption.type,
        "name": adoption.name,
        "id": adoption.id,
        "changes": [
            {"path": one.path, "before": readable(one.before), "after": readable(one.after)}
            for one in changes
        ],
        "other_changes": adoption.changes,
    }
