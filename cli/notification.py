"""`cx notification`: telling people what comes of deployments."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from cli.connected import Organization, an_id, connected, show_items, tell
from cli.options import Debug, Json
from cli.terminal import answer, ask_secret, interactive

app = typer.Typer(
    name="notification",
    help="Tell people of deployments, budgets and invoices, by email and in Slack.",
    no_args_is_help=True,
)

EXAMPLES = (
    "cx notification email ada@example.com --on failed --on needs_approval",
    "cx notification slack --project shop < webhook-url.txt",
)

Addresses = Annotated[list[str], typer.Argument(help="Who gets it.")]
Identity = Annotated[
    str,
    typer.Argument(
        help="Its id, as `cx notification list` shows it.",
        callback=an_id("notification", "See which there are: cx notification list"),
    ),
]
Occasions = Annotated[
    list[str] | None,
    typer.Option(
        "--on",
        help="needs_approval, succeeded, failed, rolled_back, budget_alert, budget_exceeded, invoice_finalized or "
        "payment_overdue; can be given again.",
        show_default="all",
    ),
]
Project = Annotated[
    str | None, typer.Option("--project", "-p", help="Of this project alone.", show_default="all")
]
Description = Annotated[str | None, typer.Option("--description", help="What it is for.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=100, help="How many of the newest.")]


def _path(organization: str, *more: str) -> tuple[str, ...]:
    return ("/v1/organizations", organization, "notifications", *more)


@app.command("list")
def list_(org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Those of the organization."""
    connection = connected(org)
    found = connection.api.get(*_path(connection.the_organization()))["items"]
    columns = {"Notification": "id", "By": "kind", "To": "addresses", "On": "occasions"}
    columns |= {"For": "description", "Switched off": "disabled_because"}
    show_items(found, columns, as_json=as_json, none="There is no notification.")


@app.command()
def email(
    addresses: Addresses,
    on: Occasions = None,
    project: Project = None,
    description: Description = None,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Tell people by email."""
    wanted = _wanted(on, project, description)
    _create({"kind": "email", "addresses": addresses, **wanted}, org, as_json=as_json)


@app.command()
def slack(
    on: Occasions = None,
    project: Project = None,
    description: Description = None,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Tell a channel of Slack. The URL of its incoming webhook is asked for at a terminal, else read from stdin.

    Never an argument: whoever has it may write into the channel. It is kept as secrets are, and not shown again.
    """
    url = ask_secret("URL of the incoming webhook") if interactive() else sys.stdin.read().strip()
    _create({"kind": "slack", "url": url, **_wanted(on, project, description)}, org, as_json=as_json)


@app.command("test")
def try_out(notification: Identity, org: Organization = None, debug: Debug = False) -> None:
    """Have one message sent, to try it out."""
    connection = connected(org)
    connection.api.post(*_path(connection.the_organization(), notification, "test"))
    tell(f"Queued: a worker sends it. See how that went with: cx notification deliveries {notification}")


@app.command()
def deliveries(
    notification: Identity,
    limit: Limit = 20,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """What was sent and how it went, the newest first."""
    connection = connected(org)
    path = _path(connection.the_organization(), notification, "deliveries")
    found = connection.api.get(*path, limit=limit)["items"]
    columns = {"Delivery": "id", "On": "occasion", "Taken": "delivered_at", "Attempts": "attempts"}
    columns |= {"Answer": "last_status", "Problem": "last_error", "Next": "due_at"}
    show_items(found, columns, as_json=as_json, none="Nothing was sent yet.")


@app.command()
def delete(notification: Identity, org: Organization = None, debug: Debug = False) -> None:
    """Delete one, with what was still to be sent."""
    connection = connected(org)
    connection.api.delete(*_path(connection.the_organization(), notification))
    tell("It is gone.")


def _wanted(on: list[str] | None, project: str | None, description: str | None) -> dict[str, Any]:
    given = {"occasions": on, "project": project, "description": description}
    return {name: value for name, value in given.items() if value}


def _create(wanted: dict[str, Any], org: str | None, *, as_json: bool) -> None:
    connection = connected(org)
    made = connection.api.post(*_path(connection.the_organization()), body=wanted)
    if as_json:
        answer(made)
    else:
        tell(f"Notification {made['id']} is made. Try it out: cx notification test {made['id']}")
