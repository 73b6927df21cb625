"""`cx logs`: what services and jobs wrote."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import suggestions
from cli.options import App, Debug, Env, Here, JsonLines, time_option
from cygni.errors import NotFound, UsageError

if TYPE_CHECKING:
    from cli.release_session import ReleaseSession
    from cygni.spec import ProjectSpec
    from cygni.targets.fargate.clients import Clients
    from cygni.targets.fargate.log_groups import Written
    from cygni.targets.fargate.tasks import TasksOf

EXAMPLES = (
    "cx logs --follow",
    "cx logs web mailer --since 2h --until 1h",
    "cx logs web --release 12 --filter '\"timed out\"' --json",
)
Services = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="SERVICE", help="Services and jobs; all of them.", autocompletion=suggestions.services
    ),
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
_POLL, _SEARCHES = 1.0, 2.0
"""Seconds between two readings, and how many groups are searched in a second at most: CloudWatch Logs allows an account
a few FilterLogEvents a second, of which others need some too."""


Number = Annotated[
    int | None,
    typer.Option(
        "--release",
        metavar="NUMBER",
        min=1,
        help="Only tasks of this release; ECS forgets a task an hour after it has stopped.",
    ),
]


def logs(
    services: Services = None,
    app: App = None,
    env: Env = "local",
    follow: Follow = False,
    since: Since = 600.0,
    until: Until = 0.0,
    pattern: Filter = "",
    release: Number = None,
    as_json: JsonLines = False,
    here: Here = False,
    debug: Debug = False,
) -> None:
    """Show what services and jobs wrote, oldest first. Ends with Ctrl-C where it follows."""
    from cli.place import elsewhere

    if follow and until:
        raise UsageError("--follow and --until exclude each other", hint="Give one of them.")
    if until > since:
        raise UsageError("--until is before --since", hint="Both say how long ago: --since 2h --until 1h.")
    if (there := elsewhere(app, env, here=here)) is not None:
        from cli.connected_inquiry import ask_there

        told = {"services": services or [], "follow": follow, "since": int(since), "until": int(until)}
        ask_there(there, "logs", {**told, "pattern": pattern or None, "release": release}, as_json=as_json)
        return
    _logs_here(
        app,
        env,
        services or (),
        since=since,
        until=None if follow else until,
        pattern=pattern,
        release=release,
        as_json=as_json,
    )


def _logs_here(
    app: Path | None,
    env: str,
    services: Sequence[str],
    *,
    since: float,
    until: float | None,
    pattern: str,
    release: int | None,
    as_json: bool,
) -> None:
    """`since` and `until` are seconds ago; without `until` it goes on with what is written from now on."""
    from cli.release_session import release_session
    from cygni.targets.fargate.clients import Clients
    from cygni.targets.fargate.log_groups import Follower, read_groups

    opened = release_session(app, env)
    groups = log_groups(opened, list(services))
    clients = Clients(opened.variables)
    tasks = _tasks(opened, clients, release) if release is not None else None
    now = datetime.now(UTC)
    end = None if until is None else now - timedelta(seconds=until)
    follower = Follower(now - timedelta(seconds=since))
    while True:
        for one in follower.new(read_groups(clients, groups, follower.start, end, pattern)):
            if tasks is None or one.task in tasks:
                _show(one, as_json=as_json)
        if until is not None:
            return
        time.sleep(max(_POLL, len(groups) / _SEARCHES))


def _tasks(opened: ReleaseSession, clients: Clients, number: int) -> TasksOf:
    """The tasks of a release. Raises NotFound."""
    from cygni.targets.fargate.tasks import TasksOf

    release = opened.store.release(number)
    if release is None:
        raise NotFound(f"there is no release {number}", hint="See cx releases.")
    running = opened.running
    clusters = [one.cluster for one in running.services.values()]
    clusters += [one.cluster for one in running.jobs.values()]
    revisions = [*(one.revision for one in release.services.values()), *release.jobs.values()]
    return TasksOf(clients, next(iter(clusters), ""), revisions)


def log_groups(opened: ReleaseSession, names: list[str] | tuple[str, ...]) -> dict[str, str]:
    """The log group of each service and job that is asked for. Raises NotFound for one that there is not."""
    from cygni.errors import NotFound

    there = {name: group_of(opened.spec, name) for name in opened.spec.services}
    unknown = sorted(set(names) - set(there))
    if unknown:
        raise NotFound(f"there is no service {unknown[0]}", hint=f"There is: {', '.join(sorted(there))}.")
    return {name: group for name, group in there.items() if not names or name in names}


def group_of(spec: ProjectSpec, service: str) -> str:
    """The log group of a service or job."""
    return f"/cygni/{spec.project}/{spec.environment}/{service}"


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
