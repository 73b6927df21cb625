"""`cx rollback`: an earlier release, live again."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import App, Debug, Env, Here, Json, LockWait

EXAMPLES = ("cx rollback", "cx rollback 41 -e production")
Number = Annotated[
    int | None, typer.Argument(metavar="RELEASE", min=1, help="The release to go back to; the one before.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="As of cx deploy: this asks nothing anyway.")]


def rollback(
    release: Number = None,
    app: App = None,
    env: Env = "local",
    as_json: Json = False,
    lock_wait: LockWait = 0.0,
    here: Here = False,
    yes: Yes = False,
    debug: Debug = False,
) -> None:
    """Bring an earlier release back: at once where it is still warm. A release under way is told to go back."""
    from cli.place import elsewhere

    if (there := elsewhere(app, env, here=here)) is not None:
        from cli.connected_release import roll_back_there

        roll_back_there(there, release, as_json=as_json)
        return
    from cli.release_session import carry_out

    carry_out(
        app,
        env,
        lambda releases, waiting: releases.rollback(release, waiting),
        doing="rollback",
        lock_wait=lock_wait,
        as_json=as_json,
        nothing="Nothing to do: that release is live.",
        goes_back=True,
    )
