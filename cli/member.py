"""`cx member`: the people of an organization."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.connected import Organization, connected, show_items, tell, to_the_second
from cli.options import Debug, Json
from cli.terminal import answer

if TYPE_CHECKING:
    from cygni.control_plane.connection import Connection

app = typer.Typer(
    name="member", help="The people of an organization, and what they may.", no_args_is_help=True
)
EXAMPLES = (
    "cx member invite grace@example.com --role developer",
    "cx member list --project shop",
    "cx member set-role grace@example.com admin",
    "cx member withdraw grace@example.com",
)


Email = Annotated[str, typer.Argument(help="Whom.")]
_ROLE = "What they may in all projects: viewer, developer, admin, owner, or a role of cx role list."
RoleOption = Annotated[str, typer.Option("--role", help=_ROLE)]
RoleArgument = Annotated[str, typer.Argument(help=_ROLE)]
Project = Annotated[
    str | None,
    typer.Option("--project", help="Who has a role in this project alone.", show_default="in all projects"),
]


@app.command("list")
def list_(
    project: Project = None, org: Organization = None, as_json: Json = False, debug: Debug = False
) -> None:
    """Who is in it, and with which role; with --project, who has one in that project alone."""
    connection = connected(org)
    if project is None:
        inside: tuple[str, ...] = ()
        columns, none = {"Email": "email", "Name": "name", "Role": "role"}, "There is nobody."
    else:
        inside, columns = ("projects", project), {"Email": "email", "Role": "role"}
        none = f"Nobody has a role in {project} alone; cx member list shows those in all projects."
    found = connection.api.get("/v1/organizations", connection.the_organization(), *inside, "members")[
        "items"
    ]
    show_items(found, columns, as_json=as_json, none=none)


@app.command()
def invite(
    email: Email,
    role: RoleOption = "developer",
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Invite somebody; the token that is printed makes them a member.

    Who has the token is the guest: send it as you would a password. It holds for a week.
    """
    connection = connected(org)
    path = ("/v1/organizations", connection.the_organization(), "invitations")
    made = connection.api.post(*path, body={"email": email, "role": role})
    if as_json:
        answer(made)
    else:
        tell(f"Invited {email} as {role}, until {to_the_second(made['expires_at'])}. They run:")
        tell(f"  cx login {connection.api.url} --invitation")
        tell("and give this token, which is shown once:")
        typer.echo(made["token"])


@app.command()
def invitations(org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Who was invited and has not come yet."""
    connection = connected(org)
    found = connection.api.get("/v1/organizations", connection.the_organization(), "invitations")["items"]
    columns = {"Email": "email", "Role": "role", "Invited": "created_at", "Until": "expires_at"}
    show_items(found, columns, as_json=as_json, none="Nobody is invited.")


@app.command()
def withdraw(email: Email, org: Organization = None, debug: Debug = False) -> None:
    """Take invitations back: their tokens do not hold any more."""
    from cygni.errors import NotFound

    connection = connected(org)
    path = ("/v1/organizations", connection.the_organization(), "invitations")
    of_email = [one for one in connection.api.get(*path)["items"] if is_of(one, email)]
    if not of_email:
        raise NotFound(f"{email} has no open invitation", hint="See who has: cx member invitations")
    for one in of_email:
        connection.api.delete(*path, one["id"])
    tell(f"{email} cannot come with an invitation any more.")


@app.command("set-role")
def set_role(email: Email, role: RoleArgument, org: Organization = None, debug: Debug = False) -> None:
    """Give a member another role."""
    connection = connected(org)
    connection.api.patch(*member_path(connection, email), body={"role": role})
    tell(f"{email} is {role} now.")


@app.command()
def remove(email: Email, org: Organization = None, debug: Debug = False) -> None:
    """Take somebody out of the organization, at once."""
    connection = connected(org)
    connection.api.delete(*member_path(connection, email))
    tell(f"{email} is no member any more.")


def member_path(connection: Connection, email: str, project: str | None = None) -> tuple[str, ...]:
    """Where the API has the member of that address, or who has a role in `project` alone. Raises NotFound."""
    from cygni.errors import NotFound

    inside = () if project is None else ("projects", project)
    path = ("/v1/organizations", connection.the_organization(), *inside, "members")
    for one in connection.api.get(*path)["items"]:
        if is_of(one, email):
            return (*path, one["user"])
    if project is None:
        raise NotFound(f"{email} is no member", hint="See who is with: cx member list")
    raise NotFound(
        f"{email} has no role in {project} alone", hint=f"See who has: cx member list --project {project}"
    )


def is_of(item: dict[str, Any], email: str) -> bool:
    """Whether a member, or an invitation, is that of an address."""
    return bool(item["email"].casefold() == email.casefold())
