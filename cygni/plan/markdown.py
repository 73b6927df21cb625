"""A plan as Markdown, for a comment on a pull request (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from cygni.markdown import code, escaped, fitting
from cygni.plan.model import Change, Plan, StackStatus
from cygni.plan.wording import (
    change_summary,
    counted,
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
)
from cygni.pricing import ResourceDiff
from cygni.pricing.guards import worth_telling
from cygni.pricing.wording import basis_text, delta_text, resource_delta_text, side_text, total_text
from cygni.resources import short_type

TABLE_LIMIT = 20_000
STEPS_LIMIT = 30_000
"""Characters of the cost table and of the steps; GitHub takes 65,536 in a comment."""

_SIGNS = {Change.CREATE: "+", Change.UPDATE: "~", Change.REPLACE: "±", Change.DELETE: "-"}


def plan_markdown(plan: Plan, *, comment_above: Decimal | None = None) -> str:
    """The plan as GitHub-flavoured Markdown: a summary, what to beware of, the cost table, and the steps folded
    away. The table is left out where the cost differs by `comment_above` USD a month or less."""
    title = " · ".join(escaped(text) for text in headline(plan))
    parts = [
        f"### Cygni: {title}",
        f"**{change_summary(plan)}** {_cost_line(plan)}",
        "\n".join(_cautions(plan)),
        "\n".join(_releases(plan)),
        _cost_table(plan) if comment_above is None or worth_telling(plan.cost, comment_above) else "",
        _notes(plan),
        _steps(plan),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _releases(plan: Plan) -> Iterator[str]:
    for one in plan.releases:
        yield f"- Release {escaped(release_line(one))}"
    if least := floor_text(plan):
        yield f"- The releases take {escaped(least)}"
    yield from (f"- For a time: {escaped(temporary_text(one))}" for one in plan.temporary)


def _cost_line(plan: Plan) -> str:
    cost = plan.cost
    return (
        f"Fixed cost {total_text(cost.before.monthly, cost.before.unknown)} → "
        f"{total_text(cost.after.monthly, cost.after.unknown)} a month (**{delta_text(cost)}**)."
    )


def _cautions(plan: Plan) -> Iterator[str]:
    lost = sorted({step.stateful for step in plan.unprotected(()) if step.stateful})
    if lost:
        yield f"- **Loses the data of:** {', '.join(escaped(name) for name in lost)}"
    if plan.emptied:
        yield f"- {emptied_text(plan)}"
    drift = told_drift(plan, (one for stack in plan.stacks for one in stack.drift))
    if drift:
        yield f"- **Changed outside of Cygni:** {', '.join(escaped(name) for name in drifted_names(drift))}"
    for finding, reasons in finding_lines(plan.findings):
        yield f"- {escaped(finding_text(finding).capitalize())}"
        yield from (f"  - {escaped(reason)}" for reason in reasons)
    for warning in plan.warnings:
        yield f"- Warning: {escaped(warning)}"


def _cost_table(plan: Plan) -> str:
    rows = [_row(diff) for diff in plan.cost.changed]
    if not rows:
        return ""
    head = "| Resource | Before | After | Delta | Depends on use |\n| --- | ---: | ---: | ---: | ---: |"
    shown, rest = fitting(rows, TABLE_LIMIT)
    more = [f"| … and {counted(rest, 'resource')} more | | | | |"] if rest else []
    return "\n".join([head, *shown, *more])


def _row(diff: ResourceDiff) -> str:
    return (
        f"| {code(short_type(diff.type))} {escaped(diff.name)} | {side_text(diff.before)} | {side_text(diff.after)} "
        f"| {resource_delta_text(diff)} | {resource_delta_text(diff, usage=True)} |"
    )


def _notes(plan: Plan) -> str:
    estimate = plan.cost.after if plan.cost.after.resources else plan.cost.before
    notes = [f"{count} × {code(short_type(name))} not priced" for name, count in estimate.unpriced.items()]
    if estimate.missing:
        notes.append(f"{counted(estimate.missing, 'line')} without a price")
    if basis := basis_text(estimate):
        notes.append(basis)
    return f"<sub>{'; '.join(notes)}.</sub>" if notes else ""


def _steps(plan: Plan) -> str:
    if not plan.has_changes:
        return ""
    lines: list[str] = []
    for stack in plan.stacks:
        lines.append(f"# {stack.part}: {stack_line(stack)}")
        if stack.status is StackStatus.CHANGED:
            for step in stack.steps:
                data = "  LOSES ITS DATA" if step.stateful else ""
                lines.append(f"{_SIGNS[step.change]} {short_type(step.type)} {step.name}{data}")
                lines += [f"    {text}" for change in step.properties for text in property_texts(change)]
    shown, rest = fitting(lines, STEPS_LIMIT)
    more = [f"# … and {counted(rest, 'line')} more"] if rest else []
    text = "\n".join([*shown, *more]).replace("```", "'''")
    return f"<details><summary>Steps</summary>\n\n```diff\n{text}\n```\n\n</details>"
