"""`cx status`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cli.options import App, Currency, Debug, Env, Here, Json

if TYPE_CHECKING:
    from cli.live_status import LiveStatus
    from cygni.pricing.exchange import Exchange
    from stacks.status import EnvironmentStatus

EXAMPLES = ("cx status", "cx status -e production --json")


def status(
    app: App = None,
    env: Env = "local",
    currency: Currency = None,
    as_json: Json = False,
    here: Here = False,
    debug: Debug = False,
) -> None:
    """Show what is deployed, what runs of it now, which release is under way, and what it costs. Where the cloud does
    not answer it says so, and tells what was asked for."""
    from cli.place import elsewhere

    if (place := elsewhere(app, env, here=here)) is not None:
        from cli.connected_inquiry import ask_there

        ask_there(place, "status", {"currency": currency}, as_json=as_json)
        return
    from cli.currency import shown_in
    from cli.live_status import live_status
    from cli.session import deployed
    from cli.terminal import answer
    from stacks.status import status_of

    there = deployed(app, env)
    exchange = shown_in(currency, there.spec)
    live = live_status(there)
    found = status_of(there).shown_in(exchange)
    found = replace(found, warnings=(*found.warnings, *live.problems))
    if as_json:
        answer({**found.to_dict(), "live": live.to_dict()})
    else:
        _show(found, live, exchange)


def _unfinished(*, begun: bool) -> str:
    return "did not finish" if begun else "never begun"


def _show(found: EnvironmentStatus, live: LiveStatus, exchange: Exchange) -> None:
    from rich.table import Table

    from cli.live_status import show_live
    from cli.outputs_view import show_urls
    from cli.terminal import console
    from cygni.plan.wording import whose_prices
    from cygni.pricing.wording import total_text

    people = console()
    people.print(f"[bold]{found.project}[/] · {found.environment} · {found.region} · {found.target}")
    for warning in found.warnings:
        people.print(f"[yellow]warning:[/] {warning}", soft_wrap=True)
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for column in ("Stack", "Resources", "Last deploy"):
        table.add_column(column)
    for stack in found.stacks:
        table.add_row(stack.part, str(stack.resources), stack.applied_at or _unfinished(begun=stack.begun))
    people.print(table)
    if found.services and not live.asked:
        services = Table(box=None, pad_edge=False, padding=(0, 2))
        for column in ("Service", "Colour", "Tasks", "CPU / memory"):
            services.add_column(column, overflow="fold")
        for service in found.services:
            size = f"{service.cpu} / {service.memory} MiB"
            services.add_row(service.name, service.colour, service.tasks, size)
        people.print(services)
    show_live(people, live, found.services)
    show_urls(people, {service.name: service.url for service in found.services if service.url})
    code = exchange.currency
    fixed = total_text(found.monthly, found.unknown, at_most=found.monthly_at_most, currency=code)
    used = total_text(
        found.usage_monthly, found.usage_unknown, at_most=found.usage_monthly_at_most, currency=code
    )
    rate = f" Amounts are {code} at {exchange.text}." if exchange.text else ""
    people.print(f"Cost {fixed} a month, and {used} at the use assumed.{rate}")
    if whose := whose_prices(found.target):
        people.print(f"[dim]That is {whose}.[/]")
