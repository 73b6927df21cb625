"""`cx drift`: what was changed outside of Cygni, property by property; for people, and for a schedule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode
from cli.options import App, Debug, Env, Json, Timeout

if TYPE_CHECKING:
    from rich.console import Console

    from stacks.drift import DriftReport

EXAMPLES = (
    "cx drift",
    "cx drift -e production --json",
)

DetailedExitCode = Annotated[
    bool, typer.Option("--detailed-exit-code", help="Exit 10 when something was changed, 0 when nothing was.")
]


def drift(
    app: App = None,
    env: Env = "local",
    as_json: Json = False,
    detailed_exit_code: DetailedExitCode = False,
    timeout: Timeout = 3600.0,
    debug: Debug = False,
) -> int:
    """Show what was changed in the cloud since the last deploy. Changes nothing, takes no lock, never asks."""
    from cli.progress_view import previewing
    from cli.session import session
    from cli.terminal import answer, console
    from stacks.drift import find_drift

    people = console()
    with session(app, env, timeout=timeout) as opened, previewing(people) as progress:
        report = find_drift(opened.runner, opened.environment, progress)
    if as_json:
        answer(report.to_dict())
    else:
        _show(people, report)
    return ExitCode.CHANGES_PENDING if detailed_exit_code and report.drift else ExitCode.OK


def _show(people: Console, report: DriftReport) -> None:
    from cli.plan_view import show_drift
    from cygni.plan.wording import counted

    for warning in report.warnings:
        people.print(f"[yellow]warning:[/] {warning}")
    for stack in report.stacks:
        if stack.drift:
            people.print(
                f"[bold]{stack.part}[/]  {counted(len(stack.drift), 'resource')} changed outside of Cygni"
            )
            show_drift(people, stack.drift, indent="  ")
    checked = counted(sum(stack.checked for stack in report.stacks), "resource")
    where = f"{report.project} ({report.environment})"
    if report.drift:
        people.print(
            f"[bold]{len(report.drift)} of {checked} of {where} changed outside of Cygni.[/] "
            f"See what a deploy would change back: cx diff -e {report.environment} --refresh",
            soft_wrap=True,
        )
    else:
        people.print(f"No drift: {checked} of {where} are as they were deployed.")
