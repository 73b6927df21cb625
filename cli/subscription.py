"""`cx subscription`: what an organization is billed by."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.connected import Organization, connected, tell
from cli.options import Debug, Json
from cli.terminal import answer

EXAMPLES = (
    "cx subscription show",
    "cx subscription set team --org acme --tax-rate 19 --zone Europe/Berlin",
    "cx subscription set large --org acme --at 2027-03-01T00:00:00Z",
    "cx subscription cancel --org acme",
)

app = typer.Typer(
    name="subscription", help="What an organization is billed by. Operators set it.", no_args_is_help=True
)

Plan = Annotated[str, typer.Argument(help="The key of the plan, as `cx plans list` shows it.")]
Version = Annotated[int | None, typer.Option("--version", help="Of the plan.", show_default="the newest")]
At = Annotated[
    str | None,
    typer.Option("--at", help="From when on, such as 2027-03-01T00:00:00Z.", show_default="from now on"),
]
Zone = Annotated[
    str | None, typer.Option("--zone", help="The time zone in which periods begin.", show_default="UTC")
]
Anchor = Annotated[
    str | None,
    typer.Option("--anchor", help="A day on which a period begins.", show_default="when it begins"),
]
Months = Annotated[int | None, typer.Option("--months", help="Of a period.", show_default="1")]
TrialDays = Annotated[
    int | None, typer.Option("--trial-days", help="That are free.", show_default="those of the plan")
]
TaxRate = Annotated[str | None, typer.Option("--tax-rate", help="In percent.", show_default="as it is")]


def _path(organization: str, *more: str) -> tuple[str, ...]:
    return ("/v1/organizations", organization, "subscription", *more)


@app.command()
def show(org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Show the plan that holds, its period, and what is planned."""
    connection = connected(org)
    _show(connection.api.get(*_path(connection.the_organization())), as_json=as_json)


@app.command("set")
def set_(
    plan: Plan,
    version: Version = None,
    at: At = None,
    zone: Zone = None,
    anchor: Anchor = None,
    months: Months = None,
    trial_days: TrialDays = None,
    tax_rate: TaxRate = None,
    org: Organization = None,
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Subscribe an organization, or change its plan from a moment on.

    It takes the place of what was planned for later. A subscription that was cancelled, and has not ended, goes on.
    Zone, anchor, months and trial are said where a subscription begins.
    """
    connection = connected(org)
    wanted = {
        "plan": plan, "version": version, "at": at, "zone": zone, "anchor": anchor, "months": months,
        "trial_days": trial_days, "tax_rate": tax_rate,
    }  # fmt: skip
    body = {name: value for name, value in wanted.items() if value is not None}
    _show(connection.api.put(*_path(connection.the_organization()), body=body), as_json=as_json)


@app.command()
def cancel(org: Organization = None, as_json: Json = False, debug: Debug = False) -> None:
    """Let it end with the period that goes on."""
    connection = connected(org)
    _show(connection.api.post(*_path(connection.the_organization(), "cancel")), as_json=as_json)


def _show(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        answer(found)
        return
    tell(f"{found['plan']} (version {found['version']}), in {found['currency']}, since {found['start']}")
    if found["on_trial"]:
        tell(f"On trial until {found['trial_end']}")
    tell(f"Period: {found['period']['start']} to {found['period']['end']} ({found['zone']})")
    for phase in found["phases"]:
        if phase["start"] > found["period"]["start"]:
            tell(f"From {phase['start']}: {phase['plan']} (version {phase['version']})")
    if found["end"]:
        tell(f"Ends {found['end']}")
    if found["limits"]:
        tell("Limits: " + ", ".join(f"{name} {most}" for name, most in found["limits"].items()))
