from __future__ import annotations

import uuid
from datetime import datetime

from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT
from platform_api.identifiers import new_id


class Environment(SQLModel, table=True):
    """Where `needs_approval`, a plan waits for somebody with the right before it is applied. `load_balancer` is the DNS
    name of the one that is deployed, in Route 53's zone `load_balancer_zone`; None where none is. `state_home` tells
    the folder of the worker that has its state, None where it is in no worker's files, or nothing was deployed."""

    __tablename__ = "environments"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    project_id: uuid.UUID
    name: str
    needs_approval: bool = False
    load_balancer: str | None = None
    load_balancer_zone: str | None = None
    state_home: str | None = None
    version: int = 1
    created_at: datetime = Field(sa_type=MOMENT)
