"""The shop's API: orders are rows of the database, and each new one is a message in the queue for the worker.

It listens on PORT, connects as PGHOST and its like say (libpq reads them), sends to QUEUE_ORDERS_URL, and finishes what
it has begun when it is asked to end (SIGTERM).
"""

import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import psycopg
from psycopg.rows import dict_row

VERSION = "1"
QUEUE = os.environ["QUEUE_ORDERS_URL"]
sqs = boto3.client("sqs")


def orders() -> list[dict[str, Any]]:
    with psycopg.connect(row_factory=dict_row) as connection:
        return connection.execute("SELECT id, item, status FROM orders ORDER BY id").fetchall()


def order(item: str) -> dict[str, Any]:
    """Adds an order, and tells the worker once it is in the database."""
    with psycopg.connect(row_factory=dict_row) as connection:
        made = connection.execute(
            "INSERT INTO orders (item) VALUES (%s) RETURNING id, item, status", [item]
        ).fetchone()
    assert made is not None
    sqs.send_message(QueueUrl=QUEUE, MessageBody=json.dumps({"order": made["id"]}))
    return made


class Api(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/api/health":
            self.answer(200, {"status": "ok", "version": VERSION})
        elif self.path == "/api/orders":
            self.answer(200, orders())
        else:
            self.answer(404, {"error": "there is /api/orders"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            item = json.loads(body)["item"].strip()
        except (ValueError, KeyError, TypeError, AttributeError):
            item = ""
        if self.path != "/api/orders" or not item:
            self.answer(400, {"error": 'send {"item": "something"} to /api/orders'})
        else:
            self.answer(201, order(item))

    def answer(self, status: int, values: Any) -> None:
        body = json.dumps(values).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-Version", VERSION)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *words: Any) -> None:
        if self.path != "/api/health":
            print(format % words, flush=True)


def main() -> None:
    server = ThreadingHTTPServer(
        (os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8081"))), Api
    )
    server.daemon_threads = False  # closing waits for them
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"api {VERSION} listens on port {server.server_port}", flush=True)
    server.serve_forever(poll_interval=0.05)
    server.server_close()


if __name__ == "__main__":
    main()
