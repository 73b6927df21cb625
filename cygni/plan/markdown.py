"""A plan as Markdown, for a comment on a pull request (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from textwrap import shorten

from cygni.errors import CygniError
from cygni.markdown import GITHUB, Flavour, code, escaped, fitting
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
from cygni.pricing.wording import (
    basis_text,
    delta_text,
    estimate_text,
    missing_texts,
    resource_delta_text,
    side_text,
)
from cygni.resources import short_type

_CAUTIONS, _TABLE, _NOTES, _STEPS = 8, 3, 30, 2
"""What each section may have of the characters: one part in so many."""
_REFUSAL = 500
"""Characters of why a deploy would be refused: it comes before all, and must leave room."""

_SIGNS = {Change.CREATE: "+", Change.UPDATE: "~", Change.REPLACE: "±", Change.DELETE: "-"}


def plan_markdown(
    plan: Plan,
    *,
    comment_above: Decimal | None = None,
    flavour: Flavour = GITHUB,
    refused: CygniError | None = None,
) -> str:
    """The plan as Markdown, no longer than `flavour` takes: a summary, what to beware of, the cost table, and the steps
    folded away. The table is left out where the cost differs by `comment_above` a month or less, in its currency.
    `refused` is what keeps a deploy from applying the plan."""
    title = " · ".join(escaped(text) for text in headline(plan))
    cautions = [*_refusal(refused), *_cautions(plan), *_releases(plan)]
    parts = [
        f"### Cygni: {title}",
        f"**{change_summary(plan)}** {_cost_line(plan)}",
        _fitted(cautions, flavour.limit // _CAUTIONS),
        _cost_table(plan, flavour)
        if comment_above is None or worth_telling(plan.cost, comment_above)
        else "",
        _notes(plan, flavour),
        _steps(plan, flavour),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _fitted(lines: Sequence[str], limit: int) -> str:
    shown, rest = fitting(lines, limit)
    more = [f"- … and {counted(rest, 'line')} more"] if rest else []
    return "\n".join([*shown, *more])


def _refusal(refused: CygniError | None) -> Iterator[str]:
    if refused is not None:
        yield f"- **A deploy would be refused:** {escaped(shorten(refused.message, _REFUSAL, placeholder=' …'))}"


def _releases(plan: Plan) -> Iterator[str]:
    for one in plan.releases:
        yield f"- Release {escaped(release_line(one))}"
    if least := floor_text(plan):
        yield f"- The releases take {escaped(least)}"
    yield from (f"- For a time: {escaped(temporary_text(one))}" for one in plan.temporary)


def _cost_line(plan: Plan) -> str:
    cost = plan.cost
    return f"Fixed cost {estimate_text(cost.before)} → {estimate_text(cost.after)} a month (**{delta_text(cost)}**)."


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


def _cost_table(plan: Plan, flavour: Flavour) -> str:
    rows = [_row(diff) for diff in plan.cost.changed]
    if not rows:
        return ""
    head = "| Resource | Before | After | Delta | Depends on use |\n| --- | ---: | ---: | ---: | ---: |"
    shown, rest = fitting(rows, flavour.limit // _TABLE)
    more = [f"| … and {counted(rest, 'resource')} more | | | | |"] if rest else []
    return "\n".join([head, *shown, *more])


def _row(diff: ResourceDiff) -> str:
    return (
        f"| {code(short_type(diff.type))} {escaped(diff.name)} | {side_text(diff.before)} | {side_text(diff.after)} "
        f"| {resource_delta_text(diff)} | {resource_delta_text(diff, usage=True)} |"
    )


def _notes(plan: Plan, flavour: Flavour) -> str:
    estimate = plan.cost.there
    notes = [f"{count} × {code(short_type(name))} not priced" for name, count in estimate.unpriced.items()]
    notes += missing_texts(estimate)
    if basis := basis_text(plan.cost.before, plan.cost.after):
        notes.append(basis)
    shown, rest = fitting(notes, flavour.limit // _NOTES)
    more = [f"and {rest} more"] if rest else []
    return flavour.small(f"{'; '.join([*shown, *more])}.") if notes else ""


def _steps(plan: Plan, flavour: Flavour) -> str:
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
    shown, rest = fitting(lines, flavour.limit // _STEPS)
    more = [f"# … and {counted(rest, 'line')} more"] if rest else []
    text = "\n".join([*shown, *more]).replace("```", "'''")
    return flavour.folded("Steps", f"```diff\n{text}\n```")
