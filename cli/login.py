"""`cx login`: sign in to a control plane, set a new one up, or accept an invitation."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.connected import tell
from cli.options import Debug
from cli.passwords import given_password, line_of_stdin
from cli.terminal import ask, ask_secret, interactive

if TYPE_CHECKING:
    from cygni.control_plane.api import Api
    from cygni.control_plane.sign_in import SignIn
    from cygni.settings import Settings

INVITATION_TOKEN = "CYGNI_INVITATION_TOKEN"
SETUP_TOKEN = "CYGNI_SETUP_TOKEN"
_OPTIONS = {
    "email": "--email",
    "name": "--name",
    "password": "the password",
    "organization.slug": "--org",
    "organization.name": "--org",
}
"""By the field of a request that tells it."""
EXAMPLES = (
    "cx login https://cygni.example.com",
    "cx login https://cygni.example.com --with-key",
)

Url = Annotated[
    str | None,
    typer.Argument(
        help="Its address. A new one of another machine asks for its setup token, or takes that of "
        f"{SETUP_TOKEN}.",
        show_default="where you were signed in, or the one of this machine",
    ),
]
Email = Annotated[
    str | None,
    typer.Option("--email", help="Who you are; not for an invitation, which says it.", show_default="asked"),
]
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
    """Sign in to a control plane, set a new one up, or accept an invitation.

    The first one who does so makes the first account and organization: on the machine where it was started, or
    elsewhere with the setup token.
    """
    from cygni.control_plane.api import Api
    from cygni.control_plane.credentials import API_KEY, demanded
    from cygni.control_plane.sign_in import of_api_key, of_tokens, store
    from cygni.errors import UsageError
    from cygni.settings import Settings

    if invitation and email is not None:
        raise UsageError(
            "--email does not go with --invitation: the account is of the address that was invited",
            hint="Leave out --email; have another address invited with: cx member invite EMAIL",
        )
    if with_key:
        others = {
            "--email": email,
            "--name": name,
            "--password-stdin": password_stdin,
            "--invitation": invitation,
        }
        _goes_with_a_key(others)
    settings = Settings.from_environment()
    api = Api(_address(settings, url))
    if with_key:
        key = demanded(line_of_stdin("the API key"), API_KEY, "what stdin has")
        found = of_api_key(api.url, key, org)
        Api(api.url, lambda: found.access_token).get("/v1/organizations")  # raises for a key that is none
    elif invitation:
        hint = "Give --name and --password-stdin."
        accepting = {"token": _invitation_token(), "name": _asked("Your name", name, hint)}
        accepting["password"] = given_password(password_stdin, twice=True)
        with _by_options(org):
            found = of_tokens(api.url, api.post("/v1/invitations/accept", body=accepting), org)
    elif api.get("/v1/setup")["done"]:
        hint = "Give --email and --password-stdin."
        given = {"email": _asked("Email", email, hint), "password": given_password(password_stdin)}
        with _by_options(org):
            found = of_tokens(api.url, api.post("/v1/sessions", body=given), org)
    else:
        found = _set_up(settings, api, email, name, org, from_stdin=password_stdin)
    store(settings, found)
    tell(f"Signed in at {found.url}.")


def _goes_with_a_key(others: Mapping[str, object]) -> None:
    """Raises UsageError for an option that would be ignored."""
    from cygni.errors import UsageError

    given = [option for option, value in others.items() if value not in (None, False)]
    if given:
        raise UsageError(
            f"{' and '.join(given)} {'does' if len(given) == 1 else 'do'} not go with --with-key: the key says who you "
            "are",
            hint=f"Leave out {' and '.join(given)}, or --with-key to sign in with a password.",
        )


def _set_up(
    settings: Settings, api: Api, email: str | None, name: str | None, org: str | None, *, from_stdin: bool
) -> SignIn:
    """The first account of a server, and its organization."""
    from cygni.control_plane.sign_in import of_tokens

    tell("Nobody has set this server up yet: you make its first account, and its first organization.")
    hint = "Give --email, --name and --org, and --password-stdin."
    wanted: dict[str, Any] = {"token": _setup_token(settings, api.url)}
    wanted["email"] = _asked("Email", email, hint)
    wanted["name"] = _asked("Your name", name, hint)
    slug = _asked("Organization, as a short name such as acme", org, hint)
    wanted["organization"] = {"slug": slug, "name": slug}
    wanted["password"] = given_password(from_stdin, twice=True)
    with _by_options(slug):
        return of_tokens(api.url, api.post("/v1/setup", body=wanted), slug)


@contextmanager
def _by_options(org: str | None) -> Iterator[None]:
    """What is wrong with a field of the request is told of the option that it came from."""
    from cygni.errors import UsageError

    try:
        yield
    except UsageError as error:
        wrong: dict[str, str] = {}
        for one in error.details.get("errors", []):
            field = ".".join(one["at"][1:])
            wrong.setdefault(_OPTIONS.get(field, field), one["message"])
        if not wrong:
            raise
        message = "; ".join(f"{option}: {said}" for option, said in wrong.items())
        hint = f"Such as: --org {_short_name(org or '')}" if "--org" in wrong else error.hint
        raise UsageError(message, hint=hint, details=error.details) from None


def _short_name(given: str) -> str:
    """What an organization may be called that somebody calls so."""
    found = re.sub(r"^[^a-z]+", "", "-".join(re.findall(r"[a-z0-9]+", given.lower())))[:40].strip("-")
    return found if len(found) >= 2 else "acme"


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


def _setup_token(settings: Settings, url: str) -> str:
    """Of the environment, of the server of this machine if that is the one, or of a person."""
    from cygni.control_plane import credentials, process

    here = None if os.environ.get(SETUP_TOKEN, "").strip() else process.status(settings)
    if here is not None and here.url == url and here.setup_token is not None:
        return here.setup_token
    return _token("Setup token, which `cx server up` has printed", SETUP_TOKEN, credentials.SETUP_TOKEN)


def _invitation_token() -> str:
    from cygni.control_plane.credentials import INVITATION

    return _token("Token of the invitation", INVITATION_TOKEN, INVITATION)


def _token(question: str, variable: str, kind: str) -> str:
    """Of the environment, which others do not see as they see arguments, or of a person. Raises UsageError for what is
    none of that `kind`."""
    from cygni.control_plane.credentials import demanded

    given = os.environ.get(variable, "").strip()
    if given:
        return demanded(given, kind, variable)
    return demanded(ask_secret(question, f"Set {variable} to it for a script."), kind, "what was given")


def _asked(question: str, given: str | None, hint: str) -> str:
    from cygni.errors import ConfirmationRequired

    if given is not None:
        return given
    if not interactive():
        raise ConfirmationRequired(f"there is no terminal to ask at: {question}", hint=hint)
    return ask(question, "")
