"""The roles that serve requests and carry out jobs. They own nothing, so row-level security holds for them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from cygni.errors import StateError
from platform_api.keys import ServerKey

IDLE_SECONDS = 8
"""A process that freezes within a transaction keeps what it has locked, until the server ends its session: before a
worker's lease is over, or nobody could take over what the frozen one was writing."""

OLDEST = 15
"""The PostgreSQL that has all that the tables are made of, such as columns that a reference sets to null."""

LOCK = 6_281_440_107
"""Of two servers that start at once, one makes the roles, or migrates, and the other waits for it."""

_WITHOUT_POWERS = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS"
_POWERS = "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolbypassrls FROM pg_roles WHERE rolname = %s"


@dataclass(frozen=True, slots=True)
class Roles:
    """Names of roles; PostgreSQL has them for all databases of a server, so they begin with that of this one."""

    application: str
    worker: str


def roles_of(database_url: str) -> Roles:
    database = unquote(urlsplit(database_url).path.lstrip("/")) or "cygni"
    return Roles(f"{database}_app", f"{database}_worker")


def make_roles(database_url: str, key: ServerKey) -> Roles:
    """Makes the roles, or gives those that are there the password that belongs to the key.

    Raises StateError for a PostgreSQL that is too old, and psycopg.Error, of insufficient privilege if the URL's own
    role may not make roles.
    """
    roles = roles_of(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        _require_version(connection.info.server_version)
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))  # until the connection ends
        for role in (roles.application, roles.worker):
            known = connection.execute(_POWERS, (role,)).fetchone()
            verb = sql.SQL("ALTER" if known else "CREATE")
            # Only a superuser may so much as name these of a role that is there, and mostly there is nothing to take.
            without = sql.SQL("" if known == (False,) else _WITHOUT_POWERS)
            # The password is hashed on this side: a server that logs its statements does not get to know it.
            hashed = connection.pgconn.encrypt_password(
                key.role_password(role).encode(), role.encode(), b"scram-sha-256"
            )
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN {} PASSWORD {}").format(
                    verb, sql.Identifier(role), without, sql.Literal(hashed.decode())
                )
            )
            connection.execute(
                sql.SQL("ALTER ROLE {} SET idle_in_transaction_session_timeout = {}").format(
                    sql.Identifier(role), sql.Literal(f"{IDLE_SECONDS}s")
                )
            )
    return roles


def _require_version(number: int) -> None:
    """`number` is as libpq tells it: 150004 for 15.4."""
    if number < OLDEST * 10_000:
        raise StateError(
            f"this is PostgreSQL {number // 10_000}, and the control plane needs {OLDEST} or later",
            hint="Upgrade it, or have CYGNI_DATABASE_URL name another one.",
        )


def url_as(database_url: str, role: str, key: ServerKey) -> str:
    """The URL with another role in it; one that its query names would go before that."""
    parts = urlsplit(database_url)
    host = parts.netloc.rpartition("@")[2]
    query = "&".join(
        one for one in parts.query.split("&") if unquote(one.partition("=")[0]) not in {"user", "password"}
    )
    netloc = f"{quote(role, safe='')}:{key.role_password(role)}@{host}"
    return urlunsplit(parts._replace(netloc=netloc, query=query))
