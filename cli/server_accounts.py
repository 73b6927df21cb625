"""`cx server operator` and `cx server user`: accounts of the control plane of this machine, without signing in."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from cli.connected import show_items, tell
from cli.options import Debug, Json
from cli.passwords import given_password
from cli.terminal import answer

operator = typer.Typer(
    name="operator", help="Who runs it, from the machine that it runs on.", no_args_is_help=True
)
user = typer.Typer(
    name="user",
    help="Accounts, from the machine that it runs on: for people who cannot sign in, or are not to.",
    no_args_is_help=True,
)

Email = Annotated[str, typer.Argument(help="Whom.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the new password from stdin, for scripts.")
]


@operator.command("add")
def add_operator(email: Email, as_json: Json = False, debug: Debug = False) -> None:
    """Make somebody with an account an operator, where nobody is left who could: see cx operator.

    Whoever may read the server's folder may do so, without signing in.
    """
    found = _administered("operator", email)
    added = found["changed"]
    if as_json:
        answer({"email": found["email"], "name": found["name"], "added": added})
    else:
        tell(f"{found['email']} is an operator {'now' if added else 'already'}.")


@user.command("list")
def list_(as_json: Json = False, debug: Debug = False) -> None:
    """Show who has an account."""
    columns = {
        "Email": "email",
        "Name": "name",
        "Operator": "operator",
        "Disabled": "disabled",
        "Since": "created_at",
    }
    show_items(_administered("list")["items"], columns, as_json=as_json, none="Nobody has one.")


@user.command("reset-password")
def reset_password(
    email: Email, password_stdin: PasswordStdin = False, as_json: Json = False, debug: Debug = False
) -> None:
    """Give somebody another password, and sign them out everywhere.

    They change it with: cx password
    """
    new = given_password(password_stdin, what="new password", twice=True)
    found = _administered("password", email, new)
    still = " The account is disabled still: cx server user enable EMAIL" if found["disabled"] else ""
    _show(
        found, f"{found['email']} has another password, and is signed out everywhere.{still}", as_json=as_json
    )


@user.command()
def disable(email: Email, as_json: Json = False, debug: Debug = False) -> None:
    """Let somebody sign in no more, at once.

    Their sessions end, and API keys that they made do nothing while it is so. What they did stays.
    """
    found = _administered("disable", email)
    again = "" if found["changed"] else " already"
    _show(found, f"{found['email']} is disabled{again}.", as_json=as_json)


@user.command()
def enable(email: Email, as_json: Json = False, debug: Debug = False) -> None:
    """Let somebody sign in again who was disabled."""
    found = _administered("enable", email)
    again = "again" if found["changed"] else "already"
    _show(found, f"{found['email']} may sign in {again}.", as_json=as_json)


def _administered(action: str, email: str | None = None, password: str = "") -> dict[str, Any]:
    from cygni.control_plane.accounts import administer
    from cygni.settings import Settings

    return administer(Settings.from_environment(), os.environ, action, email, password)


def _show(found: dict[str, Any], sentence: str, *, as_json: bool) -> None:
    if as_json:
        answer(found)
    else:
        tell(sentence)
