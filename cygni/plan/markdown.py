"""A plan as Markdown, for a comment on a pull request (pure)."""

from __future__ import annotations

from decimal import Decimal

from cygni.plan.model import Change, Plan, StackStatus
from cygni.plan.wording import change_summary, property_text, short_type, stack_line
from cygni.pricing import Cost, ResourceCost, ResourceDiff, Status

_SIGNS = {Change.CREATE: "+", Change.UPDATE: "~", Change.REPLACE: "±", Change.DELETE: "-"}


def plan_markdown(plan: Plan) -> str:
    """The plan as GitHub-flavoured Markdown: a summary, the cost table, and the steps folded away."""
    parts = [
        f"### Cygni: {_escaped(plan.project)} · {_escaped(plan.environment)} · {plan.region}",
        f"**{change_summary(plan)}** {_cost_line(plan)}",
        _cost_table(plan),
        _notes(plan),
        _steps(plan),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _cost_line(plan: Plan) -> str:
    cost = plan.cost
    return (
        f"Fixed cost {_money(cost.before.monthly)} → {_money(cost.after.monthly)} a month "
        f"(**{_signed(cost.delta_monthly)}**)."
    )


def _cost_table(plan: Plan) -> str:
    rows = [_row(diff) for diff in plan.cost.changed]
    if not rows:
        return ""
    head = "| Resource | Before | After | Delta | Depends on use |\n| --- | ---: | ---: | ---: | ---: |"
    return "\n".join([head, *rows])


def _row(diff: ResourceDiff) -> str:
    return (
        f"| `{short_type(diff.type)}` {_escaped(diff.name)} | {_side(diff.before)} | {_side(diff.after)} "
        f"| {_unknown_or(diff.delta.monthly)} | {_unknown_or(diff.delta.usage_monthly)} |"
    )


def _side(cost: ResourceCost | None) -> str:
    if cost is None:
        return "-"
    words = {Status.FREE: "free", Status.NOT_PRICED: "not priced"}
    if cost.status in words:
        return words[cost.status]
    amounts: Cost = cost.cost
    return "no price" if amounts.monthly is None else _money(amounts.monthly)


def _notes(plan: Plan) -> str:
    estimate = plan.cost.after if plan.cost.after.resources else plan.cost.before
    notes = [f"{count} × `{short_type(name)}` not priced" for name, count in estimate.unpriced.items()]
    if estimate.missing:
        notes.append(f"{estimate.missing} lines without a price")
    if estimate.oldest and estimate.newest:
        notes.append(f"list prices read {estimate.oldest} to {estimate.newest}")
    return f"<sub>{'; '.join(notes)}.</sub>" if notes else ""


def _steps(plan: Plan) -> str:
    if not plan.has_changes:
        return ""
    lines = []
    for stack in plan.stacks:
        lines.append(f"# {stack.part}: {stack_line(stack)}")
        if stack.status is StackStatus.CHANGED:
            for step in stack.steps:
                data = "  LOSES ITS DATA" if step.stateful else ""
                lines.append(f"{_SIGNS[step.change]} {short_type(step.type)} {step.name}{data}")
                lines += [f"    {property_text(change)}" for change in step.properties]
    text = "\n".join(lines).replace("```", "'''")
    return f"<details><summary>Steps</summary>\n\n```diff\n{text}\n```\n\n</details>"


def _money(amount: Decimal) -> str:
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"


def _signed(amount: Decimal) -> str:
    return f"+{_money(amount)}" if amount > 0 else _money(amount)


def _unknown_or(amount: Decimal | None) -> str:
    return "unknown" if amount is None else _signed(amount)


def _escaped(text: str) -> str:
    return text.replace("|", r"\|").replace("<", "&lt;").replace("`", "'")
