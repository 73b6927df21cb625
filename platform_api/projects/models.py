from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT
from platform_api.identifiers import new_id


class Project(SQLModel, table=True):
    """`slug` is the `project` of its cygni.yaml."""

    __tablename__ = "projects"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    slug: str
    name: str
    version: int = 1
    created_at: datetime = Field(sa_type=MOMENT)


@dataclass(frozen=True, slots=True)
class FoundProject:
    """As its row has it, for who reads it alone."""

    organization_id: uuid.UUID
    id: uuid.UUID
    slug: str
    name: str
    version: int
    created_at: datetime


class ProjectName(SQLModel, table=True):
    """Whose a name is, also when its project is deleted: what that deployed may be there still, under this name."""

    __tablename__ = "project_names"

    organization_id: uuid.UUID
    slug: str = Field(primary_key=True)


class ProjectMember(SQLModel, table=True):
    """Somebody who may more in a project than in all of the organisation. `role` is one of
    `Role`, or a role of the organisation's own."""

    __tablename__ = "project_members"

    organization_id: uuid.UUID
    project_id: uuid.UUID = Field(primary_key=True)
    user_id: uuid.UUID = Field(primary_key=True)
    role: str
    created_at: datetime = Field(sa_type=MOMENT)
