"""`cx webhook`: telling other programs what happens."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.connected import Organization, an_id, connected, every_page, show_items, tell
from cli.options import Debug, Json
from cli.terminal import answer

app = typer.Typer(
    name="webhook", help="Tell other programs what happens, by signed requests.", no_args_is_help=True
)

EXAMPLES = (
    "cx webhook create https://hooks.example.com/cygni --event 'deployment.*'",
    "cx webhook list",
)

Url = Annotated[str, typer.Argument(help="Where they listen, such as https://hooks.example.com/cygni.")]
Identity = Annotated[
    str,
    typer.Argument(
        help="Its id, as `cx webhook list` shows it.",
        callback=an_id("webhook", "See which there are: cx webhook list"),
    ),
]
DeliveryId = Annotated[
    str,
    typer.Argument(
        help="As `cx webhook deliveries` shows it.",
        callback=an_id("delivery", "See which there are: cx webhook deliveries WEBHOOK"),
    ),
]
Events = Annotated[
    list[str] | None,
    typer.Option(
        "--event",
        help="What they are told: deployment.succeeded, deployment.*; can be given again.",
        show_default="all",
    ),
]
Description = Annotated[str | None, typer.Option("--description", help="What it is for.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="How many of the newest.")]


def _path(organization: str, *more: str) -> tuple[str, ...]:
    return ("/v1/organizations", organization, "webhooks", *more)


@app.command("list")
def list_(org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Those of the organization."""
    connection = connected(org)
    found = connection.api.get(*_path(connection.the_organization()))["items"]
    columns = {"Webhook": "id", "Address": "url", "Told": "events", "Switched off": "disabled_because"}
    show_items(found, columns, as_json=as_json, none="There is no webhook.")


@app.command()
def create(
    url: Url,
    event: Events = None,
    description: Description = None,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Make one. Its secret, by which receivers check signatures, is printed this once."""
    connection = connected(org)
    wanted: dict[str, Any] = {"url": url}
    if event:
        wanted["events"] = event
    if description:
        wanted["description"] = description
    made = connection.api.post(*_path(connection.the_organization()), body=wanted)
    _show_secret(made, as_json=as_json)


@app.command("replace-secret")
def replace_secret(
    webhook: Identity, org: Organization = None, as_json: Json = False, debug: Debug = False
) -> None:
    """Give one a new secret; for a day the old one signs too."""
    connection = connected(org)
    made = connection.api.post(*_path(connection.the_organization(), webhook, "secret"))
    _show_secret(made, as_json=as_json)


@app.command()
def ping(webhook: Identity, org: Organization = None, debug: Debug = False) -> None:
    """Send one event, to try it out."""
    connection = connected(org)
    connection.api.post(*_path(connection.the_organization(), webhook, "ping"))
    tell(f"Queued: a worker sends it. See how that went with: cx webhook deliveries {webhook}")


@app.command()
def deliveries(
    webhook: Identity,
    limit: Limit = 20,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """What was sent and how it went, the newest first."""
    connection = connected(org)
    path = _path(connection.the_organization(), webhook, "deliveries")
    found = every_page(connection, *path, limit=limit)
    columns = {"Delivery": "id", "Event": "type", "Taken": "delivered_at", "Attempts": "attempts"}
    columns |= {"Answer": "last_status", "Problem": "last_error", "Next": "due_at"}
    show_items(found, columns, as_json=as_json, none="Nothing was sent yet.")


@app.command()
def replay(webhook: Identity, delivery: DeliveryId, org: Organization = None, debug: Debug = False) -> None:
    """Send the same event again."""
    connection = connected(org)
    path = _path(connection.the_organization(), webhook, "deliveries", delivery, "replay")
    connection.api.post(*path)
    tell("It is sent again.")


@app.command()
def delete(webhook: Identity, org: Organization = None, debug: Debug = False) -> None:
    """Delete one, with what was still to be sent."""
    connection = connected(org)
    connection.api.delete(*_path(connection.the_organization(), webhook))
    tell("It is gone.")


def _show_secret(made: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        answer(made)
    else:
        tell(f"Webhook {made['id']} to {made['url']}. Its secret is shown this once:")
        typer.echo(made["secret"])
