"""How the local cloud's processes keep their logs: UTC, one line each, two files of 2 MiB at most."""

from __future__ import annotations

import logging
import logging.handlers
import time
from pathlib import Path

LOG_BYTES = 2 * 1024 * 1024
LOG_FILES = 2


def log_to(path: Path) -> None:
    """Send this process' log to `path`. Raises OSError when it cannot be written."""
    handler = logging.handlers.RotatingFileHandler(
        path, maxBytes=LOG_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8"
    )
    formatter = logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%SZ")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
