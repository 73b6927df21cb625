"""`cx secrets`: values that services are given and nobody else sees."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cli.connected import Organization, connected, show_items, tell
from cli.options import Debug, Env, Json
from cli.terminal import answer, ask_secret, interactive

if TYPE_CHECKING:
    from cygni.control_plane.connection import Connection

app = typer.Typer(
    name="secrets",
    help="Secrets of a project's environments, kept by the control plane.",
    no_args_is_help=True,
)
EXAMPLES = (
    "cx secrets set API_TOKEN --project shop --env production",
    "cx secrets set API_TOKEN --project shop --env production < token.txt",
    "cx secrets list --project shop --env production",
)

Project = Annotated[str, typer.Option("--project", "-p", envvar="CYGNI_PROJECT", help="The project.")]
Name = Annotated[str, typer.Argument(help="Its name, as of an environment variable.")]
AllowEmpty = Annotated[bool, typer.Option("--allow-empty", help="Take a value that is empty.")]


@app.command("list")
def list_(
    project: Project,
    env: Env = "production",
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Their names and versions; never a value."""
    connection = connected(org)
    found = connection.api.get(*_path(connection, project, env))["items"]
    columns = {"Secret": "name", "Version": "version", "Since": "updated_at"}
    show_items(found, columns, as_json=as_json, none=f"{env} of {project} has no secrets.")


@app.command("set")
def set_(
    name: Name,
    project: Project,
    env: Env = "production",
    allow_empty: AllowEmpty = False,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Write one: asked for at a terminal, else all of stdin.

    What runs gets it with its next release. Never an argument: those are seen by everybody on the machine.
    """
    from cygni.errors import UsageError

    connection = connected(org)
    value = _of_person(name) if interactive() else _of_stdin()
    if not value and not allow_empty:
        raise UsageError(
            f"the value of {name} is empty",
            hint="Pipe it in (cx secrets set NAME < FILE), or type it at a terminal. "
            "One that is to be empty takes --allow-empty.",
        )
    written = connection.api.put(*_path(connection, project, env), name, body={"value": value})
    if as_json:
        answer(written)
    else:
        tell(f"{name} of {env} has version {written['version']}.")


@app.command()
def get(
    name: Name, project: Project, env: Env = "production", org: Organization = None, debug: Debug = False
) -> None:
    """Print the value of one on stdout, for those who may; it is noted in the audit log."""
    connection = connected(org)
    typer.echo(connection.api.get(*_path(connection, project, env), name, "value")["value"])


@app.command()
def delete(
    name: Name, project: Project, env: Env = "production", org: Organization = None, debug: Debug = False
) -> None:
    """Delete one, with all its versions."""
    connection = connected(org)
    connection.api.delete(*_path(connection, project, env), name)
    tell(f"{name} of {env} is gone.")


def _of_person(name: str) -> str:
    """Raises UsageError, and as `ask_secret` does."""
    from cygni.control_plane.secret_text import secret_text

    return secret_text(ask_secret(f"Value of {name}").encode("utf-8", "surrogateescape"))


def _of_stdin() -> str:
    """All of it but a newline at its end. Raises UsageError."""
    from cygni.control_plane.secret_text import LONGEST, secret_text

    given = sys.stdin.buffer.read(LONGEST + 2) if sys.stdin is not None else b""
    return secret_text(given.removesuffix(b"\n"))


def _path(connection: Connection, project: str, env: str) -> tuple[str, ...]:
    organization = connection.the_organization()
    return ("/v1/organizations", organization, "projects", project, "environments", env, "secrets")
