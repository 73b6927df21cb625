"""`cx promote`: let a release go on."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import App, Debug, Env, Here, Json

EXAMPLES = ("cx promote", "cx promote --full -e production")
Full = Annotated[bool, typer.Option("--full", help="All traffic, without the steps that are left.")]


def promote(
    full: Full = False,
    app: App = None,
    env: Env = "local",
    as_json: Json = False,
    here: Here = False,
    debug: Debug = False,
) -> None:
    """Let the release that waits go on to its next step, or with --full to all traffic at once."""
    from cli.steering import steer
    from cygni.releases.release import Wish

    wish = Wish.PROMOTE_FULL if full else Wish.PROMOTE
    steer(app, env, wish, as_json=as_json, here=here, told="The release goes on.")
