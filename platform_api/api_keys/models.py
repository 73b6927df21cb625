from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT
from platform_api.identifiers import new_id


class ApiKey(SQLModel, table=True):
    """`public_id` and `last4` are shown; of the secret there is a hash alone. `scopes` are permissions, of which
    the key has those that `created_by` has too, at the moment. A key that another one made is of the same
    person, and has it in `created_by_key`."""

    __tablename__ = "api_keys"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    public_id: str
    secret_hash: bytes = Field(repr=False)
    last4: str
    name: str
    scopes: list[str] = Field(sa_type=sa.ARRAY(sa.Text))
    project_id: uuid.UUID | None = None
    created_by: uuid.UUID | None = None
    created_by_key: uuid.UUID | None = None
    created_at: datetime = Field(sa_type=MOMENT)
    expires_at: datetime | None = Field(default=None, sa_type=MOMENT)
    last_used_at: datetime | None = Field(default=None, sa_type=MOMENT)
    revoked_at: datetime | None = Field(default=None, sa_type=MOMENT)
