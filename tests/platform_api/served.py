"""The application on a port, for commands that come over the network."""

from __future__ import annotations

import threading
import time
from functools import cache

import uvicorn
from fastapi import FastAPI

from platform_api.application import create_app
from tests.platform_api.server_key import KEY


class Served:
    """In a thread; `url` is that of the tables' owner."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.port = 0

    def start(self) -> None:
        """On the port it had."""
        config = uvicorn.Config(
            _application(self._url), port=self.port, log_level="critical", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        self.port = self._server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(30)


@cache
def _application(url: str) -> FastAPI:
    """It connects, and forgets what it knew, each time it is started; to build one takes longer than to start it."""
    return create_app(url, KEY)
