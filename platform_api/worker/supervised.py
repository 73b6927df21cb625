"""A program that runs under the watchdog, as the worker sees it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from platform_api.worker import watchdog
from platform_api.worker.heartbeat import Heartbeat, Stop
from platform_api.worker.timing import Timing

_LOOK_SECONDS = 0.1


class Supervised:
    """It ends by itself, or when the heartbeat says to stop."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        pipe: int,
        heartbeat: Heartbeat,
        in_spite_of: Stop | None = None,
    ) -> None:
        self._process = process
        self._pipe = pipe
        self._heartbeat = heartbeat
        self._in_spite_of = in_spite_of
        self._asked = False

    @property
    def code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._process.returncode

    async def look(self) -> None:
        """Waits for a moment, and passes on that it is to stop."""
        if self._heartbeat.stop not in (None, self._in_spite_of) and not self._asked:
            self._asked = True
            self.write(watchdog.END)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._process.wait(), _LOOK_SECONDS)

    def renewed(self) -> None:
        """The lease was; called from the heartbeat's thread."""
        if self._heartbeat.stop is not Stop.LOST:
            self.write(watchdog.RENEWED)

    def write(self, what: bytes) -> None:
        with contextlib.suppress(OSError):  # it has ended, or it is frozen and has heard enough
            os.write(self._pipe, what)


@asynccontextmanager
async def supervised(
    command: Sequence[str],
    *,
    environ: Mapping[str, str],
    folder: Path,
    output: Path,
    errors: Path,
    heartbeat: Heartbeat,
    timing: Timing,
    in_spite_of: Stop | None = None,
) -> AsyncIterator[Supervised]:
    """Starts it in `folder`, its stdout going to the file `output`, its stderr to `errors`. It goes on where the
    heartbeat says to stop `in_spite_of` that. When the block is left, the program is told to end, and has when this
    returns."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    times = [str(seconds) for seconds in (timing.stop, timing.kill, timing.grace)]
    try:
        with output.open("wb") as out, errors.open("wb") as err:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", watchdog.__name__, *times, "--", *command),
                stdin=reading,
                stdout=out,
                stderr=err,
                cwd=folder,
                env=dict(environ),
                start_new_session=True,
            )
    except BaseException:
        os.close(writing)
        raise
    finally:
        os.close(reading)
    program = Supervised(process, writing, heartbeat, in_spite_of)
    heartbeat.listen(program.renewed)
    try:
        yield program
    finally:
        heartbeat.unlisten(program.renewed)
        os.close(writing)
        await process.wait()
