from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT


class MeteredRun(SQLModel, table=True):
    """A task of an environment, or a preview environment that stands, as `cygni.metering.runs.Run` has it. `rates` are
    decimals by meter. Names tell the environment, so that what ran is told of when it is gone."""

    __tablename__ = "metered_runs"

    organization_id: uuid.UUID = Field(primary_key=True)
    project: str = Field(primary_key=True)
    environment: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    subject: str
    rates: dict[str, str] = Field(sa_type=JSONB)
    started_at: datetime = Field(sa_type=MOMENT)
    seen_at: datetime = Field(sa_type=MOMENT)
    ended_at: datetime | None = Field(default=None, sa_type=MOMENT)


class MeteredPlace(SQLModel, table=True):
    """Something that `look` measures: an environment, or where `project` and `environment` are empty, an organisation.
    All until `measured_until` is told. The next look is due at `due_at`; `claimed_until` keeps other workers from it.
    `error` is what the last one failed with, `failures` how many did in a row. `known` is what the look remembers."""

    __tablename__ = "metered_places"

    organization_id: uuid.UUID = Field(primary_key=True)
    project: str = Field(primary_key=True)
    environment: str = Field(primary_key=True)
    look: str = Field(primary_key=True)
    measured_until: datetime = Field(sa_type=MOMENT)
    due_at: datetime = Field(sa_type=MOMENT)
    claimed_until: datetime | None = Field(default=None, sa_type=MOMENT)
    failures: int = 0
    error: str | None = None
    known: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
