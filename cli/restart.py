"""`cx restart`: new tasks of the release that runs."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import suggestions
from cli.options import App, Debug, Env, Here, Json, LockWait

EXAMPLES = ("cx restart", "cx restart web -e staging")
Services = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SERVICE", help="The services; all of them.", autocompletion=suggestions.standing_services
    ),
]


def restart(
    services: Services = None,
    app: App = None,
    env: Env = "local",
    as_json: Json = False,
    lock_wait: LockWait = 0.0,
    here: Here = False,
    debug: Debug = False,
) -> None:
    """Replace the tasks of services by new ones of the same release, without losing a request."""
    from cli.place import elsewhere

    if (there := elsewhere(app, env, here=here)) is not None:
        from cli.connected_operations import operate_there

        operate_there(there, "restart", {"services": services or []}, as_json=as_json)
        return
    from cli.release_session import carry_out

    carry_out(
        app,
        env,
        lambda releases, waiting: releases.restart(services or (), waiting),
        doing="restart",
        lock_wait=lock_wait,
        as_json=as_json,
        nothing="Nothing to do: no task runs.",
    )
