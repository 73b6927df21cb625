"""Pages of other origins that may ask the API from a browser (CORS)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_SENT: Final = (
    "Authorization",
    "Content-Type",
    "If-Match",
    "Idempotency-Key",
    "Last-Event-ID",
    "X-CSRF-Token",
    "X-Request-ID",
)
_READ: Final = ("ETag", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-ID")
_REMEMBERED: Final = timedelta(minutes=10)


def allow_origins(app: FastAPI, origins: Sequence[str]) -> None:
    """Nothing is added where there are none: browsers then keep every other origin out."""
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_credentials=True,
            allow_methods=_METHODS,
            allow_headers=_SENT,
            expose_headers=_READ,
            max_age=int(_REMEMBERED.total_seconds()),
        )
