"""A cost report as Markdown, for a comment on a pull request (pure)."""

from __future__ import annotations

from collections.abc import Iterator

from cygni.markdown import code, escaped, fitting
from cygni.pricing.difference import ResourceDiff
from cygni.pricing.report import CostReport, ReportKind, line_diffs
from cygni.pricing.report_wording import (
    explanations,
    footnotes,
    left_out_text,
    line_delta_text,
    line_text,
    not_counted_text,
    of_what,
    quantity_text,
    shown_resources,
    total_texts,
    unchanged_text,
)
from cygni.pricing.wording import resource_delta_text, side_text
from cygni.resources import short_type

TABLE_LIMIT = 20_000
DETAILS_LIMIT = 30_000
"""Characters of the table and of the components; GitHub takes 65,536 in a comment."""


def report_markdown(report: CostReport, *, explain: bool = False) -> str:
    """The report as GitHub-flavoured Markdown: totals, what changes most, and its components folded away. With
    `explain` each component says where it comes from."""
    shown = shown_resources(report)
    title = " · ".join(escaped(text) for text in report.subject)
    parts = [
        f"### Cost: {title}" if title else "### Cost",
        "\n".join(_totals(report)),
        "\n".join(f"- Warning: {escaped(warning)}" for warning in report.warnings),
        _table(report, shown),
        unchanged_text(report),
        _details(shown, explain=explain),
        f"<sub>{'; '.join(escaped(note) for note in footnotes(report))}.</sub>" if footnotes(report) else "",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _totals(report: CostReport) -> Iterator[str]:
    before, after, delta = total_texts(report)
    usage_before, usage, usage_delta = total_texts(report, usage=True)
    if report.kind is ReportKind.STATE:
        yield f"Fixed cost **{after}** a month; by use, as assumed, {usage}."
        return
    yield f"Fixed cost{of_what(report)} {before} → {after} a month (**{delta}**)."
    yield f"By use, as assumed: {usage_before} → {usage} a month ({usage_delta})."


def _table(report: CostReport, shown: tuple[ResourceDiff, ...]) -> str:
    if not shown:
        return ""
    if report.kind is ReportKind.STATE:
        head = "| Resource | Fixed | Depends on use |\n| --- | ---: | ---: |"
        rows = [
            f"| {_named(diff)} | {side_text(diff.after)} | {side_text(diff.after, usage=True)} |"
            for diff in shown
        ]
    else:
        head = "| Resource | Before | After | Delta | Depends on use |\n| --- | ---: | ---: | ---: | ---: |"
        rows = [
            f"| {_named(diff)} | {side_text(diff.before)} | {side_text(diff.after)} "
            f"| {resource_delta_text(diff)} | {resource_delta_text(diff, usage=True)} |"
            for diff in shown
        ]
    found, rest = fitting(rows, TABLE_LIMIT)
    columns = head.count("|", 0, head.index("\n")) - 2
    more = [f"| … and {left_out_text(report, shown[-rest:])} |{' |' * columns}"] if rest else []
    return "\n".join([head, *found, *more])


def _named(diff: ResourceDiff) -> str:
    return f"{code(short_type(diff.type))} {escaped(diff.name)}"


def _details(shown: tuple[ResourceDiff, ...], *, explain: bool) -> str:
    lines: list[str] = []
    for diff in shown:
        lines.append(f"- {_named(diff)}")
        for pair in line_diffs(diff):
            amounts, delta = line_text(pair.after), ""
            if pair.changed:
                amounts, delta = f"{line_text(pair.before)} → {amounts}", f" ({line_delta_text(pair)})"
            lines.append(
                f"  - {escaped(pair.line.component)}: {escaped(quantity_text(pair))}, {escaped(amounts + delta)}"
            )
            if explain:
                lines += [f"    - {escaped(text)}" for text in explanations(pair)]
        if explain and (left := not_counted_text(diff)):
            lines.append(f"  - {escaped(left)}")
    if not lines:
        return ""
    found, rest = fitting(lines, DETAILS_LIMIT)
    more = [f"- … and {rest} lines more"] if rest else []
    return "\n".join(["<details><summary>Components</summary>\n", *found, *more, "\n</details>"])
