"""The embedded PostgreSQL of a server that serves: started again where it has died."""

from __future__ import annotations

import threading
from pathlib import Path

import structlog

from cygni.errors import StateError
from platform_api.database import embedded

LOOK_SECONDS = 2.0

logger = structlog.get_logger()


class KeptRunning:
    """For as long as the block lasts; what was lost meanwhile is for the callers to ask for again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="embedded PostgreSQL")

    def __enter__(self) -> KeptRunning:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            if not embedded.runs(self._folder):
                logger.warning("the embedded PostgreSQL died and is started again")
                try:
                    embedded.start(self._folder)
                except StateError as error:
                    logger.error("the embedded PostgreSQL does not start", reason=error.message)  # noqa: TRY400
