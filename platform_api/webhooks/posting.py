"""One request to a receiver: to the address that was checked, in bounded time, following nothing."""

from __future__ import annotations

import contextlib
import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from platform_api.outbox.sender import ATTEMPT_SECONDS
from platform_api.webhooks.destinations import Allowed, Destination, Forbidden, Resolve, destination

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 15.0
WHOLE_SECONDS = ATTEMPT_SECONDS
"""After which the connection is cut, also to a receiver that says a little again and again."""
_TOO_LONG = "the answer took too long"
GONE = 410
"""By which a receiver says that it wants no more."""


@dataclass(frozen=True, slots=True)
class Posted:
    """How it went: the `status` of the answer, or None and an `error` where none came. `forbidden`: nothing was sent,
    for nothing may go there."""

    status: int | None
    error: str | None = None
    retry_after: timedelta | None = None
    forbidden: bool = False

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(
    url: str, body: bytes, headers: Mapping[str, str], allowed: Allowed, resolve: Resolve | None = None
) -> Posted:
    """Never raises for what a receiver does."""
    try:
        target = destination(url, allowed, resolve)
    except Forbidden as error:
        return Posted(None, f"not allowed: {error}", forbidden=True)
    except (OSError, ValueError) as error:
        return Posted(None, f"the host cannot be found: {_reason(error)}")
    connection = _Pinned(target)
    watchdog = threading.Timer(WHOLE_SECONDS, connection.cut)
    watchdog.start()
    try:
        connection.request("POST", target.path, body, dict(headers))
        answer = connection.getresponse()
        if connection.was_cut:  # in the middle of what is now read as a whole answer
            return Posted(None, _TOO_LONG)
        asked = answer.headers.get("Retry-After", "")
        return Posted(answer.status, None, timedelta(seconds=int(asked)) if _is_number(asked) else None)
    except (OSError, http.client.HTTPException) as error:
        return Posted(None, _TOO_LONG if connection.was_cut else _reason(error))
    finally:
        watchdog.cancel()
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """Connects to the address of `target`, and is for its host in all else: the Host header, the certificate."""

    def __init__(self, target: Destination) -> None:
        super().__init__(target.host, target.port, timeout=ANSWER_SECONDS)
        self._target = target
        self.was_cut = False
        self.default_port = 443 if target.scheme == "https" else 80  # which the Host header leaves out

    def connect(self) -> None:
        self.sock = socket.create_connection((self._target.address, self._target.port), CONNECT_SECONDS)
        self.sock.settimeout(ANSWER_SECONDS)
        if self._target.scheme == "https":
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(self.sock, server_hostname=self._target.host)

    def cut(self) -> None:
        """From another thread: whoever waits for the receiver waits no longer."""
        self.was_cut = True
        with contextlib.suppress(OSError, AttributeError):  # closed meanwhile
            self.sock.shutdown(socket.SHUT_RDWR)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _reason(error: Exception) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return text if text.isprintable() else type(error).__name__
