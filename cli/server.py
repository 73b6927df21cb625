"""`cx server`: the control plane, for a team that deploys through one server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import Debug
from cli.server_accounts import operator, user
from cli.terminal import answer

if TYPE_CHECKING:
    from cygni.control_plane.process import ControlPlane

app = typer.Typer(
    name="server",
    help="The control plane: projects, people, secrets and deployments of a team, on a server of your own.",
    no_args_is_help=True,
)
EXAMPLES = (
    "cx server up",
    "cx server logs --follow",
    "cx server backup cygni.backup",
    "cx server user reset-password grace@example.com",
    "cx server down",
)

app.add_typer(operator)
app.add_typer(user)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Lines = Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines to show.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Show new lines as they come, until stopped.")]
Host = Annotated[
    str | None,
    typer.Option(
        "--host", envvar="CYGNI_SERVER_HOST", help="The address to listen on.", show_default="127.0.0.1"
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        envvar="CYGNI_SERVER_PORT",
        min=0,
        max=65535,
        help="The port to listen on; 0 takes a free one.",
        show_default="8420",
    ),
]
ToFile = Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")]
FromFile = Annotated[Path, typer.Argument(help="What `cx server backup` has written.")]


@app.command()
def up(host: Host = None, port: Port = None, as_json: Json = False, debug: Debug = False) -> None:
    """Start it, or say where it runs.

    It has a PostgreSQL of its own, unless CYGNI_DATABASE_URL names one. The first time it prints a token, with which
    you make the first account: cx login
    """
    from cygni.control_plane import process
    from cygni.settings import Settings

    found = process.start(Settings.from_environment(), os.environ, host=host, port=port)
    _show(found, as_json=as_json)


@app.command()
def run(host: Host = None, port: Port = None, debug: Debug = False) -> None:
    """Serve in the foreground, until told to end.

    For containers and services of the system.
    """
    from cygni.control_plane import process
    from cygni.settings import Settings

    settings = Settings.from_environment()
    command = process.foreground_command(settings)
    os.execve(command[0], command, process.environment(os.environ, host, port))  # noqa: S606  # signals reach it


@app.command()
def status(as_json: Json = False, debug: Debug = False) -> None:
    """Show whether it runs, and where."""
    from cygni.control_plane import process
    from cygni.settings import Settings

    found = process.status(Settings.from_environment())
    if found is not None:
        _show(found, as_json=as_json)
    elif as_json:
        answer({"running": False})
    else:
        _tell("The control plane is not running: start it with `cx server up`.")


@app.command()
def logs(lines: Lines = 100, follow: Follow = False, debug: Debug = False) -> None:
    """Show what it has written to its log."""
    from cygni.control_plane import process
    from cygni.settings import Settings

    settings = Settings.from_environment()
    following = process.follow_log(settings) if follow else iter(())
    for line in process.log(settings, lines):
        typer.echo(line)
    for line in following:
        typer.echo(line)


@app.command()
def down(as_json: Json = False, debug: Debug = False) -> None:
    """End it. Nothing that it keeps is lost: `cx server up` goes on with it."""
    from cygni.control_plane import process
    from cygni.settings import Settings

    ended = process.stop(Settings.from_environment())
    if as_json:
        answer({"running": False, "ended": ended})
    else:
        _tell("The control plane has ended." if ended else "The control plane was not running.")


@app.command()
def backup(file: ToFile, as_json: Json = False, debug: Debug = False) -> None:
    """Write all that it keeps into a file, while it serves.

    The server's key is not in it: keep that elsewhere, for without it nobody can read the secrets.
    """
    from cygni.control_plane import backups
    from cygni.settings import Settings

    found = backups.back_up(Settings.from_environment(), os.environ, file)
    if as_json:
        answer({**found, "file": str(file)})
    else:
        _tell(
            f"Backed up to {file}. The key with the fingerprint {found['key']} belongs to it: keep it elsewhere."
        )


@app.command()
def restore(file: FromFile, as_json: Json = False, debug: Debug = False) -> None:
    """Fill a new one with a backup, before it is started.

    It needs the key of the one that was backed up: copy it into the server's folder first, or set
    CYGNI_SERVER_KEY_FILE.
    """
    from cygni.control_plane import backups
    from cygni.settings import Settings

    found = backups.restore(Settings.from_environment(), os.environ, file)
    if as_json:
        answer({**found, "file": str(file)})
    else:
        _tell(f"Restored what was there at {found['created_at']}. Start it with: cx server up")


@app.command("rotate-key")
def rotate_key(as_json: Json = False, debug: Debug = False) -> None:
    """Encrypt the keys of all secrets with a new key, while it serves.

    It may be interrupted at any point: every secret opens meanwhile, and run again it goes on. Where
    CYGNI_SERVER_KMS_KEY was set or changed since, this moves all secrets to that key.
    """
    from cygni.control_plane import keys
    from cygni.settings import Settings

    found = keys.rotate(Settings.from_environment(), os.environ)
    if as_json:
        answer(found)
    else:
        done = "Finished the rotation that was interrupted" if found["resumed"] else "Rotated"
        _tell(f"{done}: {found['rewrapped']} keys are encrypted anew, by a key that {found['root']} wraps.")


def _show(found: ControlPlane, *, as_json: bool) -> None:
    if as_json:
        answer(_document(found))
        return
    state = "" if found.ready else ", but is not ready to serve: its database does not answer (see the log)"
    _tell(f"The control plane runs: {found.url} (process {found.pid}){state}")
    _tell(f"  log  {found.log_file}")
    if found.setup_token is not None:
        _tell(f"Nobody has set it up yet. On this machine: cx login {found.url}")
        _tell(f"From elsewhere, the setup token is asked for: {found.setup_token}")


def _document(found: ControlPlane) -> dict[str, Any]:
    """Without the setup token: answers of programs end up in logs."""
    return {
        "running": True,
        "url": found.url,
        "pid": found.pid,
        "ready": found.ready,
        "set_up": found.setup_token is None,
        "log_file": str(found.log_file),
    }


def _tell(text: str) -> None:
    typer.echo(text, err=True)
