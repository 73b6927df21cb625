"""`cx token`: API keys, for pipelines and programs."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.connected import Organization, connected, show_items, tell
from cli.options import Debug, Json
from cli.terminal import answer

if TYPE_CHECKING:
    from cygni.control_plane.connection import Connection

app = typer.Typer(
    name="token", help="API keys, with which pipelines and programs sign in.", no_args_is_help=True
)

_OF_A_PIPELINE = (
    "--scope project:read --scope environment:read --scope deployment:read --scope deployment:create"
)
EXAMPLES = (f"cx token create ci {_OF_A_PIPELINE} --days 90", "cx token list")

Name = Annotated[str, typer.Argument(help="What it is for.")]
Scopes = Annotated[
    list[str],
    typer.Option(
        "--scope",
        help="What it may, such as deployment:create; can be given again. `cx role list` shows what there is. "
        "A pipeline that deploys takes project:read, environment:read, deployment:read and deployment:create.",
    ),
]
Project = Annotated[str | None, typer.Option("--project", help="Keeps it to one project.")]
Days = Annotated[int | None, typer.Option("--days", min=1, max=3650, help="How long it is valid.")]
Identity = Annotated[str, typer.Argument(help="The key's id or public part, as `cx token list` shows them.")]


@app.command("list")
def list_(org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Those of the organization; the keys themselves are never shown again. It says whose each is where there are
    others than yours."""
    connection = connected(org)
    found = connection.api.get("/v1/organizations", connection.the_organization(), "api-keys")["items"]
    columns = {"Key": "public_id", "Ends in": "last4", "Name": "name", "May": "scopes", "Until": "expires_at"}
    columns |= {"Last used": "last_used_at", "Revoked": "revoked_at"}
    if not as_json and {one["created_by"] for one in found} - {_me(connection)}:
        columns["Of"] = "created_by_email"
    show_items(found, columns, as_json=as_json, none="There is no API key.")


def _me(connection: Connection) -> str | None:
    """The id of who asks; None for an API key."""
    from cygni.errors import PermissionDenied

    with suppress(PermissionDenied):
        return str(connection.api.get("/v1/user")["id"])
    return None


@app.command()
def create(
    name: Name,
    scope: Scopes,
    project: Project = None,
    days: Days = None,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Make one. It is printed on stdout, this once."""
    connection = connected(org)
    wanted: dict[str, Any] = {"name": name, "scopes": scope}
    if project is not None:
        wanted["project"] = project
    if days is not None:
        wanted["expires_at"] = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    made = connection.api.post("/v1/organizations", connection.the_organization(), "api-keys", body=wanted)
    if as_json:
        answer(made)
    else:
        tell("Made it. It is shown this once:")
        typer.echo(made["key"])


@app.command()
def revoke(key: Identity, org: Organization = None, debug: Debug = False) -> None:
    """End one, at once."""
    from cygni.errors import NotFound

    connection = connected(org)
    path = ("/v1/organizations", connection.the_organization(), "api-keys")
    for one in connection.api.get(*path)["items"]:
        if key in (one["id"], one["public_id"]):
            connection.api.delete(*path, one["id"])
            tell(f"{one['name']} is revoked.")
            return
    raise NotFound(f"there is no API key {key!r}", hint="See which there are with: cx token list")
