"""`cx logs`: what services and jobs wrote."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli.options import App, Debug, Env, JsonLines, time_option

if TYPE_CHECKING:
    from cli.release_session import ReleaseSession
    from cygni.targets.fargate.log_groups import Written

Services = Annotated[
    list[str] | None, typer.Argument(metavar="[SERVICE]...", help="Services and jobs; all of them.")
]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is written from now on.")]
Since = Annotated[
    float,
    typer.Option(
        "--since",
        metavar="TIME",
        parser=time_option("--since"),
        show_default="10m",
        help="How far back to begin, such as 90s, 15m or 2h.",
    ),
]
Until = Annotated[
    float,
    typer.Option(
        "--until",
        metavar="TIME",
        parser=time_option("--until"),
        show_default="0s",
        help="How far back to end, such as 5m.",
    ),
]
Filter = Annotated[
    str,
    typer.Option("--filter", metavar="PATTERN", help="Only lines that match this CloudWatch Logs pattern."),
]
_POLL = 1.0


def logs(
    services: Services = None,
    app: App = None,
    env: Env = "local",
    follow: Follow = False,
    since: Since = 600.0,
    until: Until = 0.0,
    pattern: Filter = "",
    as_json: JsonLines = False,
    debug: Debug = False,
) -> None:
    """Show what services and jobs wrote, oldest first. Ends with Ctrl-C where it follows."""
    from cli.release_session import release_session
    from cygni.targets.fargate.clients import Clients
    from cygni.targets.fargate.log_groups import read_groups

    opened = release_session(app, env)
    groups = log_groups(opened, services or ())
    clients = Clients(opened.variables)
    now = datetime.now(UTC)
    start, end = now - timedelta(seconds=since), now - timedelta(seconds=until)
    seen: set[str] = set()
    while True:
        for one in read_groups(clients, groups, start, None if follow else end, pattern):
            if one.id not in seen:
                seen.add(one.id)
                start = max(start, one.at)
                _show(one, as_json=as_json)
        if not follow:
            return
        time.sleep(_POLL)


def log_groups(opened: ReleaseSession, names: list[str] | tuple[str, ...]) -> dict[str, str]:
    """The log group of each service and job that is asked for. Raises NotFound for one that there is not."""
    from cygni.errors import NotFound

    project, env = opened.spec.project, opened.spec.environment
    there = {name: f"/cygni/{project}/{env}/{name}" for name in opened.spec.services}
    unknown = sorted(set(names) - set(there))
    if unknown:
        raise NotFound(f"there is no service {unknown[0]}", hint=f"There is: {', '.join(sorted(there))}.")
    return {name: group for name, group in there.items() if not names or name in names}


def _show(written: Written, *, as_json: bool) -> None:
    import json
    import sys

    at = written.at.isoformat(timespec="milliseconds")
    if as_json:
        line = {"at": at, "service": written.service, "task": written.task, "message": written.text}
        text = json.dumps(line)
    else:
        text = f"{at} {written.service}/{written.task[:8]} {written.text}"
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
