from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

from platform_api.accounts.models import MOMENT
from platform_api.deployments.kinds import Kind
from platform_api.deployments.lifecycle import Status
from platform_api.identifiers import new_id


class Deployment(SQLModel, table=True):
    """The row is the job. `arguments` are what its `kind` is told: `counts` of tasks by service of a scale, `services`
    of a restart, `job` of a run, and whether to `wait` for it, `timeout` of a deploy or a destroy (seconds for one
    stack). `release` is the one that a rollback goes back to (None: the one before), else the one that was made live;
    `monthly_delta` is in USD; `attempt` counts from 1 how often a worker has begun it anew.

    `actor` has the `kind` and `id` of who asked for it, and a `name` for people to read.

    `plan_only` ends with the plan; `confirm` waits for whoever began it to look at the plan, `needs_approval` for
    somebody with the right. `wish` is what somebody asks of the release under way, until it is passed on, and
    `wish_number` the number of the event that says so; `result` is what `cx` answered, without the plan.

    `worker` has the lease until `lease_expires_at`, by the database's clock. Each lease has a higher `fence`, and
    whoever has it writes with it. `last_event` is the number of the last event.
    """

    __tablename__ = "deployments"

    organization_id: uuid.UUID
    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    project_id: uuid.UUID
    environment_id: uuid.UUID
    source_id: uuid.UUID
    kind: str = Kind.DEPLOY
    arguments: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    release: int | None = None
    allow_destroy: list[str] = Field(default_factory=list, sa_type=ARRAY(sa.Text))
    refresh: bool = False
    max_cost_increase: str | None = None
    plan_only: bool = False
    confirm: bool = False
    needs_approval: bool
    actor: dict[str, str] = Field(sa_type=JSONB)
    created_at: datetime = Field(sa_type=MOMENT)
    status: str = Status.QUEUED
    phase_deadline: datetime | None = Field(default=None, sa_type=MOMENT)
    attempt: int = 0
    plan: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    monthly_delta: Decimal | None = None
    approved_plan: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    approved_by: dict[str, str] | None = Field(default=None, sa_type=JSONB)
    approved_at: datetime | None = Field(default=None, sa_type=MOMENT)
    cancel_requested_at: datetime | None = Field(default=None, sa_type=MOMENT)
    wish: str | None = None
    wish_number: int = Field(default=0, sa_type=sa.BigInteger)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    claimed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    finished_at: datetime | None = Field(default=None, sa_type=MOMENT)
    fence: int = Field(default=0, sa_type=sa.BigInteger)
    worker: str | None = None
    lease_expires_at: datetime | None = Field(default=None, sa_type=MOMENT)
    last_event: int = Field(default=0, sa_type=sa.BigInteger)


class DeploymentEvent(SQLModel, table=True):
    """`number` counts from 1 in each deployment, without gaps."""

    __tablename__ = "deployment_events"

    organization_id: uuid.UUID
    deployment_id: uuid.UUID = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=sa.BigInteger)
    at: datetime = Field(sa_type=MOMENT)
    kind: str
    data: dict[str, Any] = Field(sa_type=JSONB)
