"""`cx password`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from cli.connected import tell
from cli.options import Debug
from cli.passwords import given_password

EXAMPLES = ("cx password",)

PasswordStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin",
        help="Read both passwords from stdin, for scripts: the one until now on the first line.",
    ),
]


def password(password_stdin: PasswordStdin = False, debug: Debug = False) -> None:
    """Change your password at the control plane.

    Whoever else is signed in as you is signed out. API keys hold on: see cx token list.
    """
    from cygni.control_plane.api import Api
    from cygni.control_plane.connection import connect
    from cygni.control_plane.sign_in import of_tokens, store, stored
    from cygni.errors import Unauthenticated
    from cygni.settings import Settings

    settings = Settings.from_environment()
    api = connect(settings, os.environ).api
    given = {"email": api.get("/v1/user")["email"]}
    given["password"] = given_password(password_stdin, what="old password")
    given["new_password"] = given_password(password_stdin, what="new password", twice=True)
    try:
        tokens = Api(api.url).post("/v1/user/password", body=given)
    except Unauthenticated:
        raise Unauthenticated(
            f"that is not the password of {given['email']}",
            hint="Whoever runs the server gives you another one: cx server user reset-password EMAIL",
        ) from None
    before = stored(settings)
    store(settings, of_tokens(api.url, tokens, before.organization if before else None))
    tell("Your password is changed, and whoever else was signed in as you is signed out. API keys hold on.")
