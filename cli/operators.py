"""`cx operator`: who runs the control plane that one is signed in to."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.connected import connected, show_items, tell
from cli.options import Debug, Json
from cli.terminal import answer

EXAMPLES = ("cx operator list", "cx operator add grace@example.com")

app = typer.Typer(
    name="operator",
    help="Who runs the control plane: sets plans, subscribes organizations, gives credits.",
    no_args_is_help=True,
)

Email = Annotated[str, typer.Argument(help="Whom.")]
_PATH = "/v1/operators"


@app.command("list")
def list_(as_json: Json = False, debug: Debug = False) -> None:
    """Show who is an operator."""
    found = connected().api.get(_PATH)["items"]
    show_items(found, {"Email": "email", "Name": "name"}, as_json=as_json, none="There is none.")


@app.command()
def add(email: Email, as_json: Json = False, debug: Debug = False) -> None:
    """Make somebody one, who has an account."""
    made = connected().api.post(_PATH, body={"email": email})
    if as_json:
        answer(made)
    else:
        tell(f"{made['email']} is an operator now.")


@app.command()
def remove(email: Email, debug: Debug = False) -> None:
    """Take the right away, at once. One always remains."""
    from cygni.errors import NotFound

    api = connected().api
    found = [one for one in api.get(_PATH)["items"] if one["email"].lower() == email.lower()]
    if not found:
        raise NotFound(f"{email} is no operator", hint="See who is one: cx operator list")
    api.delete(_PATH, found[0]["id"])
    tell(f"{email} is no operator any more.")
