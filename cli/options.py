"""Options that several commands share, spelled once."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from cygni.errors import UsageError

App = Annotated[
    Path | None,
    typer.Option(
        "--app", "-a", envvar="CX_APP", help="Folder of the project, or its cygni.yaml.", show_default="here"
    ),
]
Env = Annotated[
    str,
    typer.Option("--env", "-e", envvar="CX_ENV", help="Environment: local, staging, production, preview-*."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask. Never covers losing data.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on stdout.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show a traceback with an error.")]
Refresh = Annotated[
    bool, typer.Option("--refresh", help="Look at the world again, for changes made outside of Cygni.")
]
LockWait = Annotated[
    str,
    typer.Option(
        "--lock-wait", metavar="TIME", help="How long to wait for another deploy to end, such as 90s or 15m."
    ),
]
Timeout = Annotated[
    str, typer.Option("--timeout", metavar="TIME", help="How long one stack may take, such as 30m or 2h.")
]
AllowDestroy = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-destroy", metavar="NAME", help="Allow losing the data of this resource. Repeatable."
    ),
]

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def seconds(text: str, option: str) -> float:
    """`90`, `90s`, `15m` or `2h` in seconds. Raises UsageError."""
    found = re.fullmatch(r"([0-9]{1,6})([smh]?)", text.strip())
    if found is None:
        raise UsageError(f"{option} {text!r} is not a time", hint="Give it as 90s, 15m or 2h.")
    return float(found[1]) * _UNITS[found[2]]


def dollars(text: str | None, option: str) -> Decimal | None:
    """`25`, `25.50` or `$25` as USD. Raises UsageError."""
    if text is None:
        return None
    found = re.fullmatch(r"\$?(-?[0-9]{1,12}(\.[0-9]{1,6})?)", text.strip())
    if found is None:
        raise UsageError(f"{option} {text!r} is not an amount of dollars", hint="Give it as 25 or 25.50.")
    return Decimal(found[1])
