"""Connections over which an answer is heard that comes before all of the request was sent, as where it is too large."""

from __future__ import annotations

import http.client
import urllib.request
from typing import Any


class _Heard(http.client.HTTPConnection):
    def send(self, data: Any) -> None:
        """What the other end wants no more of is left unsent: it has answered, or reading the answer fails."""
        try:
            super().send(data)
        except (BrokenPipeError, ConnectionResetError):
            if self.sock is None:
                raise


class _SecurelyHeard(_Heard, http.client.HTTPSConnection):
    pass


class Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_Heard, req)


class Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(_SecurelyHeard, req)
