"""`cx whoami`."""

from __future__ import annotations

from typing import Any

from cli.connected import connected, tell
from cli.options import Debug, Json
from cli.terminal import answer


def whoami(as_json: Json = False, debug: Debug = False) -> None:
    """Show who is signed in, where, and in which organizations."""
    from cygni.errors import PermissionDenied

    connection = connected()
    user: dict[str, Any] | None
    try:
        user = connection.api.get("/v1/user")
    except PermissionDenied:
        user = None  # an API key
    organizations = [one["slug"] for one in connection.api.get("/v1/organizations")["items"]]
    if as_json:
        told = {"url": connection.api.url, "user": user, "organizations": organizations}
        answer({**told, "organization": connection.organization})
        return
    who = f"{user['name']} <{user['email']}>" if user else "an API key"
    tell(f"{who} at {connection.api.url}")
    for slug in organizations:
        tell(f"  {slug}{' (chosen)' if slug == connection.organization else ''}")
