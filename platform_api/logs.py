"""The log of a server and of a worker: a JSON object on each line of stderr."""

from __future__ import annotations

import sys
from typing import TextIO

import structlog


def log_to_stderr(stream: TextIO | None = None) -> None:
    """From now on, in this process. Tracebacks have lines of code and no values of variables, which are what people
    sent: passwords, tokens, secrets."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(stream or sys.stderr),
    )
