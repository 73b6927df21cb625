"""The shop's pages: a list of orders and a form. What they show and send goes through the API.

It listens on PORT, finds the API at SERVICE_API_URL, and finishes what it has begun when it is asked to end (SIGTERM).
"""

import html
import json
import os
import signal
import threading
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

VERSION = "1"
API = os.environ.get("SERVICE_API_URL", "http://127.0.0.1:8081")

PAGE = """<!doctype html>
<title>Shop</title>
<h1>Shop {version}</h1>
<form method="post" action="/"><input name="item" placeholder="What?" required> <button>Order</button></form>
<ul>{orders}</ul>
"""


def ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the API answers. Raises URLError."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(API + path, data, {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


class Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/health":
            self.answer(200, "ok")
            return
        try:
            orders = ask("GET", "/api/orders")
        except (urllib.error.URLError, TimeoutError) as error:
            self.answer(502, f"the API does not answer: {error}")
            return
        lines = [f"<li>{html.escape(one['item'])}: {html.escape(one['status'])}</li>" for one in orders]
        self.answer(200, PAGE.format(version=VERSION, orders="\n".join(lines)), "text/html")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        form = urllib.parse.parse_qs(self.rfile.read(length).decode())
        try:
            ask("POST", "/api/orders", {"item": form.get("item", [""])[0]})
        except urllib.error.HTTPError as error:
            self.answer(error.code, "the API refused the order")
        except (urllib.error.URLError, TimeoutError) as error:
            self.answer(502, f"the API does not answer: {error}")
        else:
            self.send_response(303)
            self.send_header("Location", "/")
            self.end_headers()

    def answer(self, status: int, text: str, kind: str = "text/plain") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *words: Any) -> None:
        if self.path != "/health":
            print(format % words, flush=True)


def main() -> None:
    server = ThreadingHTTPServer(
        (os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080"))), Pages
    )
    server.daemon_threads = False  # closing waits for them
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print(f"web {VERSION} listens on port {server.server_port}", flush=True)
    server.serve_forever(poll_interval=0.05)
    server.server_close()


if __name__ == "__main__":
    main()
