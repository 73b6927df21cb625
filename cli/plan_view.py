"""A plan for people: what changes, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from cygni.plan.model import Change, Drift, Plan, PolicyFinding, StackStatus, Step
from cygni.plan.wording import (
    change_summary,
    counted,
    drift_lines,
    drifted_names,
    emptied_text,
    finding_lines,
    finding_text,
    floor_text,
    headline,
    property_texts,
    release_line,
    stack_line,
    temporary_text,
    told_drift,
    whose_prices,
)
from cygni.pricing import CostDiff, ResourceDiff, Status
from cygni.pricing.wording import (
    basis_text,
    delta_text,
    estimate_text,
    missing_texts,
    resource_delta_text,
    side_text,
    unpriced_in_totals,
)
from cygni.resources import short_type

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

SIGNS = {Change.CREATE: "+", Change.UPDATE: "~", Change.REPLACE: "±", Change.DELETE: "-"}
_COLOURS = {Change.CREATE: "green", Change.UPDATE: "yellow", Change.REPLACE: "magenta", Change.DELETE: "red"}


_INDENT = " " * 6


def show_plan(console: Console, plan: Plan) -> None:
    """Prints the steps of each stack and the cost table."""
    from cli.event_file import telling_plan

    with telling_plan():
        _show_plan(console, plan)


def _show_plan(console: Console, plan: Plan) -> None:
    project, *place = headline(plan)
    console.print(" · ".join([f"[bold]{project}[/]", *place]), highlight=False)
    if plan.emptied:
        console.print(_words((emptied_text(plan), "yellow")))
    for stack in plan.stacks:
        console.print()
        console.print(f"[bold]{stack.part}[/]  {stack_line(stack)}")
        drift = told_drift(plan, stack.drift)
        if drift:
            names = ", ".join(drifted_names(drift))
            console.print(_words("  ", ("changed outside of Cygni:", "yellow"), f" {names}"), soft_wrap=True)
            show_drift(console, drift)
        show_findings(console, stack.findings, indent="  ")
        if stack.status is StackStatus.CHANGED:
            for step in stack.steps:
                _show_step(console, step)
    show_releases(console, plan)
    show_warnings(console, plan)
    show_findings(console, plan.own_findings)
    console.print()
    show_cost(console, plan.cost, whose_prices(plan.target))
    for temporary in plan.temporary:
        console.print(_words(("for a time: ", "yellow"), temporary_text(temporary)), soft_wrap=True)
    console.print(f"[bold]{change_summary(plan)}[/]")


def show_releases(console: Console, plan: Plan) -> None:
    """Which services are released when the stacks are as planned, and how."""
    if not plan.releases:
        return
    console.print()
    console.print("[bold]releases[/]")
    for release in plan.releases:
        console.print(_words("  ", (release_line(release), "yellow")))
    if floor := floor_text(plan):
        console.print(_words("  ", (floor, "dim")))


def show_drift(console: Console, drift: Iterable[Drift], *, indent: str = _INDENT) -> None:
    """What was changed outside, a line for each property: the state's value, then the cloud's."""
    width = console.width - len(indent)
    for line in (line for one in drift for line in drift_lines(one, width=width)):
        console.print(_words(f"{indent}{line}"))


def show_findings(console: Console, findings: Iterable[PolicyFinding], *, indent: str = "") -> None:
    """What policies say, why, and what to do about it."""
    from rich.padding import Padding

    for finding, reasons in finding_lines(findings):
        colour = "red" if finding.mandatory else "yellow"
        console.print(_words(indent, (finding_text(finding), colour)))
        for reason in reasons:
            console.print(Padding(_words((reason, "dim")), (0, 0, 0, len(indent) + 4)))


def show_warnings(console: Console, plan: Plan) -> None:
    """Prints the warnings of a plan, a line each."""
    for warning in plan.warnings:
        console.print(_words(("warning:", "yellow"), f" {warning}"))


def _show_step(console: Console, step: Step) -> None:
    colour = _COLOURS[step.change]
    what = (f"{SIGNS[step.change]} {short_type(step.type)}", colour)
    console.print(
        _words("  ", what, f" {step.name}", ("  loses its data", "bold red") if step.stateful else "")
    )
    for change in step.properties:
        forced = "  (forces replacement)" if change.replaces else ""
        for text in property_texts(change, width=console.width - len(_INDENT) - len(forced)):
            console.print(_words(_INDENT, text, (forced, "magenta")))


def show_cost(console: Console, cost: CostDiff, note: str = "") -> None:
    """The table of cost per resource and in total, and what is not in it; the first of what is told below is `note`."""
    from rich.table import Table

    table = Table(
        title=f"Cost, {cost.exchange.currency} per month",
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 2),
    )
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
    table.add_section()
    table.add_row("[bold]Total[/]", *_totals(cost, bold=True))
    table.add_row("[dim]per hour[/]", *_totals(cost, hourly=True))
    console.print(table)
    _show_usage(console, cost)
    _show_footnotes(console, cost, free, [note] if note else [])


def _totals(cost: CostDiff, *, hourly: bool = False, bold: bool = False) -> Iterable[str]:
    """The cells of a row of totals; what is missing from one stands below it."""
    for side in (cost.before, cost.after):
        yield estimate_text(side, hourly=hourly).replace(" (", "\n(")
    amount = cost.delta_hourly if hourly else cost.delta_monthly
    text = delta_text(cost, hourly=hourly).replace(" (", "\n(")
    yield _coloured(text, amount, bold=bold)


def _show_usage(console: Console, cost: CostDiff) -> None:
    from rich.table import Table

    rows = [diff for diff in cost.resources if _usage_matters(diff)]
    if not rows:
        return
    table = Table(
        title=f"Depends on use, {cost.exchange.currency} per month",
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 2),
    )
    table.add_column("Resource")
    for column in ("before", "after", "delta"):
        table.add_column(column, justify="right", no_wrap=True)
    for diff in rows:
        table.add_row(
            _words(f"{short_type(diff.type)} {diff.name}"),
            side_text(diff.before, usage=True),
            side_text(diff.after, usage=True),
            _delta(diff, usage=True),
        )
    console.print()
    console.print(table)
    assumed = assumptions(rows)
    if assumed:
        console.print(_words((f"assumed (see usage: in cygni.yaml): {'; '.join(assumed)}", "dim")))


def _show_footnotes(console: Console, cost: CostDiff, free: int, first: Sequence[str]) -> None:
    notes = [*first, *([f"{counted(free, 'resource')} free"] if free else [])]
    estimate = cost.there
    if estimate.unpriced:
        types = ", ".join(f"{short_type(name)} ×{count}" for name, count in sorted(estimate.unpriced.items()))
        notes.append(f"not priced, {unpriced_in_totals(estimate)}: {types}")
    notes += missing_texts(estimate)
    if basis := basis_text(cost.before, cost.after):
        notes.append(basis)
    for note in notes:
        console.print(_words((note, "dim")))
    console.print()


def _add_row(table: Any, diff: ResourceDiff) -> None:
    table.add_row(
        _words(f"{short_type(diff.type)} {diff.name}"),
        side_text(diff.before),
        side_text(diff.after),
        _delta(diff),
    )


def _delta(diff: ResourceDiff, *, usage: bool = False) -> str:
    amount = diff.known.usage_monthly if usage else diff.known.monthly
    return _coloured(resource_delta_text(diff, usage=usage), amount)


def _coloured(text: str, amount: Decimal, *, bold: bool = False) -> str:
    colour = "red" if amount > 0 else "green" if amount < 0 else "dim"
    return f"[{'bold ' if bold else ''}{colour}]{text}[/]"


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


def assumptions(diffs: Iterable[ResourceDiff]) -> list[str]:
    """What is assumed of use, each thing once: what only says more of another (`5 GB/month, kept 7 days`) is it."""
    sides = [diff.after or diff.before for diff in diffs]
    lines = [line for side in sides if side is not None for line in side.lines]
    said = list(dict.fromkeys(line.assumption for line in lines if line.usage_based and line.assumption))
    return [one for one in said if not any(other.startswith(f"{one},") for other in said)]


def _words(*pieces: str | tuple[str, str]) -> Text:
    """Pieces of text as they are, some with a style; unlike in markup, nothing in them means anything."""
    from rich.text import Text

    return Text.assemble(*pieces)
