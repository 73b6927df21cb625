"""Where the engine keeps its state: one URL, read and shown without what is secret in it (pure).

The forms are those of the engine's own back ends (pulumi, `pkg/backend/diy` and `pkg/backend/httpstate`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from cygni.errors import UsageError

SECRET = "[secret]"
_FORMS = "file:///FOLDER, s3://BUCKET?region=REGION, postgres://USER:PASSWORD@HOST/DATABASE or https://api.pulumi.com"
_USER_INFO = re.compile(r"://[^/\s\"']*@")
_SECRET_PARAMETER = re.compile(r"\b((?:ssl)?password=)[^&\s\"']+", re.IGNORECASE)
_SHORTEST = 4  # a shorter password is hidden inside of URLs only: anywhere else it may be a part of a word


class StateKind(StrEnum):
    """What keeps the state. Only `service`, Pulumi Cloud or what speaks like it, hides its files from Cygni."""

    FILE = "file"
    S3 = "s3"
    POSTGRES = "postgres"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class StatePlace:
    """A back end of the engine. `url` may hold credentials and must never be shown; `shown` is for people."""

    kind: StateKind
    url: str = field(repr=False)
    shown: str

    @property
    def folder(self) -> Path | None:
        """The folder of a `file://` back end, None for any other."""
        return Path(unquote(urlsplit(self.url).path)) if self.kind is StateKind.FILE else None


def state_place(url: str) -> StatePlace:
    """Reads a URL as `CYGNI_STATE` has it. Raises UsageError, which never repeats it."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # which may be no number
    except ValueError:
        raise _refused("no URL that can be read") from None
    match parts.scheme:
        case "file":
            return _in_files(parts)
        case "s3":
            return _in_s3(parts, url)
        case "postgres" | "postgresql":
            return _in_postgres(parts, url)
        case "https":
            if not parts.hostname:
                raise _refused("a service without a name")
            if parts.username or parts.password:
                raise _refused("a service with credentials in it; they belong into PULUMI_ACCESS_TOKEN")
            return StatePlace(StateKind.SERVICE, url, f"https://{parts.netloc}{parts.path}")
    raise _refused("of no kind that is known")


def _in_files(parts: SplitResult) -> StatePlace:
    path = unquote(f"{parts.netloc}{parts.path}")
    try:
        folder = Path(path).expanduser()
    except RuntimeError:  # `~somebody` who does not exist
        raise _refused("a folder below a home that there is not") from None
    if not folder.is_absolute() or parts.query:
        raise _refused("no whole path of a folder, such as file:///srv/state")
    return StatePlace(StateKind.FILE, folder.as_uri(), str(folder))


def _in_s3(parts: SplitResult, url: str) -> StatePlace:
    if not parts.netloc:
        raise _refused("without the name of a bucket")
    if "@" in parts.netloc:
        raise _refused(
            "a bucket with credentials in it; they are found as the AWS SDK finds them, or by &profile="
        )
    return StatePlace(StateKind.S3, url, f"s3://{parts.netloc}{parts.path}")


def _in_postgres(parts: SplitResult, url: str) -> StatePlace:
    if not parts.path.strip("/"):
        raise _refused("without the name of a database")
    # The engine knows one spelling of the two that PostgreSQL has.
    host = parts.netloc.rpartition("@")[2]
    return StatePlace(
        StateKind.POSTGRES, f"postgres://{url.partition('://')[2]}", f"postgres://{host}{parts.path}"
    )


def _refused(why: str) -> UsageError:
    return UsageError(f"CYGNI_STATE is {why}", hint=f"Give one of {_FORMS}.")


def hidden(text: str, url: str) -> str:
    """`text` without the credentials of any URL in it, nor the password of `url` in any spelling."""
    text = _SECRET_PARAMETER.sub(rf"\1{SECRET}", _USER_INFO.sub(f"://{SECRET}@", text))
    for secret in _secrets(url):
        text = text.replace(secret, SECRET)
    return text


def _secrets(url: str) -> list[str]:
    """The spellings of the password in a URL, longest first."""
    try:
        parts = urlsplit(url)
        said = [
            parts.password or "",
            *(value for name, value in parse_qsl(parts.query) if "password" in name),
        ]
    except ValueError:
        return []
    spelled = {form for one in said for form in (one, unquote(one), quote(unquote(one), safe=""))}
    return sorted((one for one in spelled if len(one) >= _SHORTEST), key=len, reverse=True)
