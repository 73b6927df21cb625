"""`cx scale`: other numbers of tasks, until the next deploy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import suggestions
from cli.options import App, Debug, Env, Here, Json, LockWait
from cygni.errors import UsageError

if TYPE_CHECKING:
    from cygni.releases.operations import Releases, Waiting
    from cygni.releases.release import Deployment
    from stacks.status import Deployed

EXAMPLES = ("cx scale web=4", "cx scale web=4 mailer=0 -e staging")
Counts = Annotated[
    list[str],
    typer.Argument(
        metavar="SERVICE=COUNT", help="Such as web=4.", autocompletion=suggestions.counted_services
    ),
]
_MOST = 5000


def scale(
    counts: Counts,
    app: App = None,
    env: Env = "local",
    as_json: Json = False,
    lock_wait: LockWait = 0.0,
    here: Here = False,
    debug: Debug = False,
) -> None:
    """Run another number of tasks of a service, until the next deploy says what cygni.yaml says. Tells what that costs,
    and asks nothing."""
    from cli.place import elsewhere

    wanted = counts_of(counts)
    if (there := elsewhere(app, env, here=here)) is not None:
        from cli.connected_operations import operate_there

        operate_there(there, "scale", {"counts": wanted}, as_json=as_json)
        return
    _scale_here(app, env, wanted, as_json=as_json, lock_wait=lock_wait)


def _scale_here(
    app: Path | None, env: str, wanted: Mapping[str, int], *, as_json: bool, lock_wait: float
) -> None:
    from cli.release_session import carry_out
    from cli.session import deployed

    there = deployed(app, env)

    def scaled(releases: Releases, waiting: Waiting) -> Deployment | None:
        _tell(there, releases, wanted)
        return releases.scale(wanted, waiting)

    carry_out(
        app,
        env,
        scaled,
        doing="scale",
        lock_wait=lock_wait,
        as_json=as_json,
        nothing="Nothing to do: as many run.",
    )


def _tell(there: Deployed, releases: Releases, wanted: Mapping[str, int]) -> None:
    """What is to change, in one line, and who would answer nobody any more."""
    from cli.currency import shown_in
    from cli.terminal import console
    from cygni.pricing.conversion import diff_in
    from cygni.pricing.wording import delta_text
    from stacks.scaled_cost import scaled_cost

    live = releases.world.store.live().services
    runs = {name: live[name].colours[live[name].active].count for name in wanted if name in live}
    if not runs or wanted.keys() - releases.settings.keys():
        return  # the operation says what is wrong
    people = console()
    changes = ", ".join(f"{name} {count} → {wanted[name]}" for name, count in sorted(runs.items()))
    cost = delta_text(
        diff_in(scaled_cost(there, runs, {name: wanted[name] for name in runs}), shown_in(None, there.spec))
    )
    people.print(
        f"Tasks: {changes}. Cost {cost} a month, until the next deploy.", markup=False, soft_wrap=True
    )
    for name in sorted(runs):
        if not wanted[name] and releases.settings[name].takes_traffic:
            people.print(f"[yellow]warning:[/] without a task, {name} answers every request with 503")


def counts_of(given: Sequence[str]) -> dict[str, int]:
    """`web=4` as a service and its number of tasks (0 to 5000, as ECS allows). Raises UsageError."""
    found = {}
    for one in given:
        service, _, count = one.partition("=")
        if not service or not (count.isascii() and count.isdigit()) or int(count) > _MOST:
            raise UsageError(
                f"{one!r} says no number of tasks", hint=f"Write SERVICE=COUNT, such as web=4; up to {_MOST}."
            )
        found[service] = int(count)
    return found
