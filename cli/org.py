"""`cx org`: the organizations of a control plane."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from cli.connected import connected, show_items, tell
from cli.options import Debug, Json
from cli.terminal import answer

app = typer.Typer(name="org", help="The organizations that you are in.", no_args_is_help=True)
EXAMPLES = ("cx org list", "cx org create acme --name Acme", "cx org use acme")

Slug = Annotated[str, typer.Argument(help="Its short name: small letters, digits and hyphens.")]
Name = Annotated[str | None, typer.Option("--name", help="As people read it.", show_default="the short name")]


@app.command("list")
def list_(as_json: Json = False, debug: Debug = False) -> None:
    """Those that you are in."""
    found = connected().api.get("/v1/organizations")["items"]
    columns = {"Organization": "slug", "Name": "name", "Since": "created_at"}
    show_items(found, columns, as_json=as_json, none="You are in no organization.")


@app.command()
def create(slug: Slug, name: Name = None, as_json: Json = False, debug: Debug = False) -> None:
    """Make one, which you own. This is for operators of the server."""
    made = connected().api.post("/v1/organizations", body={"slug": slug, "name": name or slug})
    if as_json:
        answer(made)
    else:
        tell(f"Made {made['slug']}. Choose it with: cx org use {made['slug']}")


@app.command()
def use(slug: Slug, debug: Debug = False) -> None:
    """Choose the one that commands are about from now on."""
    from cygni.control_plane.sign_in import fresh, store
    from cygni.settings import Settings

    connected().api.get("/v1/organizations", slug)  # raises where there is none
    settings = Settings.from_environment()
    store(settings, replace(fresh(settings), organization=slug))
    tell(f"Commands are about {slug} now.")
