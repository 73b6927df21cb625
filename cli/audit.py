"""`cx audit`: who did what, and who tried."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.connected import Organization, connected, every_page, show_items, tell
from cli.options import Debug, Json
from cli.terminal import answer

if TYPE_CHECKING:
    from cygni.control_plane.connection import Connection

app = typer.Typer(
    name="audit", help="Who did what in an organization, and who was refused.", no_args_is_help=True
)
EXAMPLES = ("cx audit list --limit 20", "cx audit list --json", "cx audit verify")

Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="How many of the newest entries.")]


@app.command("list")
def list_(limit: Limit = 50, org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """The newest entries, the newest first."""
    connection = connected(org)
    found = every_page(connection, "/v1/organizations", connection.the_organization(), "audit", limit=limit)
    names = _names(connection, {one["actor"]["kind"] for one in found})
    shown = [{**one, "actor_name": names.get(one["actor"]["id"])} for one in found]
    if not as_json:
        shown = [
            {**one, "who": _who(one), "subject": names.get(one["subject"], one["subject"])} for one in shown
        ]
    columns = {
        "No": "number",
        "At": "at",
        "Who": "who",
        "Did": "action",
        "To": "subject",
        "Outcome": "outcome",
    }
    show_items(shown, columns, as_json=as_json, none="There are no entries yet.")


def _names(connection: Connection, kinds: Collection[str]) -> dict[str, str]:
    """The email addresses of members and the names of keys, by id, as far as one may see them."""
    from cygni.errors import PermissionDenied

    found: dict[str, str] = {}
    for kind, listed, id, name in (
        ("user", "members", "user", "email"),
        ("api_key", "api-keys", "id", "name"),
    ):
        if kind in kinds:
            with suppress(PermissionDenied):
                items = connection.api.get("/v1/organizations", connection.the_organization(), listed)[
                    "items"
                ]
                found |= {one[id]: one[name] for one in items}
    return found


def _who(entry: Mapping[str, Any]) -> str:
    """Somebody who has left is told by their id."""
    kind, name = entry["actor"]["kind"], entry["actor_name"] or entry["actor"]["id"]
    return name if kind == "user" else f"{kind.replace('_', ' ')} {name}"


@app.command()
def verify(org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Check that no entry was changed or taken out since it was written.

    Exit code 7 where one was. Keep the last hash elsewhere: with it a cut at the end shows too.
    """
    from cygni.errors import WorldChanged

    connection = connected(org)
    path = ("/v1/organizations", connection.the_organization(), "audit", "verification")
    found = connection.api.get(*path)
    if found["broken_at"] is not None:
        raise WorldChanged(
            f"entry {found['broken_at']} of the audit log is not as it was written", details=found
        )
    if as_json:
        answer(found)
    else:
        tell(
            f"All {found['entries']} entries are as they were written; the last hash is {found['last_hash']}."
        )
