"""What RDS makes in a new database: the master user, with the password that Secrets Manager has, and its database."""

from __future__ import annotations

from dataclasses import dataclass

from cygni.local_cloud.databases.layout import ADMIN, Layout

_CONNECT_SECONDS = 2
_ROLES = ("pg_monitor", "pg_signal_backend", "pg_checkpoint")
"""Of those that RDS's master user is a member of, what every PostgreSQL since 15 has."""


class NotYet(Exception):
    """PostgreSQL does not take connections."""


@dataclass(frozen=True, slots=True)
class Account:
    """The master user, and the database that is its own (empty for none but `postgres`)."""

    user: str
    password: str
    database: str

    def __repr__(self) -> str:
        return f"Account({self.user!r}, {self.database!r})"


def settle(layout: Layout, account: Account) -> None:
    """Let the user be there with this password, and its database. Raises NotYet, and psycopg.Error where PostgreSQL
    refuses."""
    import psycopg
    from psycopg import sql

    try:
        connection = psycopg.connect(
            host=str(layout.sockets),
            port=5432,
            user=ADMIN,
            password=layout.password.read_text(encoding="utf-8"),
            dbname="postgres",
            connect_timeout=_CONNECT_SECONDS,
            autocommit=True,
        )
    except (psycopg.OperationalError, FileNotFoundError) as error:
        raise NotYet from error
    user, database = sql.Identifier(account.user), account.database or "postgres"
    with connection:
        # What the server is sent, and may log, is no password.
        verifier = connection.pgconn.encrypt_password(
            account.password.encode(), account.user.encode(), b"scram-sha-256"
        ).decode()
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [account.user]).fetchone()
        verb = sql.SQL("ALTER" if known else "CREATE")
        rights = sql.SQL("{} ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD {}")
        connection.execute(rights.format(verb, user, sql.Literal(verifier)))
        for role in _ROLES:
            connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(role), user))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(sql.Identifier(database), user))
