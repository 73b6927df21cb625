"""`cx domains`: names of a project's environments, that they are its organization's, and certificates for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.connected import Organization, connected, show_items, tell
from cli.options import Debug, Env, Json
from cli.terminal import answer
from cygni.errors import NotFound

if TYPE_CHECKING:
    from cygni.control_plane.connection import Connection

app = typer.Typer(
    name="domains",
    help="Names of a project's environments: proof that they are yours, and certificates of AWS for them.",
    no_args_is_help=True,
)

EXAMPLES = (
    "cx domains add shop.example.com --project shop --env production --region eu-central-1",
    "cx domains check shop.example.com --project shop",
)

Name = Annotated[str, typer.Argument(help="Such as shop.example.com.")]
Project = Annotated[str, typer.Option("--project", "-p", envvar="CYGNI_PROJECT", help="The project.")]
Region = Annotated[
    str | None,
    typer.Option(
        "--region",
        help="Where the certificate is to be, which is that of the load balancer.",
        show_default="that of the worker",
    ),
]


@app.command("list")
def list_(project: Project, org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Those of the project, and how far each is."""
    connection = connected(org)
    found = connection.api.get(*_path(connection, project))["items"]
    columns = {
        "Domain": "name",
        "Environment": "environment",
        "Status": "status",
        "Because": "reason",
        "Record": "leads",
    }
    if not as_json:
        found = [{**one, "leads": _leads(one)} for one in found]
    show_items(found, columns, as_json=as_json, none=f"{project} has no domains.")


@app.command()
def add(
    name: Name,
    project: Project,
    env: Env = "production",
    region: Region = None,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Add one to an environment, and show the record that proves that it is yours."""
    connection = connected(org)
    wanted = {"name": name, "environment": env, **({"region": region} if region else {})}
    _show(connection.api.post(*_path(connection, project), body=wanted), as_json=as_json)


@app.command()
def show(
    name: Name, project: Project, org: Organization = None, as_json: Json = False, debug: Debug = False
) -> None:
    """Show the records that it needs."""
    connection = connected(org)
    found = connection.api.get(*_path(connection, project, _id_of(connection, project, name)))
    _show(found, as_json=as_json)


@app.command()
def move(
    name: Name,
    project: Project,
    env: Env = "production",
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Let it belong to another environment of the project. The next deploys of both change what they serve."""
    connection = connected(org)
    path = _path(connection, project, _id_of(connection, project, name))
    _show(connection.api.patch(*path, body={"environment": env}), as_json=as_json)


@app.command()
def check(
    name: Name, project: Project, org: Organization = None, as_json: Json = False, debug: Debug = False
) -> None:
    """Show the records that it needs, and have it looked at now."""
    connection = connected(org)
    path = _path(connection, project, _id_of(connection, project, name))
    _show(connection.api.post(*path, "check"), as_json=as_json)


@app.command()
def remove(name: Name, project: Project, org: Organization = None, debug: Debug = False) -> None:
    """Remove one, and its certificate. One that a load balancer serves is gone after the next deployment."""
    connection = connected(org)
    left = connection.api.delete(*_path(connection, project, _id_of(connection, project, name)))
    if left is None:
        tell("It is gone.")
    elif left["served"]:
        tell(f"{name} is being removed: {left['reason']}. Deploy: cx deploy -e {left['environment']}")
    else:
        tell(f"{name} is being removed, and its certificate deleted from AWS.")


def _path(connection: Connection, project: str, *more: str) -> tuple[str, ...]:
    return ("/v1/organizations", connection.the_organization(), "projects", project, "domains", *more)


def _id_of(connection: Connection, project: str, name: str) -> str:
    found = connection.api.get(*_path(connection, project))["items"]
    for one in found:
        if one["name"] == name:
            return str(one["id"])
    raise NotFound(f"{project} has no domain {name}", hint="See those that it has: cx domains list")


def _show(domain: dict[str, Any], *, as_json: bool) -> None:
    """The records on stdout, as they are written into a zone file; how it stands on stderr."""
    if as_json:
        answer(domain)
        return
    because = f": {domain['reason']}" if domain["reason"] else ""
    of = f" of {domain['environment']}" if domain["environment"] else ""
    what = "" if domain["status"] == "removing" else ". Set these records, and leave them there:"
    tell(f"{domain['name']}{of} is {domain['status']}{because}{what}")
    for record in domain["records"]:
        value = f'"{record["value"]}"' if record["type"] == "TXT" else f"{record['value']}."
        typer.echo(f"{record['name']}. {record['type']} {value}")
        if record["type"] == "ALIAS":
            zone = f", in the zone {record['zone_id']}" if record["zone_id"] else ""
            tell(f"ALIAS: in Route 53 an A record that is an alias of the load balancer{zone}.")


def _leads(domain: dict[str, Any]) -> str:
    """The record that leads to the load balancer, once there is one."""
    found = [one for one in domain["records"] if one["type"] == "ALIAS" or one["name"] == domain["name"]]
    return "".join(f"{one['type']} {one['value']}." for one in found)
