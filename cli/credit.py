"""`cx credit`: what pays an organization's invoices before tax."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.connected import Organization, an_id, connected, show_items, tell
from cli.options import Debug, Json
from cli.terminal import answer

EXAMPLES = (
    "cx credit list",
    "cx credit give 50 EUR --reason Welcome --org acme",
    "cx credit give 1000 EUR --reason 'Paid for 2027' --prepaid --end 2028-01-01T00:00:00Z",
)

app = typer.Typer(
    name="credit", help="What pays an organization's invoices. Operators give it.", no_args_is_help=True
)

Amount = Annotated[str, typer.Argument(help="How much.")]
Currency = Annotated[str, typer.Argument(help="Of which currency, such as EUR.")]
Identity = Annotated[
    str,
    typer.Argument(
        help="Its id, as `cx credit list` shows it.",
        callback=an_id("credit", "See which there are: cx credit list"),
    ),
]
Reason = Annotated[str, typer.Option("--reason", help="What for; the organization reads it.")]
Start = Annotated[str | None, typer.Option("--start", help="From when on.", show_default="from now on")]
End = Annotated[str | None, typer.Option("--end", help="Until when.", show_default="no end")]
Priority = Annotated[int, typer.Option("--priority", min=0, max=100, help="Lower ones are used first.")]
Prepaid = Annotated[bool, typer.Option("--prepaid", help="It was paid for, not given.")]


def _path(organization: str, *more: str) -> tuple[str, ...]:
    return ("/v1/organizations", organization, "credits", *more)


@app.command("list")
def list_(org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Those of the organization, the oldest first."""
    connection = connected(org)
    found = connection.api.get(*_path(connection.the_organization()))["items"]
    columns = {
        "Credit": "id", "Amount": "amount", "Left": "remaining", "Currency": "currency", "Reason": "reason",
        "Until": "end", "Voided": "voided_at",
    }  # fmt: skip
    show_items(found, columns, as_json=as_json, none="There is no credit.")


@app.command()
def give(
    amount: Amount,
    currency: Currency,
    reason: Reason,
    start: Start = None,
    end: End = None,
    priority: Priority = 50,
    prepaid: Prepaid = False,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Give an organization some."""
    connection = connected(org)
    body = {
        "amount": amount,
        "currency": currency,
        "reason": reason,
        "priority": priority,
        "prepaid": prepaid,
    }
    times = {"start": start, "end": end}
    body |= {name: value for name, value in times.items() if value is not None}
    made = connection.api.post(*_path(connection.the_organization()), body=body)
    if as_json:
        answer(made)
    else:
        tell(f"Gave {made['amount']} {made['currency']}: {made['id']}")


@app.command()
def void(credit: Identity, org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Take back what is left of one. What it paid stays paid."""
    connection = connected(org)
    found = connection.api.post(*_path(connection.the_organization(), credit, "void"))
    if as_json:
        answer(found)
    else:
        tell(f"Nothing more is paid by {credit}.")
