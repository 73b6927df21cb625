"""What a server keeps running beside it. Its worker: begun with it, begun again when it dies, and ended with it."""

from __future__ import annotations

import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Self

import structlog

from cygni.control_plane.files import WORKER

AGAIN_SECONDS = 5.0
"""Before one that has died is begun again."""
HAND_BACK_SECONDS = 140.0
"""In which it hands back what it carries out: `Timing.grace`, and some more to write that."""

logger = structlog.get_logger()


class KeptBeside(ABC):
    """Looked after by a thread, for as long as the block lasts."""

    def __init__(self, name: str) -> None:
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=name)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    @abstractmethod
    def _keep(self) -> None:
        """Until `_ending` is set."""


class WorkerBeside(KeptBeside):
    """Its standard input is a pipe from this process: when that ends, however it does, the worker ends too."""

    def __init__(self, folder: Path) -> None:
        super().__init__("worker beside")
        self._command = [sys.executable, "-P", "-m", WORKER, "--folder", str(folder), "--with-server"]

    def _keep(self) -> None:
        while not self._ending.is_set():
            try:
                code = self._work()
            except OSError as error:  # there is no memory or no process left, for a while
                logger.error("the worker does not begin", reason=str(error))  # noqa: TRY400
            else:
                if not self._ending.is_set():
                    logger.warning("the worker died and is begun again", code=code)
            self._ending.wait(AGAIN_SECONDS)

    def _work(self) -> int:
        """Until it dies, or is to end; its exit code. Raises OSError."""
        with subprocess.Popen(self._command, stdin=subprocess.PIPE, start_new_session=True) as worker:
            while worker.poll() is None and not self._ending.wait(0.2):
                pass
            self._end(worker)
        return worker.returncode

    def _end(self, worker: subprocess.Popen[bytes]) -> None:
        """Also where it has ended by itself: nothing is left to wait for then."""
        assert worker.stdin is not None
        worker.stdin.close()
        try:
            worker.wait(HAND_BACK_SECONDS)
        except subprocess.TimeoutExpired:
            worker.kill()
