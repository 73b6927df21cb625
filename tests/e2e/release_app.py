"""A small web service that can be told to behave badly; the tests of releases run it as a task."""

from __future__ import annotations

import http.server
import os
import random
import signal
import sys
import threading
import time

VERSION = os.environ.get("VERSION", "1")
ERRORS = float(os.environ.get("ERROR_PERCENT", "0"))
DELAY = float(os.environ.get("DELAY", "0"))
LEAK = int(os.environ.get("LEAK_MIB", "0"))
"""What each request leaves in memory."""
leaked: list[bytes] = []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        asked = self.path != "/health"
        if asked:
            time.sleep(DELAY)
            leaked.append(b"x" * (LEAK << 20))
        failed = asked and random.random() * 100 < ERRORS
        body = f"version {VERSION}".encode()
        self.send_response(500 if failed else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = False  # what is being answered is answered before the end
    request_queue_size = 128


def main() -> None:
    if os.environ.get("CRASH"):
        sys.stderr.write("no database to be found\n")
        sys.exit(3)
    if os.environ.get("JOB"):
        sys.stderr.write("migrated\n")
        return
    server = Server(("127.0.0.1", int(os.environ["PORT"])), Handler)
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    sys.stderr.write(f"version {VERSION} listens\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
