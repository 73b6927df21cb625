"""The embedded PostgreSQL of a server that serves: started again where it has died."""

from __future__ import annotations

from pathlib import Path

import structlog

from cygni.control_plane.left_database import running_database
from cygni.errors import StateError
from platform_api.beside import KeptBeside
from platform_api.database import embedded

LOOK_SECONDS = 2.0

logger = structlog.get_logger()


class KeptRunning(KeptBeside):
    """What was lost meanwhile is for the callers to ask for again."""

    def __init__(self, folder: Path) -> None:
        super().__init__("embedded PostgreSQL")
        self._folder = folder

    def _keep(self) -> None:
        while not self._ending.wait(LOOK_SECONDS):
            try:
                if running_database(self._folder) is None:
                    logger.warning("the embedded PostgreSQL died and is started again")
                    embedded.start(self._folder)
            except StateError as error:
                logger.error("the embedded PostgreSQL does not start", reason=error.message)  # noqa: TRY400
            except Exception:  # of its library too, which asserts
                logger.exception("the embedded PostgreSQL does not start")
