"""`cx audit`: who did what, and who tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cli.connected import Organization, connected, every_page, show_items, tell
from cli.options import Debug, Json
from cli.terminal import answer

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
    shown = found if as_json else [{**one, "who": _who(one), "whom": _whom(one)} for one in found]
    columns = {
        "No": "number",
        "At": "at",
        "Who": "who",
        "Did": "action",
        "To": "whom",
        "Outcome": "outcome",
    }
    show_items(shown, columns, as_json=as_json, none="There are no entries yet.")


def _who(entry: Mapping[str, Any]) -> str:
    kind, name = entry["actor"]["kind"], entry["actor_name"] or entry["actor"].get("id", "")
    return name if kind == "user" else f"{kind.replace('_', ' ')} {name}".rstrip()


def _whom(entry: Mapping[str, Any]) -> str:
    """Of a role that was given, also which: `grace@example.com as admin`."""
    name, role = entry["subject_name"] or entry["subject"], (entry["after"] or {}).get("role")
    return f"{name} as {role}" if role else name


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
