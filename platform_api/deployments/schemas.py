from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from platform_api.deployments.kinds import Kind
from platform_api.deployments.lifecycle import Status
from platform_api.text import Name

Service = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$")]
"""What could be the name of one; whether there is one is seen where it is deployed."""
StackSeconds = Annotated[int | None, Field(ge=1, le=24 * 3600, examples=[1800])]
"""The limit of each phase of a deployment stays beside it."""


class DeploymentCreate(BaseModel):
    """`source` is a folder that was sent; `allow_destroy` names what may lose its data; with `refresh` the cloud is
    looked at again for changes that others made. `max_cost_increase` is an amount a month or a percentage (`25`,
    `25EUR`, `10%`) that the plan keeps to. With `confirm` the plan waits until it is looked at; with `plan_only` it is
    all that is done. `timeout` is how many seconds one stack may take: an hour, where it is not said."""

    model_config = ConfigDict(extra="forbid")

    source: uuid.UUID
    allow_destroy: Annotated[list[Name], Field(max_length=100)] = []
    refresh: bool = False
    max_cost_increase: Annotated[
        str | None,
        Field(
            pattern=r"^\$?[0-9]{1,12}(\.[0-9]{1,6})?(%|[A-Z]{3})?$",
            max_length=30,
            examples=["25", "25EUR", "10%"],
        ),
    ] = None
    confirm: bool = False
    plan_only: bool = False
    timeout: StackSeconds = None


class Rollback(BaseModel):
    """`release` is the one to go back to; without it, the one before that differs from what runs."""

    model_config = ConfigDict(extra="forbid")

    release: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None


class Scaling(BaseModel):
    """`counts` are numbers of tasks, by service."""

    model_config = ConfigDict(extra="forbid")

    counts: Annotated[
        dict[Service, Annotated[int, Field(ge=0, le=5000)]],
        Field(min_length=1, max_length=100, examples=[{"web": 4}]),
    ]


class Restart(BaseModel):
    """`services` are those whose tasks are replaced; all of them, without any."""

    model_config = ConfigDict(extra="forbid")

    services: Annotated[list[Service], Field(max_length=100)] = []


class JobRun(BaseModel):
    """`job` is a service of kind job. With `wait` the deployment ends when the job does, and its events have what that
    writes; else it ends once the job is started."""

    model_config = ConfigDict(extra="forbid")

    job: Service
    wait: bool = True


class Destruction(BaseModel):
    """`allow_destroy` names what may lose its data; with `confirm` the plan waits until it is looked at. `timeout` is
    that of a deployment."""

    model_config = ConfigDict(extra="forbid")

    allow_destroy: Annotated[list[Name], Field(max_length=100)] = []
    confirm: bool = False
    timeout: StackSeconds = None


class Promotion(BaseModel):
    """With `full` all traffic moves at once, without the steps that are left."""

    model_config = ConfigDict(extra="forbid")

    full: bool = False


class Approval(BaseModel):
    """`plan` is the digest of the plan that was looked at; null for what has none, a scale or a run."""

    model_config = ConfigDict(extra="forbid")

    plan: Annotated[str | None, Field(pattern=r"^[0-9a-f]{64}$")]


class DeploymentPublic(BaseModel):
    """`monthly_delta` is by how much the plan costs more, in USD a month. `release` is the one that was made live, or
    that a rollback goes back to; `arguments` are what a scale, a restart or a run was told, and the `timeout` of a
    deploy or a destroy where it has one. A plan that waits for an approval does so for somebody with the right where
    `needs_approval`, else for whoever may deploy (a plan to delete: for whoever manages environments). `phase_deadline`
    is when its status ends by itself."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    environment_id: uuid.UUID
    source_id: uuid.UUID
    kind: Kind
    arguments: dict[str, Any]
    status: Status
    actor: dict[str, str]
    plan_only: bool
    needs_approval: bool
    monthly_delta: Decimal | None
    approved_by: dict[str, str] | None
    approved_at: datetime | None
    attempt: int
    release: int | None
    error: dict[str, Any] | None
    created_at: datetime
    phase_deadline: datetime | None
    cancel_requested_at: datetime | None
    finished_at: datetime | None
    last_event: int


class DeploymentDetail(DeploymentPublic):
    """`plan` is the newest, as docs/plan.schema.json describes it; `result` what was applied and released, as
    the command of its kind answers it with `--json`. `may_accept`: whether the caller may let the plan be applied, or
    what has none be done, and `yours`: whether it is the caller who asked for it; both are told where one deployment is
    read."""

    plan: dict[str, Any] | None
    result: dict[str, Any] | None
    may_accept: bool | None = None
    yours: bool | None = None


class DeploymentList(BaseModel):
    items: list[DeploymentPublic]
    next: str | None


class EventPublic(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    number: int
    at: datetime
    kind: str
    data: dict[str, Any]


class EventList(BaseModel):
    """`over` says that no more will come."""

    items: list[EventPublic]
    over: bool
