"""A connection to PostgreSQL that is kept: to make one takes several round trips, and TLS more."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.sql import Composed

CONNECT_SECONDS = 5


class KeptConnection:
    """Made when it is first asked something, again where it broke, and closed when nobody has it any more. Threads
    take turns; a process that was forked makes its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._turn = threading.Lock()
        self._made: Connection[tuple[Any, ...]] | None = None
        self._process = 0

    def rows(self, statement: Composed, values: Sequence[str]) -> list[tuple[Any, ...]]:
        """What the statement returns, which is a transaction of its own. It is sent again where a connection that was
        kept turns out to be broken, so it may be carried out twice. Raises psycopg.Error."""
        import psycopg

        with self._turn:
            kept = self._made if self._process == os.getpid() else None
            if kept is not None and not kept.closed:
                try:
                    return list(kept.execute(statement, values).fetchall())
                except psycopg.OperationalError:
                    kept.close()
            return list(self._connect().execute(statement, values).fetchall())

    def _connect(self) -> Connection[tuple[Any, ...]]:
        import psycopg

        made = psycopg.connect(
            libpq_url(self._url),
            connect_timeout=CONNECT_SECONDS,
            autocommit=True,
            prepare_threshold=None,  # what is prepared is lost behind a pool such as pgbouncer
        )
        self._made, self._process = made, os.getpid()
        weakref.finalize(self, _close, made, self._process)
        return made


def _close(connection: Connection[tuple[Any, ...]], process: int) -> None:
    if process == os.getpid():
        connection.close()


def libpq_url(url: str) -> str:
    """The URL without what only the engine's driver takes: its table, and settings of the session."""
    from psycopg import pq

    known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name in known]
    # Not by `geturl`, which drops the slashes of a host that is not named; and libpq takes a `+` for itself.
    return f"postgresql://{parts.netloc}{parts.path}?{urlencode(query, quote_via=quote)}"
