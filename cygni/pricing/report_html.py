"""A cost report as one HTML page without anything from elsewhere (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape as html_escape
from typing import Final

from cygni.engine_documents.values import printable
from cygni.pricing.difference import ResourceDiff
from cygni.pricing.report import CostReport, LineDiff, ReportKind, line_diffs
from cygni.pricing.report_wording import (
    BY_USE_NOTE,
    explanations,
    footnotes,
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

_STYLE: Final = """\
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .75rem; text-align: right; vertical-align: top; }
th:first-child, td:first-child { text-align: left; padding-left: 0; overflow-wrap: anywhere; }
tbody { border-top: 1px solid #8886; }
tbody tr:not(:first-child) { font-size: .9em; opacity: .85; }
tbody tr:not(:first-child) td:first-child { padding-left: 1.5rem; }
tfoot { border-top: 2px solid; }
.up { color: #c0392b; } .down { color: #1e8449; } .note { font-size: .9em; opacity: .75; }
"""


def report_html(report: CostReport) -> str:
    """The whole page: totals, each resource with its components, and where every line comes from."""
    title = f"Cost: {' · '.join(report.subject)}" if report.subject else "Cost"
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(title)}</title>",
            f"<style>\n{_STYLE}</style></head><body>",
            f"<h1>{escape(title)}</h1>",
            *(f"<p><strong>Warning:</strong> {escape(warning)}</p>" for warning in report.warnings),
            "<table>",
            _row("th", "Resource", "Quantity and price", *_amounts(report, ("Before", "After", "Delta"))),
            *_bodies(report),
            "<tfoot>",
            *_totals(report),
            "</tfoot></table>",
            f'<p class="note">{escape(BY_USE_NOTE)}</p>',
            *(f'<p class="note">{escape(note)}</p>' for note in footnotes(report)),
            "</body></html>",
            "",
        ]
    )


def _amounts(report: CostReport, cells: tuple[str, str, str]) -> tuple[str, ...]:
    """The columns of amounts: a state has but one."""
    return cells[1:2] if report.kind is ReportKind.STATE else cells


def _bodies(report: CostReport) -> Iterator[str]:
    for diff in shown_resources(report):
        cells = (resource_text(diff.before), resource_text(diff.after), resource_change_text(diff))
        yield "<tbody>"
        name = f"<strong>{escape(short_type(diff.type))}</strong> {escape(diff.name)}"
        yield _row("td", name, "", *_amounts(report, _escaped(cells)), style=_style(diff))
        yield from (_line(report, pair) for pair in line_diffs(diff))
        if left := not_counted_text(diff):
            yield f'<tr><td colspan="5" class="note">{escape(left)}</td></tr>'
        yield "</tbody>"
    if unchanged := unchanged_text(report):
        yield f'<tbody><tr><td colspan="5">{escape(unchanged)}</td></tr></tbody>'


def _line(report: CostReport, pair: LineDiff) -> str:
    cells = (line_text(pair.before), line_text(pair.after), line_delta_text(pair))
    why = " · ".join(explanations(pair))
    name = f'<span title="{escape(why)}">{escape(pair.line.component)}</span>'
    if pair.line.assumption:
        name += f'<br><span class="note">assumed: {escape(pair.line.assumption)}</span>'
    return _row("td", name, escape(quantity_text(pair)), *_amounts(report, _escaped(cells)))


def _totals(report: CostReport) -> Iterator[str]:
    for name, cells in (
        (f"Fixed{of_what(report)}, {report.diff.exchange.currency} a month", total_texts(report)),
        ("By use, as assumed", total_texts(report, usage=True)),
    ):
        yield _row("td", f"<strong>{name}</strong>", "", *_amounts(report, _escaped(cells)))


def escape(text: str) -> str:
    return html_escape(printable(text))


def _escaped(cells: tuple[str, str, str]) -> tuple[str, str, str]:
    return escape(cells[0]), escape(cells[1]), escape(cells[2])


def _style(diff: ResourceDiff) -> str:
    amount = diff.known.monthly
    return "up" if amount > 0 else "down" if amount < 0 else ""


def _row(tag: str, *cells: str, style: str = "") -> str:
    """A row of cells that are HTML already."""
    begin = f'<tr class="{style}">' if style else "<tr>"
    return begin + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"
