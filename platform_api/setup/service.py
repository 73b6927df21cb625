"""The setup token: printed by `cx server up`, so that a stranger who finds the server first gets nowhere."""

from __future__ import annotations

import hmac
import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, SQLModel

from cygni.errors import AlreadyExists, Unauthenticated
from platform_api.access.credentials import SETUP_TOKEN, Credential, parse
from platform_api.accounts.models import MOMENT
from platform_api.keys import ServerKey


class Setup(SQLModel, table=True):
    """Its one row is there once the server is set up."""

    __tablename__ = "setup"

    only_row: bool = Field(default=True, primary_key=True)
    done_at: datetime = Field(sa_type=MOMENT)
    user_id: uuid.UUID


def setup_token(key: ServerKey) -> Credential:
    """Made of the server's key, so every host of it prints the same. It is worth nothing once the server is set up."""
    secret = key.derived("setup").hex()
    return Credential(SETUP_TOKEN, secret[:12], secret[12:44])


async def is_set_up(session: AsyncSession) -> bool:
    return await session.scalar(sa.select(sa.func.count()).select_from(Setup)) == 1


def check_token(key_token: Credential, given: str) -> None:
    """Raises Unauthenticated."""
    found = parse(given, SETUP_TOKEN)
    if found is None or not hmac.compare_digest(found.secret, key_token.secret):
        raise Unauthenticated(
            "the setup token is wrong", hint="cx server up prints it where the server was started."
        )


async def close(session: AsyncSession, user: uuid.UUID, now: datetime) -> None:
    """Of two that set up at once, one gets AlreadyExists."""
    session.add(Setup(done_at=now, user_id=user))
    try:
        await session.flush()
    except IntegrityError as error:
        raise AlreadyExists("this server is set up already", hint="Sign in: cx login") from error
