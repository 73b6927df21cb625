"""Tables of people and their sessions. They are of no organisation: a person may be in several."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from platform_api.identifiers import new_id

MOMENT = sa.TIMESTAMP(timezone=True)


class User(SQLModel, table=True):
    """An `operator` runs the server: a right of the server, which no organisation gives."""

    __tablename__ = "users"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    email: str
    name: str
    password_hash: str = Field(repr=False)
    operator: bool = False
    disabled_at: datetime | None = Field(default=None, sa_type=MOMENT)
    created_at: datetime = Field(sa_type=MOMENT)


class Session(SQLModel, table=True):
    """A family of refresh tokens: each refresh makes the next one and ends the one before.

    `public_id` is that of all its tokens, `refresh_hash` is that of the newest.
    One that was used before was copied by somebody, so the family ends.
    """

    __tablename__ = "sessions"

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    public_id: str
    user_id: uuid.UUID
    refresh_hash: bytes = Field(repr=False)
    generation: int = 1
    created_at: datetime = Field(sa_type=MOMENT)
    refreshed_at: datetime = Field(sa_type=MOMENT)
    expires_at: datetime = Field(sa_type=MOMENT)
    revoked_at: datetime | None = Field(default=None, sa_type=MOMENT)
    revoked_for: str | None = None
