"""`cx restart`: new tasks of the release that runs."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import App, Debug, Env, Json, LockWait

Services = Annotated[
    list[str] | None, typer.Argument(metavar="[SERVICE]...", help="The services; all of them.")
]


def restart(
    services: Services = None,
    app: App = None,
    env: Env = "local",
    as_json: Json = False,
    lock_wait: LockWait = 0.0,
    debug: Debug = False,
) -> None:
    """Replace the tasks of services by new ones of the same release, without losing a request."""
    from cli.release_session import conclude, release_session, waiting
    from cli.release_view import release_view
    from cli.terminal import console

    people = console()
    opened = release_session(app, env)
    with release_view(people) as sink:
        releases = opened.releases(sink)
        ended = releases.restart(services or (), waiting(people, lock_wait))
    conclude(people, releases, ended, as_json=as_json, nothing="Nothing to do: no task runs.")
