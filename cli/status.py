"""`cx status`."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from cli.options import App, Debug, Env, Json

if TYPE_CHECKING:
    from stacks.status import EnvironmentStatus


def status(app: App = None, env: Env = "local", as_json: Json = False, debug: Debug = False) -> None:
    """Show what is deployed, since when, and what it costs."""
    from cli.session import deployed
    from stacks.status import status_of

    found = status_of(deployed(app, env))
    if as_json:
        json.dump(found.to_dict(), sys.stdout)
        sys.stdout.write("\n")
    else:
        _show(found)


def _show(found: EnvironmentStatus) -> None:
    from rich.table import Table

    from cli.terminal import console
    from cygni.pricing.wording import total_text

    people = console()
    people.print(f"[bold]{found.project}[/] · {found.environment} · {found.region} · {found.target}")
    for warning in found.warnings:
        people.print(f"[yellow]warning:[/] {warning}")
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for column in ("Stack", "Resources", "Last deploy"):
        table.add_column(column)
    for stack in found.stacks:
        table.add_row(stack.part, str(stack.resources), stack.applied_at or "did not finish")
    people.print(table)
    if found.services:
        services = Table(box=None, pad_edge=False, padding=(0, 2))
        for column in ("Service", "Colour", "Tasks", "CPU / memory", "Address"):
            services.add_column(column, overflow="fold")
        for service in found.services:
            services.add_row(
                service.name,
                service.colour,
                service.tasks,
                f"{service.cpu} / {service.memory} MiB",
                service.url or "-",
            )
        people.print(services)
    people.print(
        f"Cost {total_text(found.monthly, found.unknown)} a month, "
        f"and {total_text(found.usage_monthly, found.usage_unknown)} at the use assumed."
    )
