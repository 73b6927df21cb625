from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT
from platform_api.domains.steps import Status
from platform_api.identifiers import new_id


class Domain(SQLModel, table=True):
    """It belongs to an environment of its project, None until somebody says to which. `token` is what its owner writes
    into the DNS; `region` is where its certificate is, None for that of the worker. `validation` has the records that
    ACM asks for. It has `status` since `status_since`, after so many `checks`; the next is due at `due_at`, and while
    it is made `claimed_until` keeps other workers from it. Of all organizations one at most has a name with
    `verified_at`. `served` says that a deployed load balancer has its certificate, `is_zone` that it is the top of a
    zone of the DNS, None where nobody has looked."""

    __tablename__ = "domains"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    project_id: uuid.UUID
    environment_id: uuid.UUID | None = None
    name: str
    token: str
    region: str | None = None
    status: str = Status.PENDING
    status_since: datetime = Field(sa_type=MOMENT)
    reason: str | None = None
    certificate: str | None = None
    validation: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSONB)
    served: bool = False
    is_zone: bool | None = None
    verified_at: datetime | None = Field(default=None, sa_type=MOMENT)
    checks: int = 0
    due_at: datetime | None = Field(default=None, sa_type=MOMENT)
    claimed_until: datetime | None = Field(default=None, sa_type=MOMENT)
    created_at: datetime = Field(sa_type=MOMENT)
