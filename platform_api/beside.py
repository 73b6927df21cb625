"""The worker that a server has beside it: begun with it, begun again when it dies, and ended with it."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import structlog

from cygni.control_plane.files import WORKER

AGAIN_SECONDS = 5.0
"""Before one that has died is begun again."""
HAND_BACK_SECONDS = 60.0
"""In which it hands back what it carries out."""

logger = structlog.get_logger()


class WorkerBeside:
    """Its standard input is a pipe from this process: when that ends, however it does, the worker ends too."""

    def __init__(self, folder: Path) -> None:
        self._command = [sys.executable, "-P", "-m", WORKER, "--folder", str(folder), "--with-server"]
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="worker beside")

    def __enter__(self) -> WorkerBeside:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._ending.is_set():
            with subprocess.Popen(self._command, stdin=subprocess.PIPE, start_new_session=True) as worker:
                while worker.poll() is None and not self._ending.wait(0.2):
                    pass
                self._end(worker)
            if not self._ending.is_set():
                logger.warning("the worker died and is begun again", code=worker.returncode)
                self._ending.wait(AGAIN_SECONDS)

    def _end(self, worker: subprocess.Popen[bytes]) -> None:
        """Also where it has ended by itself: nothing is left to wait for then."""
        assert worker.stdin is not None
        worker.stdin.close()
        try:
            worker.wait(HAND_BACK_SECONDS)
        except subprocess.TimeoutExpired:
            worker.kill()
