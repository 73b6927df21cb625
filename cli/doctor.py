"""`cx doctor`: what is in the way of a deploy, and how to mend it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import suggestions
from cli.exit_codes import ExitCode
from cli.options import App, Debug, Env, Json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cygni.doctor.check import Check, Result
    from stacks.examination import Examined

EXAMPLES = (
    "cx doctor",
    "cx doctor -e production",
    "cx doctor -e staging quotas permissions",
    "cx doctor --fix",
    "cx doctor -e staging --json",
)

Checks = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="CHECK",
        help="Checks or groups of them; all.",
        show_default=False,
        autocompletion=suggestions.checks,
    ),
]
Fix = Annotated[
    bool,
    typer.Option(
        "--fix",
        help="Mend what is safe to mend: get the engine, remove locks of the dead, close Cygni's folder to others. "
        "Never changes the project, the cloud or what is deployed.",
    ),
]


def doctor(
    checks: Checks = None,
    app: App = None,
    env: Env = "local",
    fix: Fix = False,
    as_json: Json = False,
    debug: Debug = False,
) -> int:
    """Check what a deploy needs, and say how to mend what is in its way.

    Engine, project, state, AWS account (permissions for what the plan makes, quotas), domain, certificates, images.
    Changes nothing. Exits with 15 where something fails.
    """
    from cli.doctor_view import Shown
    from cli.terminal import answer, console
    from cygni.doctor.catalogue import chosen

    wanted = chosen(checks or ())
    looked_at = examined(app, env)
    begun = time.monotonic()
    shown = Shown(console())
    results = _run(looked_at, wanted, None if as_json else shown)
    fixed = _fixed(looked_at, results) if fix else []
    if fixed:
        results = _run(looked_at, wanted, None)
    failed = [one for one in results if one.finding.status == "fail"]
    if as_json:
        answer(_document(env, results, fixed, time.monotonic() - begun))
    else:
        shown.end(results, fixed, time.monotonic() - begun)
    return ExitCode.PREFLIGHT_FAILED if failed else ExitCode.OK


def examined(app: Path | None, env: str) -> Examined:
    """What checks look at. A name that no environment can have raises NotFound, a wrong setting UsageError."""
    from cli.session import load_project, runner, spec_file
    from cygni.settings import Settings
    from cygni.spec import ProjectSpec, check_environment
    from stacks import child_process
    from stacks.examination import Examined

    check_environment(env)
    child_process.warm_up()  # before there are threads

    def spec() -> tuple[ProjectSpec, Path]:
        return load_project(app, env), spec_file(app).parent

    return Examined(Settings.from_environment(), env, spec, runner())


def _run(looked_at: Examined, checks: Sequence[Check], shown: Any) -> list[Result]:
    from cygni.doctor.running import run_checks
    from stacks.examination import sources

    return run_checks(
        checks, sources(looked_at), on_result=shown if shown is not None else lambda result: None
    )


def _fixed(looked_at: Examined, results: Sequence[Result]) -> list[str]:
    """Repairs what may be repaired; the ids of the checks that said so. Raises CygniError, OSError."""
    from stacks.repairs import repair

    mendable = [one for one in results if one.finding.repair is not None]
    for wanted in dict.fromkeys(one.finding.repair for one in mendable):
        if wanted is not None:
            repair(looked_at, wanted)
    return [one.check.id for one in mendable]


def _document(env: str, results: Sequence[Result], fixed: list[str], seconds: float) -> dict[str, Any]:
    from collections import Counter

    from cygni.doctor.check import Status

    counts = Counter(one.finding.status for one in results)
    return {
        "environment": env,
        "checks": [one.to_dict() for one in results],
        "counts": {status.value: counts[status] for status in Status},
        "fixed": fixed,
        "seconds": round(seconds, 2),
    }
