"""Who is signed in at this machine, and where: kept in a file that its owner alone may read."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cygni.control_plane.api import Api
from cygni.control_plane.credentials import goes_into_a_header
from cygni.errors import StateError, Unauthenticated
from cygni.private_file import replace_whole
from cygni.settings import Settings

FILE = "sign-in.json"
_LOCK_SECONDS = 60.0
_EARLY = timedelta(seconds=30)
"""Before its end that an access token is renewed: clocks differ, and requests take a while."""

_SIGN_IN_AGAIN = "Sign in again with the control plane's address, such as: cx login https://cygni.example.com"
SIGN_IN_HINT = "Sign in with: cx login URL"


@dataclass(frozen=True, slots=True)
class SignIn:
    """At the control plane at `url`: a person with two tokens, or an API key. `organization` is the slug that commands
    are about; None until one is chosen or is the only one."""

    url: str
    access_token: str
    access_ends: str
    refresh_token: str | None
    organization: str | None = None

    def __repr__(self) -> str:
        return f"SignIn({self.url!r}, organization={self.organization!r})"


def of_tokens(url: str, tokens: Mapping[str, Any], organization: str | None = None) -> SignIn:
    """`tokens` is what the server answers to signing in."""
    return SignIn(url, tokens["access_token"], tokens["access_ends"], tokens["refresh_token"], organization)


def of_api_key(url: str, key: str, organization: str | None = None) -> SignIn:
    return SignIn(url, key, datetime.max.replace(tzinfo=UTC).isoformat(), None, organization)


def stored(settings: Settings) -> SignIn | None:
    """None where nobody is signed in. Raises StateError where it cannot be read."""
    path = settings.data_dir / FILE
    try:
        found = SignIn(**json.loads(path.read_text(encoding="utf-8")))
        _ending(found)  # raises for what is no time
    except (FileNotFoundError, NotADirectoryError):  # a data folder that is none is told by those who need it
        return None
    except OSError as error:
        raise StateError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError):
        raise StateError(f"{path} holds no sign-in", hint=_SIGN_IN_AGAIN) from None
    if not goes_into_a_header(found.access_token):
        raise StateError(f"{path} holds no sign-in", hint=_SIGN_IN_AGAIN)
    return found


def store(settings: Settings, sign_in: SignIn) -> None:
    """Whole or not at all. Raises StateError."""
    path = settings.data_dir / FILE
    try:
        settings.make_data_dir()
        replace_whole(path, json.dumps(asdict(sign_in)).encode())
    except OSError as error:
        raise StateError(f"cannot write {path}: {error.strerror}") from error


def forget(settings: Settings) -> None:
    (settings.data_dir / FILE).unlink(missing_ok=True)


def fresh(settings: Settings) -> SignIn:
    """The sign-in, renewed where its access token is about to end. Commands that run at once take turns: the server
    takes a refresh token once, and ends the whole session when it sees one again.

    Raises Unauthenticated where nobody is signed in, or the session has ended.
    """
    found = _required(settings)
    if not _ending(found):
        return found
    with _turn(settings):
        found = _required(settings)  # another command may have renewed it meanwhile
        if not _ending(found):
            return found
        renewed = Api(found.url).post("/v1/sessions/refresh", body={"refresh_token": found.refresh_token})
        again = replace(of_tokens(found.url, renewed), organization=found.organization)
        store(settings, again)
        return again


def _required(settings: Settings) -> SignIn:
    found = stored(settings)
    if found is None:
        raise Unauthenticated("nobody is signed in at this machine", hint=SIGN_IN_HINT)
    return found


def _ending(sign_in: SignIn) -> bool:
    ends = datetime.fromisoformat(sign_in.access_ends)
    return sign_in.refresh_token is not None and ends - _EARLY <= datetime.now(UTC)


@contextlib.contextmanager
def _turn(settings: Settings) -> Iterator[None]:
    import filelock

    try:
        with filelock.FileLock(settings.data_dir / f"{FILE}.lock", timeout=_LOCK_SECONDS):
            yield
    except filelock.Timeout:
        raise StateError(
            "another command has been renewing the sign-in for too long", hint="End it and try again."
        ) from None
