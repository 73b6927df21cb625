"""The tables of a migrated database, emptied for one test after the other."""

from __future__ import annotations

from typing import Final

import psycopg
from psycopg import sql

MOST_DELETED: Final = 32 * 2**20
"""Bytes of tables and indexes beyond which they are made anew: deleted rows stay there for some time."""

_OTHERS = b"""
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND state <> 'idle'
        AND pid <> pg_backend_pid()
    """
_SIZE = b"SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


class Tables:
    """`owner` is a connection of a superuser, without a transaction."""

    def __init__(self, owner: psycopg.Connection) -> None:
        self._owner = owner
        rows = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        names = [name for (name,) in rows if name != "alembic_version"]
        self._all = sql.SQL(", ").join(map(sql.Identifier, names))
        filled = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
        self._filled = sql.SQL(" UNION ALL ").join(
            filled.format(sql.Literal(name), sql.Identifier(name)) for name in names
        )

    def empty(self) -> None:
        """Deletes what is there, and ends transactions that a test left open. To truncate takes as long for a table
        that nobody wrote to as for others, and most tests write to few."""
        self._owner.execute(_OTHERS)
        if (self._owner.execute(_SIZE).fetchone() or (0,))[0] > MOST_DELETED:
            self._owner.execute(sql.SQL("TRUNCATE {}").format(self._all))
            return
        filled = self._owner.execute(self._filled, prepare=True).fetchall()
        with self._owner.transaction():
            # Without triggers, nor foreign keys.
            self._owner.execute("SET LOCAL session_replication_role = replica")
            for (name,) in filled:
                self._owner.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
