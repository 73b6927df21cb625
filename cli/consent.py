"""Between a plan and its apply: what stops it, and the question."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cli import terminal
from cli.cost_limits import Holding
from cli.guarded import guarded
from cli.plan_view import show_findings, show_plan, show_warnings

if TYPE_CHECKING:
    from rich.console import Console

    from cygni.plan.model import Plan


def consent(
    people: Console,
    plan: Plan,
    question: str,
    *,
    yes: bool,
    as_json: bool,
    allowed: Iterable[str],
    holding: Holding | None = None,
) -> None:
    """Shows the plan, unless only a program reads, holds it to the guards, and asks unless `yes` has answered.

    `holding` has what it may cost, `allowed` names what may lose its data. Raises what `guarded` and `confirm` raise.
    """
    read = terminal.interactive() or terminal.for_people(as_json=as_json)
    if not as_json or (read and not yes):
        show_plan(people, plan if holding is None else holding.shown(plan))
    terminal.confirm(
        question, yes=yes, details=guarded(plan, as_json=as_json, holding=holding, allowed=allowed)
    )


def hold_what_stays(people: Console, plan: Plan, *, as_json: bool) -> None:
    """Shows the warnings of a plan without changes and what policies say of it.

    Raises PolicyViolation: they are for what stays, too.
    """
    if terminal.for_people(as_json=as_json):
        show_warnings(people, plan)
        show_findings(people, plan.findings)
    guarded(plan, as_json=as_json)


def hold_to(plan: Plan, digest: str) -> None:
    """Raises WorldChanged where a plan is expected, and this is another."""
    from cygni.errors import WorldChanged
    from cygni.plan.document import plan_digest

    if digest and plan_digest(plan) != digest:
        raise WorldChanged(
            "what would change is no longer what was shown",
            hint="Something changed after the plan was shown. Run the command again for a new plan.",
        )
