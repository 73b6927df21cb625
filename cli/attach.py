"""`cx attach`: what a deploy tells that goes on elsewhere."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import App, Debug, Env, JsonLines
from cygni.errors import Cancelled, DeployKilled, NotFound, rebuilt

if TYPE_CHECKING:
    from collections.abc import Callable

    from cygni.releases.events import Sink

EXAMPLES = ("cx attach", "cx attach -e production --json", "cx attach --interrupt")
Interrupt = Annotated[
    bool, typer.Option("--interrupt", help="Let Ctrl-C stop the deploy, as it would in its own terminal.")
]


def attach(
    app: App = None,
    env: Env = "local",
    interrupt: Interrupt = False,
    as_json: JsonLines = False,
    debug: Debug = False,
) -> int:
    """Show what the last deploy or release of this machine tells, from its beginning, and end as it does. Ctrl-C ends
    only this."""
    from cli.event_file import lives, read

    folder = _newest(app, env)
    ended: dict[str, Any] = {}
    with _showing(as_json=as_json) as show:
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


@contextmanager
def _showing(*, as_json: bool) -> Iterator[Callable[[dict[str, Any]], None]]:
    """What to show each event with: as it is, or as it was shown where it came from."""
    from cli.release_view import release_view
    from cli.terminal import console
    from cygni.releases.events import from_dict

    if as_json:
        yield _print
        return
    people = console()
    with ExitStack() as held:
        sinks: list[Sink] = []

        def show(event: dict[str, Any]) -> None:
            if event["event"] == "said":
                people.print(event["text"], markup=False, soft_wrap=True)
            elif event["event"] not in ("started", "ended"):
                if not sinks:
                    sinks.append(held.enter_context(release_view(people)))
                sinks[0](from_dict(event))

        yield show


def _print(event: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()
