"""`cx exec`: a command in a task."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from cli import suggestions
from cli.options import App, Debug, Env
from cygni.errors import NotFound

if TYPE_CHECKING:
    from cli.release_session import ReleaseSession
    from cygni.naming import Colour
    from cygni.targets.fargate.entering import Entered

EXAMPLES = (
    "cx exec web",
    "cx exec web -- env",
    "cx exec mailer --task 1f3a -e staging -- python manage.py shell",
)
Name = Annotated[
    str,
    typer.Argument(
        metavar="SERVICE",
        help="A service that keeps running, with `exec: true`.",
        autocompletion=suggestions.standing_services,
    ),
]
Words = Annotated[
    list[str] | None,
    typer.Argument(metavar="COMMAND", help="After --, with its arguments.", show_default="/bin/sh"),
]
Task = Annotated[
    str,
    typer.Option("--task", metavar="ID", help="The task, by the beginning of its id.", show_default="newest"),
]
_SHELL = ("/bin/sh",)


def command(
    service: Name,
    words: Words = None,
    app: App = None,
    env: Env = "local",
    task: Task = "",
    debug: Debug = False,
) -> int:
    """Run a command in a running task of a service, with its variables and in its folder. Ends with the command's exit
    code; through AWS, which does not tell it, with that of the session."""
    from cli.release_session import release_session
    from cygni.targets.fargate.clients import Clients
    from cygni.targets.fargate.entering import plugin, start_session, task_to_enter
    from stacks.target import LOCAL, target_of

    opened, wanted = release_session(app, env), tuple(words or _SHELL)
    clients, running = Clients(opened.variables), opened.running.service(service)
    local = target_of(env) == LOCAL
    path = "" if local else plugin()
    entered = task_to_enter(clients, running, _active(opened, service), task)
    if local:
        return _in_local_task(opened, entered, wanted)
    return _attached(start_session(clients, entered, wanted, path))


def _active(opened: ReleaseSession, service: str) -> Colour:
    from cygni.naming import Colour

    known = opened.store.live().services.get(service)
    return known.active if known is not None else Colour.BLUE


def _in_local_task(opened: ReleaseSession, entered: Entered, words: Sequence[str]) -> int:
    from cygni.local_cloud.process import local_cloud_folder
    from cygni.local_cloud.task_runner.entering import inside

    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    found = inside(local_cloud_folder(opened.settings), entered.id, words, terminal=terminal)
    if found is None:
        raise NotFound(f"the task {entered.id[:8]} has just ended", hint="Run the command again.")
    if found.variables is None:
        return _attached(found.words)
    variables = {**found.variables, **{name: os.environ[name] for name in ("TERM",) if name in os.environ}}
    return _attached(found.words, str(found.folder), variables)


def _attached(
    words: Sequence[str], folder: str | None = None, variables: Mapping[str, str] | None = None
) -> int:
    """Runs a program with this one's terminal, and returns its exit code: as shells have it for one that a signal
    ended. Ctrl-C is for the program alone. Raises NotFound where there is none."""
    try:
        process = subprocess.Popen(list(words), cwd=folder, env=variables)
    except (FileNotFoundError, PermissionError) as error:
        raise NotFound(
            f"{words[0]} cannot be run there: {error.strerror}", hint="Is it in the image?"
        ) from None
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = process.wait()
    except BaseException:  # the signal to end
        process.terminate()
        process.wait()
        raise
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code
