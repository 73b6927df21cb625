"""`cx abort`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.options import App, Debug, Env, Here, Json, ProjectThere
from cygni.errors import UsageError

EXAMPLES = ("cx abort", "cx abort -e production")
Identifier = Annotated[
    str | None,
    typer.Argument(metavar="DEPLOYMENT", help="One of a control plane.", show_default="the one under way"),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask about somebody else's deployment.")]


def abort(
    deployment: Identifier = None,
    app: App = None,
    project: ProjectThere = None,
    env: Env = "local",
    yes: Yes = False,
    as_json: Json = False,
    here: Here = False,
    debug: Debug = False,
) -> None:
    """Bring back what ran before the release that is under way. At a control plane a deployment that has not come so
    far is cancelled; a terminal asks first where somebody else asked for it."""
    from cli.place import elsewhere

    if (there := elsewhere(app, env, here=here, project=project)) is not None:
        from cli.connected_release import abort_there

        abort_there(there, deployment, yes=yes, as_json=as_json)
        return
    if deployment is not None:
        raise UsageError("deployments have such names at a control plane alone", hint="Leave it out.")
    from cli.steering import steer
    from cygni.releases.release import Wish

    steer(app, env, Wish.ABORT, as_json=as_json, here=True, told="The release goes back.")
