from __future__ import annotations

import uuid
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from platform_api.text import Name, Slug


class ProjectCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    slug: Slug
    name: Name | None = None


class ProjectUpdate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name


class ProjectPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    slug: str
    name: str
    version: int
    created_at: datetime


class ProjectList(BaseModel):
    """`next` is the cursor of the next page; null on the last."""

    items: list[ProjectPublic]
    next: str | None
