"""Answering what is asked of environments: `cx` as a program, whose lines are written as they come."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cygni.errors import ControlPlaneError, CygniError, DeadlineExceeded
from platform_api.database.transactions import Database
from platform_api.deployments.redaction import Redactor
from platform_api.inquiries.questions import Line, Question, Questions
from platform_api.keys import ServerKey
from platform_api.secrets.key_ring import KeyRing
from platform_api.told import as_told
from platform_api.worker.cx_runner import (
    Events,
    child_environment,
    demand_allowed,
    for_who_asked,
    lay_out,
    lay_out_passphrase,
)
from platform_api.worker.listening import listening
from platform_api.worker.material import material
from platform_api.worker.state_home import demand_home

logger = structlog.get_logger()

AT_A_TIME: Final = 4
FOLLOWING: Final = AT_A_TIME // 2
"""Of those, so that others are answered while some follow."""
MOST_LINES: Final = 100_000
SECONDS: Final = 120.0
FOLLOWING_SECONDS: Final = 3600.0
_POLL, _LOOK, _RENEW, _GRACE = 5.0, 0.2, 5.0, 5.0
_LONGEST_LINE: Final = 16 * 1024**2
_LEFT_SECONDS: Final = 2 * FOLLOWING_SECONDS
_TOLD: Final = "events.ndjson"


class Answering:
    """`folder` is the worker's own, `url` that of the workers' role, as `database` has it."""

    def __init__(
        self,
        url: str,
        database: Database,
        ring: KeyRing,
        folder: Path,
        environ: Mapping[str, str],
        name: str,
        key: ServerKey,
        *,
        local: bool,
        home: str | None = None,
    ) -> None:
        self._url, self._database, self._ring = url, database, ring
        self._folder, self._environ = folder, environ
        self._name, self._key, self._local, self._home = name, key, local, home
        self._questions = Questions(database)
        self._running: dict[asyncio.Task[None], Question] = {}

    async def run(self, ending: asyncio.Event) -> None:
        """Until `ending` is set; what is not answered then has to be asked again."""
        self._remove_what_was_left()
        woken = asyncio.Event()
        async with listening(self._url, woken.set):
            while not ending.is_set():
                woken.clear()
                try:
                    await self._questions.end_lost()
                    await self._questions.forget()
                    await self._take_up(ending)
                except (DBAPIError, PoolTimeout) as error:
                    logger.warning("the database failed", error=type(error).__name__)
                waits = {asyncio.create_task(one.wait()) for one in (woken, ending)}
                await asyncio.wait(
                    {*waits, *self._running}, timeout=_POLL, return_when=asyncio.FIRST_COMPLETED
                )
                for one in waits:
                    one.cancel()
            if self._running:
                await asyncio.wait(self._running)

    async def _take_up(self, ending: asyncio.Event) -> None:
        while len(self._running) < AT_A_TIME and not ending.is_set():
            follow = sum(one.follows for one in self._running.values())
            question = await self._questions.take_up(self._name, following=follow < FOLLOWING)
            if question is None:
                return
            task = asyncio.create_task(self._answer(question, ending))
            self._running[task] = question
            task.add_done_callback(self._running.pop)

    async def _answer(self, question: Question, ending: asyncio.Event) -> None:
        redactor = Redactor([])
        try:
            needed = await material(
                self._database, self._ring, self._key, question, self._environ, home=self._home
            )
            redactor = needed.redactor
            demand_home(needed.environment, at_home=needed.at_home)
            demand_allowed(needed.environment, local=self._local)
            root = self._folder / "questions"
            root.mkdir(parents=True, mode=0o700, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=root, ignore_cleanup_errors=True) as made:
                source = Path(made) / "source"
                await lay_out(needed.archive, source, needed.project, needed.environment)
                asked = arguments(question, source, needed.environment)
                lay_out_passphrase(self._key, self._environ, self._folder, question.organization)
                environ = child_environment(self._environ, self._folder, question.organization)
                async with _program(asked, Path(made), source, environ) as program:
                    error = await self._told(question, program, redactor, ending)
        except CygniError as raised:
            error = as_told(raised)
        except (DBAPIError, PoolTimeout):
            logger.exception("a question is left", inquiry=str(question.id))
            return
        with contextlib.suppress(DBAPIError, PoolTimeout):
            await self._questions.write(question, [("ended", {"error": redactor.value(error)})], last=True)

    async def _told(
        self, question: Question, program: _Program, redactor: Redactor, ending: asyncio.Event
    ) -> Mapping[str, Any] | None:
        """Writes its lines until it ends; the error that it ended with. Raises CygniError where it was ended."""
        begun = written_at = time.monotonic()
        longest = FOLLOWING_SECONDS if question.follows else SECONDS
        count, listened = 0, True
        while True:
            over = program.over
            lines = [(kind, {"text": redactor.text(text)}) for kind, text in program.new()]
            count += len(lines)
            if lines or time.monotonic() - written_at > _RENEW:
                rows: list[Line] = list(lines)
                listened = await self._questions.write(question, rows)
                written_at = time.monotonic()
            if over:
                return await program.error()
            if ending.is_set():
                raise ControlPlaneError("the worker that answered ends", hint="Ask again.")
            if not listened or count > MOST_LINES or time.monotonic() - begun > longest:
                raise DeadlineExceeded(
                    "this answer took longer than one may, or nobody listened",
                    hint="Ask again; cx logs --since says from when on.",
                )
            await program.look()

    def _remove_what_was_left(self) -> None:
        """By workers of this machine that were killed."""
        for left in (self._folder / "questions").glob("*"):
            with contextlib.suppress(OSError):
                if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
                    shutil.rmtree(left, ignore_errors=True)


def arguments(question: Question, source: Path, environment: str) -> list[str]:
    """What `cx` is asked."""
    told = question.arguments
    place = ["--here", "--app", str(source), "--env", environment, *(["--json"] if question.as_json else [])]
    match question.kind:
        case "status":
            return ["status", *place, *(["--currency", told["currency"]] if told["currency"] else [])]
        case "releases":
            return ["releases", "--limit", str(told["limit"]), *place]
        case "outputs":
            return ["outputs", *([told["name"]] if told["name"] else []), *place]
    since = ["--since", f"{told['since']}s", *(["--until", f"{told['until']}s"] if told["until"] else [])]
    lines = [
        *(["--follow"] if told["follow"] else []),
        *([f"--filter={told['pattern']}"] if told["pattern"] else []),
        *(["--release", str(told["release"])] if told["release"] else []),
    ]
    return ["logs", *told["services"], *place, *since, *lines]


@dataclass
class _Program:
    """`cx` while it runs; `events` are what it says to people."""

    process: asyncio.subprocess.Process
    events: Events
    _lines: list[tuple[str, str]] = field(default_factory=list)
    _reading: asyncio.Task[None] | None = None

    def begin(self) -> None:
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self._lines.append(("wrote", line.decode("utf-8", errors="replace").rstrip("\n")))

    @property
    def over(self) -> bool:
        assert self._reading is not None
        return self._reading.done()

    def new(self) -> list[tuple[str, str]]:
        """What came since: its kind, and its text."""
        said = [("said", str(one["text"])) for one in self.events.new() if one["event"] == "said"]
        found, self._lines = self._lines, []
        return [*said, *found]

    async def look(self) -> None:
        """Waits for a moment."""
        assert self._reading is not None
        await asyncio.wait({self._reading}, timeout=_LOOK)

    async def error(self) -> Mapping[str, Any] | None:
        """How it ended, once it is over."""
        code = await self.process.wait()
        list(self.events.new())
        if self.events.ended is None:
            return as_told(ControlPlaneError(f"cx was killed (exit code {code})", hint="Ask again."))
        error: Mapping[str, Any] | None = self.events.ended["error"]
        return None if error is None else for_who_asked(error)


@asynccontextmanager
async def _program(
    asked: list[str], folder: Path, source: Path, environ: Mapping[str, str]
) -> AsyncIterator[_Program]:
    """Starts it; when the block is left, it has ended. One whose worker is killed ends with the next line it writes."""
    told = folder / "told"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "cli.detached", str(told), *asked),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        cwd=source,
        env=dict(environ),
        start_new_session=True,
        limit=_LONGEST_LINE,
    )
    program = _Program(process, Events(told / _TOLD))
    program.begin()
    try:
        yield program
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), _GRACE)
