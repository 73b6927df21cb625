"""Brings the tables of a database to the form this version knows, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from platform_api.database.roles import LOCK, Roles

FOLDER = Path(__file__).parent.parent / "migrations"


def upgrade(database_url: str, roles: Roles, to: str = "head") -> None:
    """As the owner of the tables. A migration waits five seconds for a table at most. Raises sqlalchemy's errors."""
    _run(database_url, roles, lambda config: command.upgrade(config, to))


def downgrade(database_url: str, roles: Roles, to: str = "base") -> None:
    _run(database_url, roles, lambda config: command.downgrade(config, to))


def sqlalchemy_url(database_url: str) -> str:
    """The URL as sqlalchemy reads it: with the driver in it."""
    return "postgresql+psycopg://" + database_url.partition("://")[2]


def _run(database_url: str, roles: Roles, change: Callable[[Config], None]) -> None:
    engine = sa.create_engine(sqlalchemy_url(database_url))
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
            connection.execute(sa.text("SET lock_timeout = '5s'"))
            connection.commit()
            config = Config()
            config.set_main_option("script_location", str(FOLDER))
            config.attributes["connection"] = connection
            config.attributes["roles"] = roles
            change(config)
    finally:
        engine.dispose()
