"""Tasks and deployments as the local cloud's ECS holds them, in the place of moto's.

moto answers DescribeTasks and DescribeServices from their attributes, under the API's names in lower case; what the
API does not have is our own. Times are aware datetimes, as the API tells them.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

PLATFORM_VERSION: Final = "1.4.0"
"""What `LATEST` means for Fargate on Linux (Amazon ECS developer guide, "Fargate platform versions")."""

RUNNING, STOPPED = "RUNNING", "STOPPED"
PROVISIONING, PENDING = "PROVISIONING", "PENDING"
DEACTIVATING, STOPPING = "DEACTIVATING", "STOPPING"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Container:
    """A container of a task. `essential` and `port` (of this machine) are our own."""

    name: str
    image: str
    container_arn: str
    task_arn: str
    cpu: str
    memory: str | None
    essential: bool
    last_status: str = PENDING
    exit_code: int | None = None
    reason: str | None = None
    runtime_id: str | None = None
    image_digest: str | None = None
    health_status: str = "UNKNOWN"
    network_bindings: list[dict[str, Any]] = field(default_factory=list)
    network_interfaces: list[dict[str, Any]] = field(default_factory=list)
    port: int | None = None


@dataclass(frozen=True)
class Registration:
    """A task's place in a target group."""

    target_group_arn: str
    id: str
    port: int


@dataclass
class Task:
    """A task. Our own: `definition` (moto's task definition), `region`, `service` (the key moto keeps the service
    under) and `deployment` of one that a service started; `placed` once it may be run; `ordered_to_stop` once its
    containers are to be ended; `registrations` in target groups; `settled` once it counts as well started; how far
    its logs were taken, by container."""

    task_arn: str
    cluster_arn: str
    task_definition_arn: str
    definition: Any
    region: str
    group: str
    containers: list[Container]
    cpu: str | None
    memory: str | None
    launch_type: str | None = None
    capacity_provider_name: str | None = None
    platform_version: str = PLATFORM_VERSION
    platform_family: str = "Linux"
    overrides: dict[str, Any] = field(default_factory=dict)
    started_by: str | None = None
    tags: list[dict[str, str]] = field(default_factory=list)
    attachments: list[dict[str, Any]] = field(default_factory=list)
    availability_zone: str | None = None
    enable_execute_command: bool = False
    ephemeral_storage: dict[str, int] = field(default_factory=lambda: {"sizeInGiB": 20})
    health_status: str = "UNKNOWN"
    desired_status: str = RUNNING
    last_status: str = PROVISIONING
    created_at: datetime = field(default_factory=now)
    connectivity: str | None = None
    connectivity_at: datetime | None = None
    pull_started_at: datetime | None = None
    pull_stopped_at: datetime | None = None
    started_at: datetime | None = None
    stopping_at: datetime | None = None
    stopped_at: datetime | None = None
    execution_stopped_at: datetime | None = None
    stop_code: str | None = None
    stopped_reason: str | None = None
    version: int = 1
    service: str | None = None
    deployment: str | None = None
    placed: bool = False
    ordered_to_stop: bool = False
    settled: bool = False
    registrations: list[Registration] = field(default_factory=list)
    log_positions: dict[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.task_arn.rpartition("/")[2]

    @property
    def is_stopped(self) -> bool:
        return self.last_status == STOPPED

    @property
    def is_wanted(self) -> bool:
        return self.desired_status == RUNNING


@dataclass
class Deployment:
    """One rollout of a service. Our own: `rolls_back` for one that takes a failed one's place; how many of its tasks
    failed in a row, and `next_launch_at` (seconds since the epoch) until when it waits for that."""

    task_definition: str
    desired_count: int
    launch_type: str | None
    capacity_provider_strategy: list[dict[str, Any]] | None
    network_configuration: dict[str, Any] | None
    platform_version: str | None = PLATFORM_VERSION
    platform_family: str = "Linux"
    id: str = field(default_factory=lambda: f"ecs-svc/{uuid.uuid4().int % 10**19:019d}")
    status: str = "PRIMARY"
    rollout_state: str | None = "IN_PROGRESS"
    rollout_state_reason: str | None = None
    pending_count: int = 0
    running_count: int = 0
    failed_tasks: int = 0
    created_at: datetime = field(default_factory=now)
    updated_at: datetime = field(default_factory=now)
    rolls_back: bool = False
    failures_in_a_row: int = 0
    next_launch_at: float = 0.0
