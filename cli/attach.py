"""`cx attach`: what a deploy tells that goes on elsewhere."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.event_view import showing
from cli.options import App, Debug, Env, Here, JsonLines, ProjectThere
from cygni.errors import Cancelled, DeployKilled, NotFound, UsageError, rebuilt

EXAMPLES = (
    "cx attach",
    "cx attach -e production --json",
    "cx attach -e production --yes",
    "cx attach --project shop -e production",
)
Identifier = Annotated[
    str | None,
    typer.Argument(metavar="DEPLOYMENT", help="One of a control plane.", show_default="the last one"),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Let the plan be applied that waits for an approval.")]
Interrupt = Annotated[
    bool, typer.Option("--interrupt", help="Let Ctrl-C stop the deploy, as it would in its own terminal.")
]


def attach(
    deployment: Identifier = None,
    app: App = None,
    project: ProjectThere = None,
    env: Env = "local",
    interrupt: Interrupt = False,
    yes: Yes = False,
    as_json: JsonLines = False,
    here: Here = False,
    debug: Debug = False,
) -> int:
    """Show what the last deploy or release of this machine tells, from its beginning, and end as it does. Ctrl-C ends
    only this. Of a control plane that has the environment it is the last one there, or the DEPLOYMENT that is given;
    where that waits for an approval, it asks."""
    from cli.place import elsewhere

    if (there := elsewhere(app, env, here=here, project=project)) is not None:
        from cli.connected_release import attach_there

        return attach_there(there, deployment, yes=yes, cancels=interrupt, as_json=as_json)
    if deployment is not None or yes:
        raise UsageError(
            "deployments of this machine are not named, nor approved", hint="See: cx attach --help"
        )
    from cli.event_file import lives, read

    folder = _newest(app, env)
    ended: dict[str, Any] = {}
    with showing(as_json=as_json) as show:
        try:
            for event in read(folder):
                if event["event"] == "started" and interrupt and lives(folder):
                    _pass_on(int(event["pid"]), folder)
                ended = event if event["event"] == "ended" else {}
                show(event)
        except KeyboardInterrupt:
            raise Cancelled(
                "this command stops, and the deploy goes on",
                hint="cx attach shows it again, cx abort sends its release back.",
                details={"interrupted": True},
            ) from None
    if not ended:
        raise DeployKilled(
            "the deploy was killed",
            hint=f"cx deploy -e {env} goes on with what it has begun, cx status -e {env} tells what runs.",
        )
    if ended["error"] is not None:
        raise rebuilt(ended["error"])
    return int(ended["exit_code"])


def _newest(app: Path | None, env: str) -> Path:
    """The newest event file. Raises NotFound."""
    from cli.event_file import folders
    from cli.session import load_project
    from cygni.settings import Settings
    from stacks.target import environment_folder

    project = load_project(app, env).project
    found = folders(environment_folder(Settings.from_environment(), project, env))
    if not found:
        raise NotFound(
            f"no deploy of {project} ({env}) was made on this machine",
            hint="cx status tells what is under way on another.",
        )
    return found[0]


def _pass_on(pid: int, folder: Path) -> None:
    """From now on Ctrl-C is for the process that writes the file, while it lives."""
    from cli.event_file import lives

    def interrupted(number: int, frame: object) -> None:
        if not lives(folder):
            raise KeyboardInterrupt
        os.kill(pid, signal.SIGTERM)

    signal.signal(signal.SIGINT, interrupted)
