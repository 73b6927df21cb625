"""`cx margin`: what projects bring in, beside what they cost, for operators of a control plane."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Any

import typer

from cli.connected import Organization, connected, show_items, tell
from cli.options import Debug, Json
from cli.terminal import answer

EXAMPLES = ("cx margin --org acme", "cx margin --org acme --at 2026-10-15T00:00:00Z")

At = Annotated[
    str | None, typer.Option("--at", help="Any time in the period (ISO 8601).", show_default="now")
]


def margin(org: Organization = None, at: At = None, as_json: Json = False, debug: Debug = False) -> None:
    """Show what is billed for each project of an organization in a billing period, beside what it was estimated to cost
    on AWS. For operators of the server."""
    connection = connected(org)
    found = connection.api.get("/v1/organizations", connection.the_organization(), "margin", at=at)
    if as_json:
        answer(found)
        return
    tell(f"From {found['period']['start']} until {found['period']['end']}:")
    rows = [_of_people(one) for one in found["projects"]]
    rows.append({**_of_people(found["total"]), "project": "all of it"})
    columns = {
        "Project": "project",
        f"Billed ({found['currency']})": "billed",
        f"Estimated cost ({found['cost_currency']})": "cost",
        "Margin": "margin",
        "%": "percent",
    }
    show_items(rows, columns, as_json=False, none="Nothing.")


def _of_people(one: dict[str, Any]) -> dict[str, Any]:
    amounts = {name: _shown(one[name]) for name in ("billed", "cost", "margin", "percent")}
    return {"project": one["project"] or "(of no project)", **amounts}


def _shown(text: str | None) -> str | None:
    return None if text is None else str(Decimal(text).quantize(Decimal("0.01"), ROUND_HALF_EVEN))
