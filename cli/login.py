"""`cx login`: sign in to a control plane, set a new one up, or accept an invitation."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.connected import tell
from cli.options import Debug
from cli.terminal import ask, ask_secret, interactive

if TYPE_CHECKING:
    from cygni.control_plane.api import Api
    from cygni.control_plane.sign_in import SignIn
    from cygni.settings import Settings

INVITATION_TOKEN = "CYGNI_INVITATION_TOKEN"
EXAMPLES = (
    "cx login https://cygni.example.com",
    "cx login https://cygni.example.com --with-key",
)

Url = Annotated[
    str | None,
    typer.Argument(help="Its address.", show_default="where you were signed in, or the one of this machine"),
]
Email = Annotated[str | None, typer.Option("--email", help="Who you are.", show_default="asked")]
Name = Annotated[
    str | None, typer.Option("--name", help="Your name, for a new account.", show_default="asked")
]
Slug = Annotated[
    str | None,
    typer.Option("--org", help="The organization; of a new server, the first one.", show_default="asked"),
]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from stdin, for scripts.")
]
WithKey = Annotated[bool, typer.Option("--with-key", help="Sign in with an API key, read from stdin.")]
Invitation = Annotated[
    bool,
    typer.Option(
        "--invitation",
        help=f"Accept an invitation; its token is asked for, or that of {INVITATION_TOKEN} taken.",
    ),
]


def login(
    url: Url = None,
    email: Email = None,
    name: Name = None,
    org: Slug = None,
    password_stdin: PasswordStdin = False,
    with_key: WithKey = False,
    invitation: Invitation = False,
    debug: Debug = False,
) -> None:
    """Sign in to a control plane.

    The first one who does so, on the machine where it was started, makes the first account and organization.
    """
    from cygni.control_plane.api import Api
    from cygni.control_plane.sign_in import of_api_key, of_tokens, store
    from cygni.settings import Settings

    settings = Settings.from_environment()
    api = Api(_address(settings, url))
    if with_key:
        found = of_api_key(api.url, _line_of_stdin("the API key"), org)
        Api(api.url, lambda: found.access_token).get("/v1/organizations")  # raises for a key that is none
    elif invitation:
        accepting = {"token": _invitation_token(), "name": _asked("Your name", name)}
        accepting["password"] = _password(password_stdin, twice=True)
        found = of_tokens(api.url, api.post("/v1/invitations/accept", body=accepting), org)
    elif api.get("/v1/setup")["done"]:
        given = {"email": _asked("Email", email), "password": _password(password_stdin)}
        found = of_tokens(api.url, api.post("/v1/sessions", body=given), org)
    else:
        found = _set_up(settings, api, email, name, org, from_stdin=password_stdin)
    store(settings, found)
    tell(f"Signed in at {found.url}.")


def _set_up(
    settings: Settings, api: Api, email: str | None, name: str | None, org: str | None, *, from_stdin: bool
) -> SignIn:
    """The first account of a server, and its organization."""
    from cygni.control_plane.sign_in import of_tokens

    tell("Nobody has set this server up yet: you make its first account, and its first organization.")
    token = _setup_token(settings, api.url) or ask_secret("Setup token, which `cx server up` has printed")
    wanted: dict[str, Any] = {"token": token, "email": _asked("Email", email)}
    wanted["name"] = _asked("Your name", name)
    slug = _asked("Organization, as a short name such as acme", org)
    wanted["organization"] = {"slug": slug, "name": slug}
    wanted["password"] = _password(from_stdin, twice=True)
    return of_tokens(api.url, api.post("/v1/setup", body=wanted), slug)


def _address(settings: Settings, url: str | None) -> str:
    from cygni.control_plane import process
    from cygni.control_plane.sign_in import stored
    from cygni.errors import StateError, UsageError

    if url is not None:
        return url.rstrip("/")
    before = None
    with suppress(StateError):  # what cannot be read is written anew
        before = stored(settings)
    if before is not None:
        return before.url
    here = process.status(settings)
    if here is None:
        raise UsageError(
            "which control plane?",
            hint="Give its address: cx login https://cygni.example.com; or start one here: cx server up",
        )
    return here.url


def _setup_token(settings: Settings, url: str) -> str | None:
    """Of the server of this machine, if that is the one."""
    from cygni.control_plane import process

    here = process.status(settings)
    return here.setup_token if here is not None and here.url == url else None


def _invitation_token() -> str:
    """Of the environment, where arguments of others are not seen, or of a person."""
    given = os.environ.get(INVITATION_TOKEN, "").strip()
    return given or ask_secret("Token of the invitation", f"Set {INVITATION_TOKEN} to it for a script.")


def _asked(question: str, given: str | None) -> str:
    from cygni.errors import ConfirmationRequired

    if given is not None:
        return given
    if not interactive():
        raise ConfirmationRequired(
            "there is no terminal to ask at", hint="Give --email, --name and --org, and --password-stdin."
        )
    return ask(question, "")


def _password(from_stdin: bool, *, twice: bool = False) -> str:
    from cygni.errors import UsageError

    if from_stdin:
        return _line_of_stdin("the password")
    password = ask_secret("Password")
    if twice and ask_secret("The same again") != password:
        raise UsageError("those were two different passwords")
    return password


def _line_of_stdin(what: str) -> str:
    from cygni.errors import UsageError

    line = sys.stdin.readline().rstrip("\r\n") if sys.stdin is not None else ""
    if not line:
        raise UsageError(f"{what} is missing: stdin is empty")
    return line
