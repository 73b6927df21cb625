"""The runner of real deployments: `cx` as a program, in a folder of its own, told of as `cx attach` is."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cygni.errors import CREDENTIALS_HINT, DeployKilled, PreflightFailed, UsageError
from cygni.private_file import make_once, replace_whole
from cygni.releases.author import AUTHOR_VARIABLE
from cygni.spec.loader import find_spec, load_spec
from platform_api.keys import ServerKey
from platform_api.sources.archive import unpack
from platform_api.worker.heartbeat import Heartbeat, Stop, Wished
from platform_api.worker.runner import STEERED, Order, Outcome, Task, Tell
from platform_api.worker.supervised import supervised
from platform_api.worker.timing import Timing
from stacks.data_folder import unusable
from stacks.given_domains import FILE_VARIABLE as DOMAINS_VARIABLE
from stacks.kept_secrets import FILE_VARIABLE as SECRETS_VARIABLE
from stacks.state_fence import FENCE_VARIABLE

LOCAL = "local"
PASSPHRASE_VARIABLE, PASSPHRASE_NAME = "CYGNI_PASSPHRASE_FILE", "passphrase"
"""What names the file of the passphrase, and what it is called in a data folder where nothing does."""
_TOLD = "events.ndjson"
_PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "TMPDIR",
    "SSL_CERT_FILE",
    "HTTPS_PROXY",
    "NO_PROXY",
    "DOCKER_HOST",
)
_PASSED_ON_PREFIXES = ("AWS_", "CYGNI_", "PULUMI_")
_OF_THE_SERVER = (
    "CYGNI_DATABASE_URL",
    "CYGNI_SERVER_",
    "CYGNI_DATA_DIR",
    "CYGNI_API_",
    "CYGNI_METRICS_TOKEN",
)
_WHOSE_CREDENTIALS = (
    "These are the credentials of the control plane's worker, not yours. Who runs it gives its host or task a role, or "
    "its environment AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY with AWS_SESSION_TOKEN."
)
_BESIDE = frozenset({Task.WATCH, Task.STOP})
"""Done while something else may be deployed: they change nothing that has a state."""
_OLD_SECONDS = 24 * 3600.0
"""Longer than a worker is at a deployment: its phases have limits."""
_LOCK_WAIT = "60s"
"""For a lock that a killed deploy on this machine still holds for a moment."""


class CxRunner:
    """`folder` is the worker's own, `environ` its environment. Of each organisation it keeps the data apart, and `key`
    gives each the passphrase of its states. The local cloud runs what is sent as programs of this machine, so `local`
    says whether that is wanted."""

    def __init__(
        self, folder: Path, environ: Mapping[str, str], timing: Timing, key: ServerKey, *, local: bool
    ) -> None:
        self._folder = folder
        self._environ = environ
        self._key = key
        self._timing = timing
        self._local = local

    async def run(self, order: Order, heartbeat: Heartbeat, tell: Tell) -> Outcome:
        demand_allowed(order.environment, local=self._local)
        root = self._folder / "work"
        for left in left_over(root, order.deployment, time.time()):
            shutil.rmtree(left, ignore_errors=True)
        work = root / f"{order.deployment}-{order.fence}-{order.task}"
        work.mkdir(parents=True, mode=0o700)
        try:
            return await self._run(order, work, heartbeat, tell)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    async def _run(self, order: Order, work: Path, heartbeat: Heartbeat, tell: Tell) -> Outcome:
        source = work / "source"
        await lay_out(order.archive, source, order.project, order.environment)
        given = {
            SECRETS_VARIABLE: str(secrets_file(order, work)),
            DOMAINS_VARIABLE: str(domains_file(order, work)),
            AUTHOR_VARIABLE: order.author,
        }
        if order.task not in _BESIDE:  # else what is deployed meanwhile would be fenced off
            given[FENCE_VARIABLE] = str(order.fence)
        lay_out_passphrase(self._key, self._environ, self._folder, order.organization)
        environ = child_environment(self._environ, self._folder, order.organization) | given

        async def cx(name: str, asked: Sequence[str], while_it_runs: Look) -> Outcome:
            told, output = work / name / "events", work / f"{name}.out"
            events = Events(told / _TOLD)
            async with supervised(
                [sys.executable, "-P", "-m", "cli.detached", str(told), *asked],
                environ=environ,
                folder=source,
                output=output,
                errors=work / f"{name}.err",
                heartbeat=heartbeat,
                timing=self._timing,
                in_spite_of=Stop.CANCELLED if order.task is Task.STOP else None,
            ) as program:
                while program.code is None:
                    await program.look()
                    await while_it_runs(events)
            await while_it_runs(events)
            return outcome(program.code, output.read_text(encoding="utf-8"), events.ended)

        release_began = False

        async def steering(events: Events) -> None:
            nonlocal release_began
            new = list(events.new())
            await tell(new)
            release_began |= any(one["event"] == "began" for one in new)
            if not release_began:  # there is nobody yet who would hear of a wish
                return
            if (wished := heartbeat.take_wish()) is not None:
                passed_on = await cx(
                    f"wish-{time.monotonic_ns()}", steering_arguments(order, source, wished.wish), _nothing
                )
                await tell(steered(wished, passed_on))

        return await cx("told", arguments(order, source), steering)


def data_of(folder: Path, organization: uuid.UUID) -> Path:
    """Where `cx` keeps what it knows of an organisation, below the `folder` of a worker."""
    return folder / "organizations" / str(organization)


def lay_out_passphrase(
    key: ServerKey, environ: Mapping[str, str], folder: Path, organization: uuid.UUID
) -> None:
    """Makes the file that `cx` reads the passphrase of an organisation's states from, the same on every host of the
    control plane; one that is there already stays: there are states that it belongs to. Where the worker's environment
    names a file for all of them, it makes none. Raises StateError.
    """
    if environ.get(PASSPHRASE_VARIABLE):
        return
    data = data_of(folder, organization)
    file = data / PASSPHRASE_NAME
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not file.exists():
            make_once(file, key.state_passphrase(organization).encode())
    except OSError as error:
        raise unusable("read or write", file, error) from None


def left_over(root: Path, deployment: uuid.UUID, now: float) -> list[Path]:
    """Folders that workers of this machine were killed in: those of this deployment, and old ones of others, which
    another machine may have gone on with. There are secrets in them. `now` is in seconds since 1970."""
    found = []
    for folder in root.glob("*"):
        with contextlib.suppress(FileNotFoundError):  # another worker of this machine looks too
            if folder.name.startswith(f"{deployment}-") or folder.stat().st_mtime < now - _OLD_SECONDS:
                found.append(folder)
    return found


def secrets_file(order: Order, work: Path) -> Path:
    """In the folder that goes with the order; neither arguments nor environment hold a value."""
    file = work / "secrets.json"
    secrets = {name: {"version": one.version, "value": one.value} for name, one in order.secrets.items()}
    replace_whole(file, json.dumps(secrets).encode())
    return file


def domains_file(order: Order, work: Path) -> Path:
    """Beside the secrets, in the order that they were added in."""
    file = work / "domains.json"
    replace_whole(file, json.dumps([asdict(one) for one in order.domains]).encode())
    return file


def demand_allowed(environment: str, *, local: bool) -> None:
    """Raises PreflightFailed for the local cloud where `local` does not allow it."""
    if environment == LOCAL and not local:
        raise PreflightFailed(
            "this server carries out nothing on the local cloud, which runs what is sent on the server itself",
            hint="Deploy to another environment, or set CYGNI_WORKER_LOCAL=on where everybody is trusted.",
        )


async def lay_out(archive: bytes, source: Path, project: str, environment: str) -> None:
    """Makes the folder `source` of what was sent for it, in a thread: it takes seconds where it is large, and
    others are answered meanwhile. Raises UsageError, and what reading cygni.yaml does."""

    def unpacked() -> None:
        source.mkdir()
        unpack(archive, source)
        demand_project(source, project, environment)

    await asyncio.to_thread(unpacked)


def demand_project(source: Path, project: str, environment: str) -> None:
    """Nobody deploys another project by its name. Raises UsageError, and what reading cygni.yaml does."""
    written = load_spec(find_spec(source), environment).project
    if written != project:
        raise UsageError(
            f"the cygni.yaml that was sent is of the project {written!r}, not {project!r}",
            hint="Send the folder of this project.",
        )


def arguments(order: Order, source: Path) -> list[str]:
    """What `cx` is asked for."""
    place, wait, told = _place(order, source), ["--lock-wait", _LOCK_WAIT], order.arguments
    match order.task:
        case Task.ROLL_BACK:
            return ["rollback", *([] if order.release is None else [str(order.release)]), *place, *wait]
        case Task.SCALE:
            return ["scale", *(f"{name}={count}" for name, count in told["counts"].items()), *place, *wait]
        case Task.RESTART:
            return ["restart", *told["services"], *place, *wait]
        case Task.RUN:
            waits = "--wait" if told["wait"] else "--no-wait"
            return ["run", told["job"], waits, "--token", str(order.deployment), *place]
        case Task.WATCH | Task.STOP:
            started = ["--started", order.task.value]
            return ["run", told["job"], *started, "--token", str(order.deployment), *place]
        case Task.PLAN_END | Task.DESTROY:
            return ["destroy", *place, *wait, "--currency", "USD", *_timeout(order), *_allowed(order)]
    judged = ["--currency", "USD", *_timeout(order), *(["--refresh"] if order.refresh else [])]
    if order.max_cost_increase is not None:
        judged += ["--max-cost-increase", order.max_cost_increase]
    if order.task is Task.DIFF:
        return ["diff", *place, *judged]
    return ["deploy", *place, *wait, *judged, *_allowed(order)]


def _timeout(order: Order) -> list[str]:
    seconds = order.arguments.get("timeout")
    return [] if seconds is None else ["--timeout", f"{seconds}s"]


def _allowed(order: Order) -> list[str]:
    """What may lose its data, and the plan that is meant where one is."""
    allowed = [part for name in order.allow_destroy for part in ("--allow-destroy", name)]
    return [*allowed, *(["--yes", "--expect-plan", order.plan] if order.plan else [])]


def steering_arguments(order: Order, source: Path, wish: str) -> list[str]:
    """What `cx` is asked for, so that the release under way hears of a wish."""
    verb, _, full = wish.partition("_")
    return [verb, *(["--full"] if full else []), *_place(order, source)]


def steered(wished: Wished, passed_on: Outcome) -> list[Mapping[str, Any]]:
    """What is told of a wish: that it was passed on, and why it could not be."""
    error, wish = passed_on.error, wished.wish
    said = [{"event": "said", "text": f"{wish.replace('_', ' ')}: {error['message']}"}] if error else []
    return [*said, {"event": STEERED, "wish": wish, "number": wished.number}]


def _place(order: Order, source: Path) -> list[str]:
    return ["--here", "--app", str(source), "--env", order.environment, "--json"]


async def _nothing(events: Events) -> None:
    """What a short command tells is not shown."""
    list(events.new())


def child_environment(environ: Mapping[str, str], folder: Path, organization: uuid.UUID) -> dict[str, str]:
    """What `cx` gets of the worker's environment: credentials of AWS and settings, and nothing of the server's own. Its
    data are in the worker's `folder`, those of each organization apart."""
    passed_on = {
        name: value
        for name, value in environ.items()
        if (name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES))
        and not name.startswith(_OF_THE_SERVER)
    }
    return passed_on | {"CYGNI_DATA_DIR": str(data_of(folder, organization)), "CI": "1"}


class Events:
    """What is told in an event file, read as it grows."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._position = 0
        self._rest = b""
        self.ended: Mapping[str, Any] | None = None
        """How the command says that it ended, once it does."""

    def new(self) -> Iterator[Mapping[str, Any]]:
        """What has come since."""
        try:
            with self._file.open("rb") as file:
                file.seek(self._position)
                content = file.read()
        except FileNotFoundError:
            return
        self._position += len(content)
        *lines, self._rest = (self._rest + content).split(b"\n")
        for line in lines:
            event = json.loads(line)
            if event["event"] == "ended":
                self.ended = event
            elif event["event"] != "started":
                yield event


def outcome(code: int | None, output: str, ended: Mapping[str, Any] | None) -> Outcome:
    """What a run of `cx` came to, by its exit code, its stdout and its last event."""
    if ended is None:
        killed = DeployKilled(
            f"cx was killed (exit code {code})", hint="See the worker's log, and deploy again."
        )
        return Outcome(
            error={"code": killed.code, "message": killed.message, "hint": killed.hint, "details": {}}
        )
    if ended["error"] is not None:
        return Outcome(error=for_who_asked(ended["error"]))
    answer = json.loads(output)
    return Outcome(_released(answer), answer)


def for_who_asked(error: Mapping[str, Any]) -> Mapping[str, Any]:
    """What went wrong, for somebody elsewhere: the credentials are not those of their shell."""
    hint = error.get("hint")
    return error if hint is None else {**error, "hint": hint.replace(CREDENTIALS_HINT, _WHOSE_CREDENTIALS)}


def _released(answer: Mapping[str, Any] | None) -> int | None:
    """The release in what a deploy answers, or a rollback: that has nothing to tell where it was live already."""
    found = (answer or {}).get("release")
    return found["release"] if isinstance(found, Mapping) else found


Look = Callable[[Events], Awaitable[None]]
"""Done again and again while a program runs, and once after it."""
