"""`cx run`: a job, now."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import suggestions
from cli.logs import log_groups
from cli.options import App, Debug, Env, Here, Json
from cygni.errors import Cancelled, NotFound, RunFailed

if TYPE_CHECKING:
    from cli.release_session import ReleaseSession
    from cygni.releases.observed import JobState
    from cygni.targets.fargate.clients import Clients
    from cygni.targets.fargate.jobs import TaskJobs

EXAMPLES = ("cx run migrate", "cx run report --no-wait -e production")
Job = Annotated[
    str, typer.Argument(metavar="JOB", help="A service of kind job.", autocompletion=suggestions.jobs)
]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it ends, and show what it wrote.")]
Token = Annotated[
    str,
    typer.Option(
        "--token",
        metavar="TOKEN",
        help="With the same token the job is started once.",
        show_default="a new one",
    ),
]
_POLL, _LINES = 0.5, 50
"""Seconds between two looks, and lines of its log that the error of a job has."""
MOST_TOLD = 100_000
"""Lines of a job that others are told: a control plane keeps each for as long as it knows the deployment."""
_LISTED_IN, _LOOK_AGAIN = 10.0, 1.0
"""Seconds: ListTasks may not know yet what RunTask has just started."""


class Started(StrEnum):
    """What is done with the task that was started with a token before."""

    WATCH = "watch"
    STOP = "stop"


StartedBefore = Annotated[
    Started | None, typer.Option("--started", hidden=True, help="With the task that the token started.")
]


def run(
    job: Job,
    wait: Wait = True,
    app: App = None,
    env: Env = "local",
    token: Token = "",
    started: StartedBefore = None,
    as_json: Json = False,
    here: Here = False,
    debug: Debug = False,
) -> None:
    """Start a job, show what it writes, and wait until it ends: 0 if it did well, else 4."""
    from cli.place import elsewhere

    if (there := elsewhere(app, env, here=here)) is not None:
        from cli.connected_operations import run_there

        run_there(there, job, wait=wait, as_json=as_json)
        return
    _run_here(app, env, job, wait=wait, as_json=as_json, token=token, started=started)


def _run_here(
    app: Path | None, env: str, job: str, *, wait: bool, as_json: bool, token: str, started: Started | None
) -> None:
    from cli.release_session import release_session
    from cli.terminal import answer, console, for_people
    from cygni.targets.fargate.clients import Clients
    from cygni.targets.fargate.jobs import TaskJobs

    opened = release_session(app, env)
    clients, definition = Clients(opened.variables), opened.running.job(job).task_definition
    jobs = TaskJobs(clients, opened.running)
    key = f"cx-run-{token or secrets.token_hex(12)}"
    if started is Started.STOP:
        _stop(jobs, job, key, as_json=as_json)
        return
    begun = datetime.now(UTC)
    task = jobs.start(job, definition, key) if started is None else _found(jobs, job, key)
    if wait:
        _follow(opened, jobs, clients, job, task, begun, as_json=as_json)
        return
    if as_json:
        answer({**_told(job, task), "exit_code": None, "lines": []})
    if for_people(as_json=as_json):
        console().print(f"{job} is started. See what it writes with: cx logs {job} -e {env} --follow")


def _told(job: str, task: str) -> dict[str, str]:
    return {"job": job, "task": task.rpartition("/")[2]}


def _found(jobs: TaskJobs, job: str, key: str) -> str:
    """The task that was started with `key`. Raises NotFound."""
    task = jobs.started(job, key)
    if task is None:
        raise NotFound(
            f"ECS knows nothing of that task of {job} any more",
            hint=f"See what it wrote with: cx logs {job}",
        )
    return task


def _stop(jobs: TaskJobs, job: str, key: str, *, as_json: bool) -> None:
    """Stops what was started with `key`, if anything was."""
    from cli.terminal import answer

    until = time.monotonic() + _LISTED_IN
    while (task := jobs.started(job, key)) is None and time.monotonic() < until:
        time.sleep(_LOOK_AGAIN)
    if task is not None:
        jobs.stop(task)
    if as_json:
        answer({"job": job, "task": task and task.rpartition("/")[2]})


def _follow(
    opened: ReleaseSession,
    jobs: TaskJobs,
    clients: Clients,
    job: str,
    task: str,
    begun: datetime,
    *,
    as_json: bool,
) -> None:
    """Shows what the task of the job writes, until it ends. Raises RunFailed where it failed, and Cancelled."""
    from cli.event_file import is_told_elsewhere, tell_elsewhere
    from cli.terminal import answer, console, for_people
    from cygni.targets.fargate.log_groups import LATE, Follower, read_groups

    told, env = _told(job, task), opened.spec.environment
    tell_elsewhere("job_started", **told)
    group = log_groups(opened, [job])
    follower = Follower(begun - LATE)
    written: list[str] = []
    count = 0

    def listen() -> None:
        for line in follower.new(read_groups(clients, group, follower.start, None, "")):
            if line.task != told["task"]:
                continue
            nonlocal count
            count += 1
            if (text := told_of(line.text, count, job, env)) is not None:
                tell_elsewhere("wrote", text=text)
            if as_json:
                written.append(line.text)
            else:
                sys.stdout.write(f"{line.text}\n")
                sys.stdout.flush()

    state = _ended(jobs, task, listen, f"cx logs {job} -e {env} --follow")
    if state.exit_code != 0:
        code = f"exit code {state.exit_code}, " if state.exit_code is not None else ""
        raise RunFailed(
            f"the job {job} failed: {code}{state.reason}",
            hint=f"See what it wrote with: cx logs {job} -e {env}",
            # A person has seen the lines.
            details={"exit_code": state.exit_code, "reason": state.reason, "lines": written[-_LINES:]},
        )
    if as_json:
        lines = [] if is_told_elsewhere() else written  # each was told when it came
        answer({**told, "exit_code": state.exit_code, "lines": lines})
    if for_people(as_json=as_json):
        console().print(f"[green]Done:[/] {job} ended well.")


def told_of(text: str, number: int, job: str, env: str) -> str | None:
    """What others are told of the line of this number, which counts from 1; None for nothing."""
    if number <= MOST_TOLD:
        return text
    if number == MOST_TOLD + 1:
        return f"It wrote more than {MOST_TOLD:,} lines. See the others with: cx logs {job} -e {env}"
    return None


def _ended(jobs: TaskJobs, task: str, listen: Callable[[], None], hint: str) -> JobState:
    """How the job ended; `listen` is called now and then, and once more in the end. Raises Cancelled, which leaves the
    job alone."""
    from cygni.releases.observed import JobPhase

    try:
        while (state := jobs.read(task)).phase is not JobPhase.STOPPED:
            listen()
            time.sleep(_POLL)
        listen()
    except KeyboardInterrupt:
        raise Cancelled(
            "nobody waits for the job any more, but it goes on",
            hint=f"Follow it with: {hint}",
            details={"interrupted": True},
        ) from None
    return state
