"""A cost report for people: a tree of resources and components, old → new, and the totals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cygni.engine_documents.values import printable
from cygni.pricing.report import CostReport, ReportKind, line_diffs
from cygni.pricing.report_wording import (
    BY_USE,
    BY_USE_NOTE,
    explanations,
    footnotes,
    left_out_text,
    line_delta_text,
    line_text,
    not_counted_text,
    of_what,
    quantity_text,
    resource_change_text,
    resource_text,
    shown_resources,
    total_texts,
    unchanged_text,
)
from cygni.resources import short_type

if TYPE_CHECKING:
    from rich.console import Console

    from cygni.pricing import ResourceDiff

SHOWN = 40
"""Resources that are shown without `--all`; the rest is in the totals."""

Row = tuple[str, ...]
_HEADER: Row = ("Resource", "quantity × price", "before", "after", "delta")


def show_report(
    people: Console, report: CostReport, *, explain: bool = False, everything: bool = False
) -> None:
    """Prints the report. With `explain` each line says where it comes from; with `everything` no resource is left
    out for being one of many, or for staying as it is."""
    shown = report.priced if everything else shown_resources(report)
    rows = [
        row for diff in (shown if everything else shown[:SHOWN]) for row in _resource(report, diff, explain)
    ]
    left = () if everything else shown[SHOWN:]
    if left:
        rows.append((f"… and {left_out_text(report, left)} (--all)",))
    if not everything and (unchanged := unchanged_text(report)):
        rows.append((f"{unchanged} (--all)",))
    people.print(
        printable(" · ".join(report.subject)), style="bold", markup=False, highlight=False, soft_wrap=True
    )
    for warning in report.warnings:
        people.print(f"[yellow]warning:[/] {_plain(warning)}", highlight=False, soft_wrap=True)
    people.print()
    lines = _table(report, [_HEADER, *rows]) if rows else ()
    for text in (*lines, *_totals(report)):
        people.print(printable(text), markup=False, highlight=False, soft_wrap=True)
    people.print()
    for note in (BY_USE_NOTE, *footnotes(report)):
        people.print(printable(note), style="dim", markup=False, highlight=False, soft_wrap=True)


def _resource(report: CostReport, diff: ResourceDiff, explain: bool) -> Iterator[Row]:
    yield (
        f"{short_type(diff.type)} {diff.name}",
        "",
        resource_text(diff.before),
        resource_text(diff.after),
        resource_change_text(diff),
    )
    pairs = line_diffs(diff)
    for number, pair in enumerate(pairs, 1):
        last = number == len(pairs)
        yield (
            f"{'└─' if last else '├─'} {pair.line.component}",
            quantity_text(pair),
            line_text(pair.before),
            line_text(pair.after),
            line_delta_text(pair),
        )
        for text in explanations(pair) if explain else ():
            yield (f"{' ' if last else '│'}    {text}",)
    if explain and (left := not_counted_text(diff)):
        yield (f"     {left}",)


def _totals(report: CostReport) -> Iterator[str]:
    for name, (before, after, delta) in (
        (f"Fixed{of_what(report)}, {report.diff.exchange.currency} a month", total_texts(report)),
        (f"{BY_USE}By use, as assumed", total_texts(report, usage=True)),
    ):
        what = after if report.kind is ReportKind.STATE else f"{before} → {after}, {delta}"
        yield f"{name}: {what}"


def _table(report: CostReport, rows: list[Row]) -> Iterator[str]:
    """Aligned lines between two rules; a row of one cell is a note of its own. Rich's tables take seconds for thousands
    of rows."""
    columns = (0, 1, 3) if report.kind is ReportKind.STATE else (0, 1, 2, 3, 4)
    wide = [row for row in rows if len(row) > 1]
    widths = {column: max(len(row[column]) for row in wide) for column in columns}
    rule = "─" * min(sum(widths.values()) + 2 * (len(widths) - 1), 110)
    for number, row in enumerate(rows):
        if number == 1:
            yield rule
        if len(row) == 1:
            yield row[0]
            continue
        cells = [row[0].ljust(widths[0])]
        cells += [row[column].rjust(widths[column]) for column in columns[1:]]
        yield "  ".join(cells).rstrip()
    yield rule


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(printable(text))
