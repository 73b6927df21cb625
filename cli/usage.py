"""`cx usage`: what an organization used, and the events behind each figure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.connected import Organization, connected, every_page, show_items, tell, to_the_second
from cli.options import Debug, Json
from cli.terminal import answer
from cygni.errors import NotFound, PermissionDenied, UsageError
from cygni.wording import quoted

if TYPE_CHECKING:
    from cygni.control_plane.connection import Connection

EXAMPLES = (
    "cx usage --project shop",
    "cx usage --from 2026-10-01 --to 2026-11-01",
    "cx usage --meter vcpu_hours --events --project shop",
)

Project = Annotated[str | None, typer.Option("--project", "-p", help="Of this project alone.")]
Environment = Annotated[str | None, typer.Option("--env", "-e", help="Of environments of this name alone.")]
From = Annotated[
    str | None,
    typer.Option(
        "--from", help="A day or a time (ISO 8601, UTC).", show_default="when the billing period began"
    ),
]
To = Annotated[
    str | None, typer.Option("--to", help="Until before this day or time.", show_default="until now")
]
MeterKey = Annotated[str | None, typer.Option("--meter", help="This meter alone.")]
Events = Annotated[bool, typer.Option("--events", help="The events behind the figure of --meter.")]


def usage(
    project: Project = None,
    environment: Environment = None,
    start: From = None,
    end: To = None,
    meter: MeterKey = None,
    events: Events = False,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Show what was used in this billing period, or in any time: each meter with its unit. What is kept, such as
    storage, is averaged over the time."""
    if events and meter is None:
        raise UsageError("--events are those of one meter", hint="Name it, as in: --meter vcpu_hours")
    connection = connected(org)
    path = ("/v1/organizations", connection.the_organization())
    now = datetime.now(UTC)
    began = _moment(start) if start else _period_start(connection, path, now)
    until = _moment(end) if end else now
    if began >= until:
        raise UsageError(
            f"--from {_told(began)} is not before --to {_told(until)}",
            hint="Without --to it is now; without --from, when the billing period began.",
        )
    asked = {"start": began.isoformat(), "end": until.isoformat()}
    asked |= {name: value for name, value in (("project", project), ("environment", environment)) if value}
    if events:
        listed = every_page(connection, *path, "usage", "events", asked={**asked, "meter": str(meter)})
        if not listed:
            _require_project(connection, path, project)
        _show_events(listed, as_json=as_json)
        return
    found = connection.api.get(*path, "usage", **asked)
    if all(Decimal(one["quantity"]) == 0 for one in found["totals"]):
        _require_project(connection, path, project)
    totals = [one for one in found["totals"] if meter in (None, one["meter"])]
    if not totals:
        raise NotFound(f"there is no meter {meter!r}", hint="See those that there are: cx usage")
    if as_json:
        answer({**found, "totals": totals})
        return
    tell(f"From {to_the_second(found['start'])} until {to_the_second(found['end'])}:")
    show_items(
        totals, {"Meter": "meter", "Quantity": "quantity", "Unit": "unit"}, as_json=False, none="Nothing."
    )


def _require_project(connection: Connection, path: tuple[str, ...], project: str | None) -> None:
    """That there is one of which nothing was used: what was used of one that is gone stays. Raises NotFound."""
    if project is None:
        return
    try:
        connection.api.get(*path, "projects", project)
    except NotFound:
        raise NotFound(
            f"there is no project {quoted(project)}, and nothing was used of one in this time",
            hint="See which there are: cx project list",
        ) from None
    except PermissionDenied:
        return  # it is not for this caller to see


def _told(moment: datetime) -> str:
    return to_the_second(moment.astimezone(UTC).isoformat())


def _show_events(found: list[dict[str, Any]], *, as_json: bool) -> None:
    shown = found if as_json else [_of_people(one) for one in found]
    columns = {
        "At": "at",
        "Quantity": "quantity",
        "Project": "project",
        "Environment": "environment",
        "Of": "subject",
        "Source": "source",
        "Taken back": "void_at",
    }
    show_items(shown, columns, as_json=as_json, none="There are no events of it in this time.")


def _of_people(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "quantity": f"{Decimal(event['quantity']).normalize():f}"}


def _period_start(connection: Connection, path: tuple[str, ...], now: datetime) -> datetime:
    """That of the subscription's period, where there is one that may be read; else of the month, in UTC."""
    try:
        found = connection.api.get(*path, "subscription")
    except (NotFound, PermissionDenied):
        return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return datetime.fromisoformat(found["period"]["start"])


def _moment(text: str) -> datetime:
    """Raises UsageError."""
    try:
        if len(text) == len("2026-11-22"):
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{text!r} is no day and no time", hint="Write 2026-11-22 or 2026-11-22T12:00:00Z."
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
