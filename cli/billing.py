"""`cx billing`: how an organization pays."""

from __future__ import annotations

from typing import Any

import typer

from cli.connected import Organization, connected, tell
from cli.options import Debug, Json
from cli.terminal import answer

app = typer.Typer(name="billing", help="See and set up how an organization pays.", no_args_is_help=True)

EXAMPLES = (
    "cx billing status",
    "cx billing checkout",
    "cx billing portal",
)

_CARE = {
    "refused": "Stripe refused",
    "too_late": "were too old for Stripe",
    "disputed": "fit nothing that Stripe has counted",
}


def _path(organization: str, *more: str) -> tuple[str, ...]:
    return ("/v1/organizations", organization, "billing", *more)


@app.command()
def status(org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Show whether Stripe collects, by what, and how much usage has gone there."""
    connection = connected(org)
    found = connection.api.get(*_path(connection.the_organization()))
    if as_json:
        answer(found)
        return
    for line in _lines(found):
        tell(line)


@app.command()
def checkout(org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Get the page of Stripe on which you set up a payment method."""
    _page("checkout", org, as_json=as_json)


@app.command()
def portal(org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Get the page of Stripe about your payment methods and invoices."""
    _page("portal", org, as_json=as_json)


def _page(which: str, org: str | None, *, as_json: bool) -> None:
    connection = connected(org)
    page = connection.api.post(*_path(connection.the_organization(), which))
    if as_json:
        answer(page)
    else:
        tell(f"Open this page soon, it does not last: {page['url']}")


def _lines(found: dict[str, Any]) -> list[str]:
    if not found["stripe"]:
        return ["No Stripe is set up here: invoices are made without it."]
    method = found["payment_method"]
    lines = [
        f"Stripe collects by {method}."
        if method
        else "There is no payment method. Set one up: cx billing checkout"
    ]
    events = found["meter_events"]
    if any(events.values()):
        lines.append(
            f"Usage at Stripe: {events['sent']} sent, {events['waiting'] + events['unknown']} to come."
        )
    for one in found["invoice_problems"]:
        again = "It is tried again." if one["next_attempt_at"] else "Somebody has to take care."
        lines.append(f"Invoice {one['number']} at Stripe: {one['error'].rstrip('.')}. {again}")
    lines += [f"{events[name]} {words}." for name, words in _CARE.items() if events[name]]
    return lines
