"""`cx run`: a job, now."""

from __future__ import annotations

import secrets
import time
from typing import Annotated

import typer

from cli.options import App, Debug, Env, Json

Job = Annotated[str, typer.Argument(metavar="JOB", help="A service of kind job.")]
Wait = Annotated[bool, typer.Option("--wait/--no-wait", help="Wait until it ends, and show what it wrote.")]
_POLL, _LINES = 0.5, 200


def run(
    job: Job,
    wait: Wait = True,
    app: App = None,
    env: Env = "local",
    as_json: Json = False,
    debug: Debug = False,
) -> None:
    """Start a job, and wait until it ends: 0 if it did well."""
    from cli.release_session import release_session
    from cli.terminal import answer, console
    from cygni.errors import JobFailed
    from cygni.releases.observed import JobPhase
    from cygni.targets.fargate.clients import Clients
    from cygni.targets.fargate.jobs import TaskJobs

    opened = release_session(app, env)
    jobs = TaskJobs(Clients(opened.variables), opened.running)
    task = jobs.start(job, opened.running.job(job).task_definition, f"cx-run-{secrets.token_hex(12)}")
    state = jobs.read(task)
    while wait and state.phase is not JobPhase.STOPPED:
        time.sleep(_POLL)
        state = jobs.read(task)
    lines = [line.text for line in jobs.tail(task, _LINES)] if wait else []
    if not as_json:
        for line in lines:
            console().print(line, markup=False, soft_wrap=True)
    if wait and state.exit_code != 0:
        code = f"exit code {state.exit_code}, " if state.exit_code is not None else ""
        raise JobFailed(
            f"the job {job} failed: {code}{state.reason}",
            hint=f"See what it wrote with: cx logs {job} -e {env}",
            details={"exit_code": state.exit_code, "reason": state.reason, "lines": lines[-50:]},
        )
    if as_json:
        answer({"job": job, "task": task.partition("#")[2], "exit_code": state.exit_code, "lines": lines})
    else:
        console().print(f"[green]Done:[/] {job} ended well." if wait else f"{job} is started.")
