"""The way into a database: TLS at a port of this machine, and PostgreSQL's socket behind it.

PostgreSQL's packages are often built without TLS, while RDS refuses connections without it (rds.force_ssl). So the
request for TLS, which comes before everything else, is answered here; what follows is passed on as it is. Source:
PostgreSQL documentation, "Message Flow" and "Message Formats" of the frontend/backend protocol.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import struct
from pathlib import Path
from typing import Final

_TLS_REQUEST: Final = 80877103
_GSS_REQUEST: Final = 80877104
_CANCEL_REQUEST: Final = 80877102
_FIRST_SECONDS: Final = 30.0
_CHUNK: Final = 65536
_LONGEST_FIRST: Final = 10_000
"""Bytes that PostgreSQL takes as a first message."""


def refusal() -> bytes:
    """What PostgreSQL says to a connection without TLS, as RDS does where it is forced."""
    fields = {
        "S": "FATAL",
        "V": "FATAL",
        "C": "28000",
        "M": "no pg_hba.conf entry for this host, no encryption",
    }
    body = b"".join(name.encode() + text.encode() + b"\0" for name, text in fields.items()) + b"\0"
    return b"E" + struct.pack("!I", len(body) + 4) + body


class Entry:
    """Lets clients in; `socket` is PostgreSQL's."""

    def __init__(self, tls: ssl.SSLContext, socket: Path) -> None:
        self._tls = tls
        self._socket = socket

    async def let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        with contextlib.suppress(OSError, ssl.SSLError, asyncio.IncompleteReadError, TimeoutError):
            async with asyncio.timeout(_FIRST_SECONDS):
                first = await self._opened(reader, writer)
            if first is not None:
                await self._pass_on(first, reader, writer)
        writer.close()
        with contextlib.suppress(OSError, ssl.SSLError):
            await writer.wait_closed()

    async def _opened(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes | None:
        """What is to be passed on first: nothing of a connection that speaks TLS now, the message of one that only
        cancels a query; None where it is refused."""
        while True:
            head = await reader.readexactly(8)
            length, code = struct.unpack("!II", head)
            if code == _GSS_REQUEST:
                writer.write(b"N")
                await writer.drain()
            elif code == _TLS_REQUEST:
                if reader._buffer:  # type: ignore[attr-defined]  # noqa: SLF001  # said before TLS, by whoever
                    return None
                writer.write(b"S")
                await writer.start_tls(self._tls)
                return b""
            elif code == _CANCEL_REQUEST and 8 < length < _LONGEST_FIRST:
                return head + await reader.readexactly(length - 8)
            else:
                writer.write(refusal())
                await writer.drain()
                return None

    async def _pass_on(
        self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        behind, to_server = await asyncio.open_unix_connection(str(self._socket))
        to_server.write(first)
        ways = (_copy(reader, to_server), _copy(behind, writer))
        try:
            await asyncio.wait([asyncio.ensure_future(way) for way in ways])
        finally:
            to_server.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    """Until either end has gone; then the other is let go of too."""
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await source.read(_CHUNK):
            target.write(data)
            await target.drain()
    with contextlib.suppress(OSError, ssl.SSLError):
        target.close()
