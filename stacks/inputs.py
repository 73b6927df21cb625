"""What each stack's program is given: exactly this and nothing else (pure).

The programs see no specification and no settings, so a digest of these values, of the upstream outputs and
of the programs' own text tells whether a stack can have changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from cygni.health_check import HealthCheck
from cygni.naming import Part
from stacks.bucket_inputs import BucketInputs
from stacks.data_inputs import BoundStores, CacheInputs, DatabaseInputs
from stacks.kubernetes_inputs import KubernetesInputs
from stacks.messaging_inputs import QueueInputs, TopicInputs
from stacks.network_inputs import FlowLogInputs, VpcInputs


@dataclass(frozen=True)
class DomainInputs:
    """The names an environment is reached by, the first being its own, and the hosted zone that holds them."""

    names: tuple[str, ...]
    zone: str
    create_zone: bool
    cdn: bool


@dataclass(frozen=True)
class FirewallInputs:
    """`rate_limit` is the most requests from one address in five minutes."""

    rate_limit: int


@dataclass(frozen=True)
class BaselineInputs:
    """What is switched on for the whole account. `trail_retention` in days; 0 makes no trail."""

    guardduty: bool
    security_hub: bool
    trail_retention: int


@dataclass(frozen=True)
class FoundationInputs:
    """Network, cluster, entrance and registries of an environment. `certificates` has the host names that a control
    plane keeps, each with the ARN of its certificate; the first is the default where there is no `domain`."""

    project: str
    environment: str
    cidr: str
    zones: int
    nat: str
    load_balancer: bool
    repositories: tuple[str, ...] = ()
    domain: DomainInputs | None = None
    certificates: tuple[tuple[str, str], ...] = ()
    firewall: FirewallInputs | None = None
    baseline: BaselineInputs | None = None
    kubernetes: KubernetesInputs | None = None
    endpoints: tuple[str, ...] = ()
    flow_logs: FlowLogInputs | None = None
    acls: bool = False
    vpc: VpcInputs | None = None

    part = Part.FOUNDATION


@dataclass(frozen=True)
class DataInputs:
    """What holds data and must survive everything else. `own_key` encrypts databases and caches with a KMS key of the
    environment's own."""

    project: str
    environment: str
    buckets: tuple[BucketInputs, ...] = ()
    databases: tuple[DatabaseInputs, ...] = ()
    caches: tuple[CacheInputs, ...] = ()
    queues: tuple[QueueInputs, ...] = ()
    topics: tuple[TopicInputs, ...] = ()
    own_key: bool = False

    part = Part.DATA


@dataclass(frozen=True)
class ScheduleInputs:
    """When a cron runs. `expression` is EventBridge Scheduler's; `flexible_window` in minutes, `retry_for` in
    seconds."""

    expression: str
    timezone: str
    flexible_window: int
    retries: int
    retry_for: int
    dead_letter: bool
    enabled: bool


@dataclass(frozen=True)
class AutoscaleInputs:
    """Tasks between `least` and `most`; `cpu` in percent, `requests` a minute and task, cooldowns in seconds."""

    least: int
    most: int
    cpu: int | None
    requests: int | None
    in_cooldown: int
    out_cooldown: int


@dataclass(frozen=True)
class SpotInputs:
    """`percent` of the tasks beyond `base` on Fargate Spot."""

    percent: int
    base: int


@dataclass(frozen=True)
class AlarmInputs:
    """What raises an alarm: `errors`, `cpu` and `memory` in percent, `latency` in seconds, for `minutes`."""

    errors: float
    latency: float
    cpu: float
    memory: float
    minutes: int


@dataclass(frozen=True)
class ServiceInputs:
    """One service. `cpu` in CPU units (1024 is one vCPU), `memory` in MiB, `ephemeral_storage` in GiB,
    `stop_timeout` and `deregistration_delay` in seconds. `image` is empty when `repository` is given. `secrets`
    are references by variable. `count`,
    `autoscale`, `spot`, `alarms` and `exec` are of a web service or worker; `port`, `path`, `health` and
    `deregistration_delay` are a web service's; `schedule` is a cron's."""

    name: str
    kind: str
    image: str
    repository: str
    image_tag: str
    cpu: int
    memory: int
    architecture: str
    ephemeral_storage: int
    environment: tuple[tuple[str, str], ...]
    command: tuple[str, ...]
    stop_timeout: int
    secrets: tuple[tuple[str, str], ...] = ()
    count: int = 0
    port: int = 0
    path: str = ""
    health: HealthCheck | None = None
    deregistration_delay: int = 0
    schedule: ScheduleInputs | None = None
    autoscale: AutoscaleInputs | None = None
    spot: SpotInputs | None = None
    alarms: AlarmInputs | None = None
    exec: bool = False


@dataclass(frozen=True)
class ServicesInputs:
    """Task definitions, services, target groups and listener rules. With `discovery` services find each other."""

    project: str
    environment: str
    private: bool
    log_retention: int
    services: tuple[ServiceInputs, ...] = ()
    buckets: tuple[str, ...] = ()
    stores: BoundStores = field(default_factory=BoundStores)
    queues: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    discovery: bool = False

    part = Part.SERVICES


StackInputs: TypeAlias = FoundationInputs | DataInputs | ServicesInputs
