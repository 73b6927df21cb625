"""`python -m benchmarks.bare_stream PORT FILE`: what streams of events are compared with.

Starlette sends the file's server-sent events, one at a time, with nothing around it.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route


def main(port: int, file: Path) -> None:
    events = [event + "\n\n" for event in file.read_text("utf-8").split("\n\n") if event]

    async def told() -> AsyncIterator[str]:
        for event in events:
            yield event

    async def stream(request: Request) -> StreamingResponse:
        return StreamingResponse(told(), media_type="text/event-stream")

    uvicorn.run(Starlette(routes=[Route("/stream", stream)]), host="127.0.0.1", port=port, log_config=None)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
