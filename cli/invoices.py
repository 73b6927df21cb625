"""`cx invoices`: what an organization is billed, and how it came about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.connected import (
    Organization,
    an_id,
    connected,
    every_page,
    show_items,
    shown_day,
    shown_moment,
    tell,
)
from cli.options import Debug, Json, Yes
from cli.terminal import answer, confirm

if TYPE_CHECKING:
    from cygni.control_plane.connection import Connection

app = typer.Typer(
    name="invoices", help="What an organization is billed, and how it came about.", no_args_is_help=True
)

EXAMPLES = (
    "cx invoices list",
    "cx invoices show upcoming",
    "cx invoices pdf 2026-000017",
    "cx invoices explain 2026-000017 processors",
)

UPCOMING = "upcoming"

Invoice = Annotated[
    str, typer.Argument(help="Its number or its id, as `cx invoices list` shows them, or `upcoming`.")
]
Final = Annotated[str, typer.Argument(help="Its number or its id, as `cx invoices list` shows them.")]
Charge = Annotated[str, typer.Argument(help="The key of the charge, as `cx invoices show` shows it.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Where to write it.", show_default="invoice-NUMBER.pdf"),
]
Reason = Annotated[str, typer.Option("--reason", help="Why; who is billed reads it in the audit log.")]
Amount = Annotated[str, typer.Argument(help="With its tax, in the currency of the invoice, such as 12.50.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="How many of the newest.")]


@app.command("list")
def list_(limit: Limit = 50, org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """The newest first; a draft is of a period that goes on, or waits for usage that comes late."""
    connection = connected(org)
    found = every_page(connection, *_path(connection), limit=limit)
    columns = {
        "Number": "number",
        "Invoice": "id",
        "State": "state",
        "From": "period_start",
        "Until": "period_end",
    }
    columns |= {"Total": "total", "": "currency", "Due": "due_at"}
    rows = found if as_json else [_listed(one) for one in found]
    show_items(rows, columns, as_json=as_json, none="There is no invoice yet.")


@app.command()
def show(invoice: Invoice, org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """All that it says. Of a draft, what it came to if nothing more was used."""
    connection = connected(org)
    upcoming = invoice == UPCOMING
    found = connection.api.get(*_path(connection, UPCOMING if upcoming else _id(connection, invoice)))
    if as_json:
        answer(found)
        return
    document = found["document"]
    title = f"Invoice {found['number']}" if found["number"] else "Draft of an invoice"
    span = _span(document, _zone_of(document))
    tell(f"{title} ({found['state']}), {span}, in {document['currency']}")
    columns = {"Charge": "key", "": "name", "Quantity": "quantity", "Amount": "amount", "For": "for"}
    show_items(list(_lines(document)), columns, as_json=False, none="It has no lines.")
    for name, amount in _sums(found):
        tell(f"{name}: {amount}")


@app.command()
def pdf(
    invoice: Invoice,
    output: Output = None,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Write it as PDF into a file, which is the same each time once the invoice is final."""
    from cygni.errors import UsageError

    connection = connected(org)
    id = _id(connection, invoice)
    content = connection.api.content(*_path(connection, id, "pdf"))
    path = output or Path(f"invoice-{invoice}.pdf")
    try:
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from error
    if as_json:
        answer({"path": str(path)})
    else:
        tell(f"Wrote {path}.")


@app.command()
def explain(
    invoice: Invoice,
    charge: Charge,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """How what a charge costs came about: by which steps, in which hours, of which events."""
    connection = connected(org)
    path = _path(connection, _id(connection, invoice), "lines", charge)
    found = connection.api.get(*path)
    if as_json:
        answer(found)
        return
    zone = found["zone"]
    for part in found["lines"]:
        _explain(part, zone)
    for late in found["adjustments"]:
        tell(f"{late['amount']} for {_span(late, zone)}: it came late, or was corrected.")


@app.command()
def pay(invoice: Final, org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """For operators: it was paid, in whatever way."""
    connection = connected(org)
    made = connection.api.post(*_path(connection, _id(connection, invoice), "payment"))
    _changed(made, as_json=as_json)


@app.command()
def void(
    invoice: Final,
    reason: Reason,
    yes: Yes = False,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """For operators: take it back. What it billed goes on the next one."""
    connection = connected(org)
    path = _path(connection, _id(connection, invoice), "void")
    confirm(f"Void the invoice {invoice}?", yes=yes)
    _changed(connection.api.post(*path, body={"reason": reason}), as_json=as_json)


@app.command()
def credit(
    invoice: Final,
    amount: Amount,
    reason: Reason,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """For operators: a part of it need not be paid, or is given back."""
    connection = connected(org)
    path = _path(connection, _id(connection, invoice), "credit-notes")
    made = connection.api.post(*path, body={"amount": amount, "reason": reason})
    if as_json:
        answer(made)
    else:
        tell(f"Credit note {made['number']}: {made['amount']} {made['currency']}.")


def _path(connection: Connection, *more: str) -> tuple[str, ...]:
    return ("/v1/organizations", connection.the_organization(), "invoices", *more)


def _id(connection: Connection, invoice: str) -> str:
    """Its id, where its number or that it is the upcoming one is given. Raises NotFound."""
    from cygni.errors import NotFound

    if invoice == UPCOMING:
        return str(connection.api.get(*_path(connection, UPCOMING))["id"])
    if invoice.count("-") == 4:
        return an_id("invoice", "See which there are: cx invoices list")(invoice)
    for one in every_page(connection, *_path(connection)):
        if one["number"] == invoice:
            return str(one["id"])
    raise NotFound(f"there is no invoice {invoice!r}", hint="See which there are: cx invoices list")


def _listed(invoice: dict[str, Any]) -> dict[str, Any]:
    """A draft has no total yet, in no currency."""
    return invoice if invoice["total"] is not None else {**invoice, "total": "-", "currency": None}


def _zone_of(document: dict[str, Any]) -> str:
    from cygni.billing.shown import zone_of

    return zone_of(document)


def _lines(document: dict[str, Any]) -> Any:
    zone = _zone_of(document)
    for line in document["lines"]:
        same = line["period"] == document["period"]
        yield {
            **line,
            "quantity": line["quantity"] if line["meter"] else None,
            "for": "" if same else _span(line, zone),
        }
    for late in document["adjustments"]:
        yield {**late, "for": _span(late, zone)}


def _sums(found: dict[str, Any]) -> Any:
    document = found["document"]
    if document["carried"] not in ("0", "0.00"):
        yield "Carried over from before", document["carried"]
    yield "Subtotal", document["subtotal"]
    for used in document["credits"]:
        yield f"Credit {used['grant']}", f"-{used['amount']}"
    yield f"Tax, {document['tax_rate']} %", document["tax"]
    yield "Total", f"{document['total']} {document['currency']}"
    for note in found["credit_notes"]:
        yield f"Credit note {note['number']}", f"-{note['amount']}"
    if found["amount_due"] is not None:
        until = (
            f" until {shown_day(found['due_at'], _zone_of(document))}"
            if found["state"] in ("final", "overdue")
            else ""
        )
        yield "To be paid", f"{found['amount_due']}{until}"


def _span(of: dict[str, Any], zone: str) -> str:
    return f"{shown_moment(of['period']['start'], zone)} to {shown_moment(of['period']['end'], zone)}"


def _explain(part: dict[str, Any], zone: str) -> None:
    line, meter = part["line"], part["meter"]
    tell(
        f"{line['name']}, {_span(line, zone)}, by version {line['plan_version']} of the plan {line['plan']}:"
    )
    if meter is not None:
        tell(f"  {line['quantity']} {meter['unit']} ({meter['aggregation']}), {line['included']} included")
    for step in line["steps"]:
        fee = f" + {step['fee']}" if step["fee"] != "0" else ""
        tell(f"  {step['quantity']} × {step['unit_price']}{fee} = {step['amount']}")
    tell(f"  {line['exact']}, rounded to {line['amount']}" + (", free on trial" if line["on_trial"] else ""))
    if part["quantity_now"] not in (None, line["quantity"]):
        tell(f"  {part['quantity_now']} are known now; what differs is on a later invoice.")
    columns = {"Hour": "hour", "Events": "count", "Total": "total", "Largest": "largest"}
    if part["hours"]:
        show_items(part["hours"], columns, as_json=False, none="")
    if part["events"]:
        tell(f"  Its events: GET {part['events']}")


def _changed(made: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        answer(made)
    else:
        tell(f"Invoice {made['number']} is {made['state']}.")
