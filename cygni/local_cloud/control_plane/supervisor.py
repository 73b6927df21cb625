"""Keeps the data plane's process running: started when there is work for it, again when it dies, ended with the
server.

The process holds the reading end of a pipe; is the server killed, the pipe closes and the process ends by itself
all that it has started.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from cygni.local_cloud.data_plane.part import END_SECONDS
from cygni.local_cloud.data_plane.processes import end_leftovers
from cygni.local_cloud.files import DATA_PLANE_LOG, DATA_PLANE_MODULE, PROCESSES_FOLDER

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
STEADY_SECONDS = 30.0
"""A process that ran for so long was no failed start: the next begins without a pause."""

log = logging.getLogger(__name__)


class DataPlaneSupervisor:
    """The data plane of one server. `port` is the server's, `instance_id` gives its present identity."""

    def __init__(self, folder: Path, port: int, instance_id: Callable[[], str]):
        self._folder = folder
        self._port = port
        self._instance_id = instance_id
        self._lock = threading.Lock()
        self._run: _Run | None = None

    @property
    def facts(self) -> dict[str, int | None]:
        """Its pid (None while none runs) and how often it had to be started again."""
        run = self._run
        return {"pid": run.pid if run else None, "restarts": run.restarts if run else 0}

    def want(self) -> None:
        """Start it unless it runs. Returns at once."""
        with self._lock:
            if self._run is None:
                self._run = _Run(self._folder, self._command)

    def stop(self) -> None:
        """End it and all that it runs; `want` may start it again."""
        with self._lock:
            run, self._run = self._run, None
            if run is not None:
                run.end()
                end_leftovers(self._folder / PROCESSES_FOLDER)

    def _command(self) -> list[str]:
        command = [sys.executable, "-P", "-m", DATA_PLANE_MODULE, "--folder", str(self._folder)]
        return [*command, "--port", str(self._port), "--instance", self._instance_id()]


class _Run:
    """One process after another, from the first to `end`."""

    def __init__(self, folder: Path, command: Callable[[], list[str]]):
        self.restarts = 0
        self._folder = folder
        self._command = command
        self._ended = threading.Event()
        self._starting = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher = threading.Thread(target=self._watch, name="data-plane", daemon=True)
        self._watcher.start()

    @property
    def pid(self) -> int | None:
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    def end(self) -> None:
        with self._starting:  # from here on none is started
            self._ended.set()
            process = self._process
        if process is not None:
            process.terminate()
            self._watcher.join(END_SECONDS + 1.0)
            process.kill()
        self._watcher.join()

    def _watch(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._ended.is_set():
            begun = time.monotonic()
            self._start_and_wait()
            pause = FIRST_PAUSE_SECONDS if time.monotonic() - begun > STEADY_SECONDS else pause
            if not self._ended.wait(pause):
                self.restarts += 1
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _start_and_wait(self) -> None:
        with self._starting:
            if self._ended.is_set():
                return
            try:
                self._process = process = self._start()
            except OSError as error:
                log.error("the data plane could not be started: %s", error)  # noqa: TRY400
                return
        log.info("the data plane is process %d", process.pid)
        code = process.wait()
        if process.stdin is not None:
            process.stdin.close()
        if not self._ended.is_set():
            log.error("the data plane ended by itself (%d); see %s", code, DATA_PLANE_LOG)

    def _start(self) -> subprocess.Popen[bytes]:
        with (self._folder / DATA_PLANE_LOG).open("ab") as output:
            return subprocess.Popen(
                self._command(),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                cwd=self._folder,
                env=os.environ.copy(),
                start_new_session=True,
            )
