"""A plan for people: what changes, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cygni.plan.model import Change, Plan, StackStatus, Step
from cygni.plan.wording import change_summary, counted, headline, property_text, short_type, stack_line
from cygni.pricing import CostDiff, ResourceDiff, Status

if TYPE_CHECKING:
    from rich.console import Console

SIGNS = {Change.CREATE: "+", Change.UPDATE: "~", Change.REPLACE: "±", Change.DELETE: "-"}
_COLOURS = {Change.CREATE: "green", Change.UPDATE: "yellow", Change.REPLACE: "magenta", Change.DELETE: "red"}


def show_plan(console: Console, plan: Plan) -> None:
    """Prints the steps of each stack and the cost table."""
    project, *place = headline(plan)
    console.print(" · ".join([f"[bold]{project}[/]", *place]), highlight=False)
    for stack in plan.stacks:
        console.print()
        console.print(f"[bold]{stack.part}[/]  {stack_line(stack)}")
        if stack.drifted:
            console.print(f"  [yellow]changed outside of Cygni:[/] {_plain(', '.join(stack.drifted))}")
        if stack.status is StackStatus.CHANGED:
            for step in stack.steps:
                _show_step(console, step)
    for warning in plan.warnings:
        console.print(f"[yellow]warning:[/] {_plain(warning)}")
    console.print()
    show_cost(console, plan.cost)
    console.print(f"[bold]{change_summary(plan)}[/]")


def _show_step(console: Console, step: Step) -> None:
    colour = _COLOURS[step.change]
    data = "  [bold red]loses its data[/]" if step.stateful else ""
    console.print(f"  [{colour}]{SIGNS[step.change]} {short_type(step.type)}[/] {_plain(step.name)}{data}")
    for change in step.properties:
        forced = "  [magenta](forces replacement)[/]" if change.replaces else ""
        console.print(f"      {_plain(property_text(change))}{forced}", overflow="ellipsis", no_wrap=True)


def show_cost(console: Console, cost: CostDiff) -> None:
    """The table of cost per resource and in total, and what is not in it."""
    from rich.table import Table

    table = Table(title="Cost, USD per month", title_justify="left", box=None, pad_edge=False, padding=(0, 2))
    table.add_column("Resource")
    for column in ("before", "after", "delta"):
        table.add_column(column, justify="right", no_wrap=True)
    free = 0
    for diff in cost.resources:
        if _is_free(diff):
            free += 1
            continue
        if _fixed_matters(diff):
            _add_row(table, diff)
    totals = (cost.before.monthly, cost.after.monthly, cost.delta_monthly)
    table.add_section()
    table.add_row("[bold]Total[/]", money(totals[0]), money(totals[1]), _delta_text(totals[2], bold=True))
    table.add_row(
        "[dim]per hour[/]",
        money(cost.before.hourly, places=4),
        money(cost.after.hourly, places=4),
        _delta_text(cost.delta_hourly, places=4),
    )
    console.print(table)
    _show_usage(console, cost)
    _show_footnotes(console, cost, free)


def _show_usage(console: Console, cost: CostDiff) -> None:
    from rich.table import Table

    rows = [diff for diff in cost.resources if _usage_matters(diff)]
    if not rows:
        return
    table = Table(
        title="Depends on use, USD per month at the use assumed",
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 2),
    )
    table.add_column("Resource")
    for column in ("before", "after", "delta"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("assumed")
    for diff in rows:
        table.add_row(
            f"{short_type(diff.type)} {_plain(diff.name)}",
            _side(diff.before, usage=True),
            _side(diff.after, usage=True),
            _delta_text(diff.delta.usage_monthly),
            _plain("; ".join(_assumptions(diff))),
        )
    console.print()
    console.print(table)


def _show_footnotes(console: Console, cost: CostDiff, free: int) -> None:
    notes = [f"{counted(free, 'resource')} free"] if free else []
    estimate = cost.after if cost.after.resources else cost.before
    if estimate.unpriced:
        types = ", ".join(f"{short_type(name)} ×{count}" for name, count in sorted(estimate.unpriced.items()))
        notes.append(f"not priced, so not in the total: {types}")
    if estimate.missing:
        notes.append(f"{counted(estimate.missing, 'line')} without a price, so not in the total")
    if estimate.oldest and estimate.newest:
        dates = (
            str(estimate.oldest)
            if estimate.oldest == estimate.newest
            else (f"{estimate.oldest} to {estimate.newest}")
        )
        notes.append(f"list prices as of {dates}, without free tier, discounts and tax")
    for note in notes:
        console.print(f"[dim]{_plain(note)}[/]")
    console.print()


def _add_row(table: Any, diff: ResourceDiff) -> None:
    table.add_row(
        f"{short_type(diff.type)} {_plain(diff.name)}",
        _side(diff.before),
        _side(diff.after),
        _delta_text(diff.delta.monthly),
    )


def _side(cost: Any, *, usage: bool = False) -> str:
    if cost is None:
        return "-"
    if cost.status is Status.NOT_PRICED:
        return "not priced"
    amount = cost.cost.usage_monthly if usage else cost.cost.monthly
    return "no price" if amount is None else money(amount)


def _delta_text(amount: Decimal | None, *, places: int = 2, bold: bool = False) -> str:
    if amount is None:
        return "unknown"
    text = signed_money(amount, places=places)
    colour = "red" if amount > 0 else "green" if amount < 0 else "dim"
    return f"[{'bold ' if bold else ''}{colour}]{text}[/]"


def money(amount: Decimal, *, places: int = 2) -> str:
    """`$1,234.50`."""
    return f"{'-' if amount < 0 else ''}${abs(amount):,.{places}f}"


def signed_money(amount: Decimal, *, places: int = 2) -> str:
    """`+$5.00`, `-$5.00` or `$0.00`."""
    return f"+{money(amount, places=places)}" if amount > 0 else money(amount, places=places)


def _is_free(diff: ResourceDiff) -> bool:
    sides = [side for side in (diff.before, diff.after) if side is not None]
    return all(side.status is Status.FREE for side in sides)


def _fixed_matters(diff: ResourceDiff) -> bool:
    sides = [side for side in (diff.before, diff.after) if side is not None]
    return any(side.cost.monthly is None or side.cost.monthly for side in sides)


def _usage_matters(diff: ResourceDiff) -> bool:
    sides = [side for side in (diff.before, diff.after) if side is not None]
    return any(
        side.status is not Status.NOT_PRICED and (side.cost.usage_monthly is None or side.cost.usage_monthly)
        for side in sides
    )


def _assumptions(diff: ResourceDiff) -> Iterable[str]:
    side = diff.after or diff.before
    lines = side.lines if side is not None else ()
    return dict.fromkeys(line.assumption for line in lines if line.usage_based and line.assumption)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
