"""`cx role`: roles that an organization makes of permissions, besides viewer, developer, admin and owner."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.connected import Organization, connected, show_items, tell
from cli.member import member_path
from cli.options import Debug, Json
from cli.terminal import answer

EXAMPLES = (
    "cx role list",
    "cx role create operations --allow project:read --allow deployment:read --allow audit:read",
    "cx role grant grace@example.com deployer --project shop",
    "cx role revoke grace@example.com --project shop",
)

app = typer.Typer(
    name="role",
    help="Roles of an organization, made of permissions: see cx role list.",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="What it is called: small letters, digits and hyphens.")]
Permissions = Annotated[
    list[str],
    typer.Option("--allow", help="A permission, such as deployment:create; several with several --allow."),
]
Email = Annotated[str, typer.Argument(help="Whom.")]
Project = Annotated[
    str | None, typer.Option("--project", help="In this project alone.", show_default="in all projects")
]
OneProject = Annotated[str, typer.Option("--project", help="In this project.")]


@app.command("list")
def list_(org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """What each role allows."""
    connection = connected(org)
    found = connection.api.get("/v1/organizations", connection.the_organization(), "roles")["items"]
    if not as_json:
        found = [{**one, "permissions": ", ".join(one["permissions"])} for one in found]
    show_items(found, {"Role": "name", "Allows": "permissions"}, as_json=as_json, none="There is none.")


@app.command()
def create(
    name: Name,
    permissions: Permissions,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Make one, of permissions that you have. It stays as it is made."""
    connection = connected(org)
    path = ("/v1/organizations", connection.the_organization(), "roles")
    made = connection.api.post(*path, body={"name": name, "permissions": permissions})
    if as_json:
        answer(made)
    else:
        tell(f"Made the role {name}. Give it with: cx role grant EMAIL {name}")


@app.command()
def delete(name: Name, org: Organization = None, debug: Debug = False) -> None:
    """Delete one that nobody has."""
    connection = connected(org)
    connection.api.delete("/v1/organizations", connection.the_organization(), "roles", name)
    tell(f"Deleted the role {name}.")


@app.command()
def grant(
    email: Email,
    role: Name,
    project: Project = None,
    org: Organization = None,
    debug: Debug = False,
) -> None:
    """Give a member a role, in all projects or in one."""
    connection = connected(org)
    *there, user = member_path(connection, email)
    if project is None:
        connection.api.patch(*there, user, body={"role": role})
        tell(f"{email} is {role} now.")
    else:
        path = ("/v1/organizations", connection.the_organization(), "projects", project, "members", user)
        connection.api.put(*path, body={"role": role})
        tell(f"{email} is {role} in {project} now.")


@app.command()
def revoke(email: Email, project: OneProject, org: Organization = None, debug: Debug = False) -> None:
    """Take the role back that somebody has in one project; what they have in all projects they keep."""
    connection = connected(org)
    connection.api.delete(*member_path(connection, email, project))
    tell(f"{email} has no role in {project} alone any more.")
