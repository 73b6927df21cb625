"""examples/hello with streams: `/events` (server-sent events) and `/socket` (WebSocket), numbers ten times a second.

`benchmarks.releases` puts this beside the example's app.py. A stream goes on until its task is asked to end: then it
ends as its protocol says, so that whoever listens knows that nothing was lost, and comes back.
"""

import base64
import hashlib
import itertools
import time
from collections.abc import Callable

import app  # type: ignore[import-not-found,unused-ignore]  # the example's

_MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
_GOING_AWAY = b"\x88\x02" + (1001).to_bytes(2, "big")
_SECONDS = 0.1


class Streaming(app.Hello):  # type: ignore[misc,unused-ignore]
    def do_GET(self) -> None:  # noqa: N802  # http.server calls it so
        self.close_connection = True
        match self.path.partition("?")[0]:
            case "/events":
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.stream(lambda number: b"%x\r\ndata: %d\n\n\r\n" % (len(f"data: {number}\n\n"), number))
                self.wfile.write(b"0\r\n\r\n")
            case "/socket":
                key = self.headers["Sec-WebSocket-Key"] + _MAGIC
                self.send_response(101)
                self.send_header("Upgrade", "websocket")
                self.send_header("Connection", "Upgrade")
                accepted = base64.b64encode(hashlib.sha1(key.encode()).digest())
                self.send_header("Sec-WebSocket-Accept", accepted.decode())
                self.end_headers()
                self.stream(lambda number: b"\x81%c%d" % (len(str(number)), number))
                self.wfile.write(_GOING_AWAY)
            case _:
                self.close_connection = False
                super().do_GET()

    def stream(self, told: Callable[[int], bytes]) -> None:
        for number in itertools.count(1):
            if self.server.stopping:
                return
            self.wfile.write(told(number))
            self.wfile.flush()
            time.sleep(_SECONDS)


if __name__ == "__main__":
    app.Hello = Streaming
    app.main()
