"""A small web service in Python alone: a greeting, its version, and a health check.

It listens on PORT, and finishes what it has begun when it is asked to end (SIGTERM).
"""

import contextlib
import json
import os
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

GREETING = os.environ.get("GREETING", "hello")
VERSION = os.environ.get("VERSION", "1")


class Hello(BaseHTTPRequestHandler):
    server: "Server"
    protocol_version = "HTTP/1.1"  # connections are kept for further requests
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer is sent in one piece

    def do_GET(self) -> None:
        if self.path.partition("?")[0] == "/health":
            self.answer({"status": "ok"})
        else:
            self.answer({"greeting": GREETING, "version": VERSION, "path": self.path})

    def answer(self, values: dict[str, str]) -> None:
        body = json.dumps(values).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Version", VERSION)
        if self.server.stopping:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *words: Any) -> None:
        """Nothing: a line for each request says little and costs much."""


class Server(ThreadingHTTPServer):
    daemon_threads = False  # server_close waits for them
    request_queue_size = 1024

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, Hello)
        self.stopping = False
        self.connections: set[Any] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def stop(self, *received: Any) -> None:
        """Take no new connection and no further request; what has arrived is answered."""
        self.stopping = True
        threading.Thread(target=self.shutdown).start()

    def let_connections_end(self) -> None:
        for connection in list(self.connections):
            with contextlib.suppress(OSError):  # it has ended meanwhile
                connection.shutdown(socket.SHUT_RD)  # what was sent before can still be read


def main() -> None:
    server = Server((os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080"))))
    signal.signal(signal.SIGTERM, server.stop)
    signal.signal(signal.SIGINT, server.stop)
    print(f"hello {VERSION} listens on port {server.server_port}", flush=True)
    server.serve_forever(poll_interval=0.05)
    server.let_connections_end()
    server.server_close()
    print("all requests are answered", flush=True)


if __name__ == "__main__":
    main()
