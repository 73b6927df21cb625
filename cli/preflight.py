"""The quick checks before a deploy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cygni.errors import PreflightFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from cygni.doctor.check import Result

SkipDoctor = Annotated[
    bool,
    typer.Option(
        "--skip-doctor", envvar="CX_SKIP_DOCTOR", help="Begin without the quick checks of cx doctor."
    ),
]


def preflight(people: Console, app: Path | None, env: str) -> None:
    """Runs the quick checks, in two seconds at most, and tells what they warn of.

    What the deploy itself says better (a mistake in cygni.yaml, refused credentials, a folder or port) is left to
    it. Raises PreflightFailed.
    """
    from cli.doctor import examined
    from cygni.doctor.catalogue import QUICK
    from cygni.doctor.running import QUICK_SECONDS, run_checks
    from stacks.examination import sources

    results = run_checks(QUICK, sources(examined(app, env)), seconds=QUICK_SECONDS)
    failed = [one for one in results if one.finding.status == "fail" and one.check.id not in _THE_DEPLOYS_OWN]
    if failed:
        raise _failure(env, failed)
    for one in results:
        if one.finding.status == "warn" and one.check.id != "engine":
            _warn(people, one)


_THE_DEPLOYS_OWN = ("credentials", "data-folder", "disk", "engine", "local-cloud")


def _failure(env: str, failed: Sequence[Result]) -> PreflightFailed:
    told = [f"{one.check.title}: no, {one.finding.evidence}" for one in failed]
    fixes = [line for one in failed for line in one.finding.fix.splitlines()]
    more = f"All checks: cx doctor -e {env}. To begin all the same: --skip-doctor."
    return PreflightFailed(
        "\n".join(told), hint="\n".join([*fixes, more]), details={"checks": [one.to_dict() for one in failed]}
    )


def _warn(people: Console, result: Result) -> None:
    found = result.finding
    fix = found.fix.splitlines()[0] if found.fix else ""
    told = f"warning: {result.check.id}: {found.evidence}" + (f" (fix: {fix})" if fix else "")
    people.print(told, style="yellow", markup=False, soft_wrap=True)
