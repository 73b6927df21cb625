"""`cx project`: the projects of an organization, and their environments."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.connected import Organization, connected, every_page, show_items, tell
from cli.options import Debug, Json
from cli.terminal import answer, confirm

app = typer.Typer(
    name="project", help="The projects of an organization, and their environments.", no_args_is_help=True
)
EXAMPLES = (
    "cx project create shop",
    "cx project set-environment shop production --approval",
    "cx project environments shop",
)

Slug = Annotated[str, typer.Argument(help="Its name, as in cygni.yaml.")]
Environment = Annotated[str, typer.Argument(help="The environment, such as production.")]
Title = Annotated[str | None, typer.Option("--name", help="As people read it.", show_default="the same")]
Approval = Annotated[
    bool | None,
    typer.Option(
        "--approval/--no-approval",
        help="Whether a plan waits for somebody's approval.",
        show_default="as it was; none of a new one",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def _path(organization: str, *more: str) -> tuple[str, ...]:
    return ("/v1/organizations", organization, "projects", *more)


@app.command("list")
def list_(org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Those that you may read."""
    connection = connected(org)
    found = every_page(connection, *_path(connection.the_organization()))
    columns = {"Project": "slug", "Name": "name", "Since": "created_at"}
    show_items(found, columns, as_json=as_json, none="There is no project: cx project create NAME")


@app.command()
def create(
    slug: Slug, title: Title = None, org: Organization = None, as_json: Json = False, debug: Debug = False
) -> None:
    """Make one, in which environments then are."""
    connection = connected(org)
    body = {"slug": slug, **({"name": title} if title else {})}
    made = connection.api.post(*_path(connection.the_organization()), body=body)
    if as_json:
        answer(made)
    else:
        tell(f"Made the project {made['slug']}.")


@app.command()
def delete(slug: Slug, org: Organization = None, yes: Yes = False, debug: Debug = False) -> None:
    """Delete what the control plane keeps of it.

    What it has deployed stays: `cx destroy` removes that.
    """
    connection = connected(org)
    path = _path(connection.the_organization(), slug)
    connection.api.get(*path)  # raises where there is none, before anybody is asked
    confirm(
        f"Delete the project {slug} with its secrets and records?", yes=yes, hint="Add --yes to delete it."
    )
    connection.api.delete(*path)
    tell(f"Deleted the project {slug}. What it has deployed stays.")


@app.command()
def environments(slug: Slug, org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """The environments of one."""
    connection = connected(org)
    found = connection.api.get(*_path(connection.the_organization(), slug, "environments"))["items"]
    columns = {"Environment": "name", "Needs approval": "needs_approval", "Since": "created_at"}
    show_items(found, columns, as_json=as_json, none="There is no environment yet.")


@app.command("set-environment")
def set_environment(
    slug: Slug,
    environment: Environment,
    approval: Approval = None,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Make an environment, or change whether its plans need an approval. What is not given stays."""
    from cygni.errors import NotFound

    connection = connected(org)
    path = _path(connection.the_organization(), slug, "environments")
    given = {} if approval is None else {"needs_approval": approval}
    try:
        found = (
            connection.api.patch(*path, environment, body=given)
            if given
            else connection.api.get(*path, environment)
        )
    except NotFound:
        found = connection.api.post(*path, body={"name": environment, **given})
    if as_json:
        answer(found)
    else:
        waits = "waits for an approval" if found["needs_approval"] else "needs no approval"
        tell(f"A plan for {environment} of {slug} {waits}.")
