"""What exists in the local cloud, as far as the data plane acts on it. Immutable, so that two are simply compared.

Each service has a section here, read from moto by a module of `cygni/local_cloud/control_plane`. Times are seconds
since the epoch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Target:
    """A registered target. `since` is when it was registered: it tells a target from an earlier one at its
    address, whose health says nothing about this one."""

    id: str
    port: int
    since: float


@dataclass(frozen=True, slots=True)
class DrainingTarget:
    """A target that was deregistered `since`, and may finish what it has begun."""

    id: str
    port: int
    since: float


@dataclass(frozen=True, slots=True)
class HealthCheck:
    """How a target group checks its targets. `port` is "traffic-port" or a number; `codes` is a matcher as AWS
    spells it ("200", "200-299", "200,202"); times are seconds."""

    protocol: str
    port: str
    path: str
    interval: float
    timeout: float
    healthy_threshold: int
    unhealthy_threshold: int
    codes: str


@dataclass(frozen=True, slots=True)
class TargetStickiness:
    """A client's requests go to one target, by a cookie. `cookie` is the application's own, for "app_cookie"."""

    type: Literal["lb_cookie", "app_cookie"]
    seconds: int
    cookie: str = ""


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """`protocol_version` is HTTP1, HTTP2 or GRPC; `deregistration_delay` is in seconds."""

    arn: str
    protocol: str
    protocol_version: str
    port: int
    health_check: HealthCheck
    deregistration_delay: float
    algorithm: str
    stickiness: TargetStickiness | None
    targets: tuple[Target, ...] = ()
    draining: tuple[DrainingTarget, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule: any of `values` fits. `name` is the header's, for http-header; the values of
    query-string are pairs of key ("" for any) and value."""

    field: Literal[
        "host-header", "path-pattern", "http-header", "http-request-method", "query-string", "source-ip"
    ]
    values: tuple[str, ...] = ()
    name: str = ""
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Forward:
    """Send on to target groups by weight: (ARN, weight from 0 to 999). `sticky_seconds` keeps a client with the
    group it was given first; None does not."""

    groups: tuple[tuple[str, int], ...]
    sticky_seconds: int | None = None
    type: Literal["forward"] = "forward"


@dataclass(frozen=True, slots=True)
class Redirect:
    """As AWS spells it, with #{host}, #{path}, #{port}, #{protocol} and #{query} kept in place."""

    code: int
    protocol: str
    host: str
    port: str
    path: str
    query: str
    type: Literal["redirect"] = "redirect"


@dataclass(frozen=True, slots=True)
class FixedResponse:
    code: int
    content_type: str
    body: str
    type: Literal["fixed-response"] = "fixed-response"


Action = Forward | Redirect | FixedResponse


@dataclass(frozen=True, slots=True)
class Rule:
    """What to do with requests that fulfil all conditions."""

    arn: str
    conditions: tuple[Condition, ...]
    action: Action


@dataclass(frozen=True, slots=True)
class Listener:
    """`local_port` is where it is served on 127.0.0.1, instead of `port`. `rules` are in the order of their
    priority, the default rule last. `names` are those that its certificates stand for."""

    arn: str
    protocol: str
    port: int
    local_port: int
    rules: tuple[Rule, ...]
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """An application load balancer. `local_port` is the one in its DNS name; times are seconds."""

    arn: str
    name: str
    local_port: int
    listeners: tuple[Listener, ...]
    idle_timeout: float = 60
    client_keep_alive: float = 3600
    xff_mode: str = "append"


@dataclass(frozen=True, slots=True)
class ElasticLoadBalancing:
    """Section `elbv2`, of all regions."""

    load_balancers: tuple[LoadBalancer, ...] = ()
    target_groups: tuple[TargetGroup, ...] = ()


@dataclass(frozen=True, slots=True)
class ContainerOrder:
    """A container to run. `environment` and `secrets` are pairs of a variable's name and its value, or where that is
    (never the value itself). `container_port` is what the task definition says it listens on, 0 for none; `memory`
    in MiB, 0 for the task's; `stop_seconds` between SIGTERM and SIGKILL."""

    name: str
    image: str
    entry_point: tuple[str, ...]
    command: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    secrets: tuple[tuple[str, str], ...]
    essential: bool
    container_port: int
    memory: int
    stop_seconds: float
    has_log: bool


@dataclass(frozen=True, slots=True)
class TaskOrder:
    """A task to run, or with `stop` to end. One that is no longer there has ended, and can be forgotten. `memory` is
    the most its containers may use together, in MiB; 0 for no limit."""

    arn: str
    region: str
    memory: int
    stop: bool
    containers: tuple[ContainerOrder, ...]

    @property
    def id(self) -> str:
        return self.arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class ElasticContainerService:
    """Section `ecs`, of all regions."""

    tasks: tuple[TaskOrder, ...] = ()


@dataclass(frozen=True, slots=True)
class DatabaseOrder:
    """A PostgreSQL database to run at `local_port`. `version` is the one that was asked for; `database` is empty for
    none but `postgres`. The password is in the secret, whose present version is `secret_version`."""

    arn: str
    id: str
    name: str
    region: str
    version: str
    local_port: int
    user: str
    database: str
    secret_arn: str
    secret_version: str


@dataclass(frozen=True, slots=True)
class RelationalDatabaseService:
    """Section `rds`, of all regions."""

    databases: tuple[DatabaseOrder, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the data plane acts on. `instance_id` is the local cloud's, `revision` grows with each change."""

    instance_id: str
    revision: int
    elbv2: ElasticLoadBalancing = field(default_factory=ElasticLoadBalancing)
    ecs: ElasticContainerService = field(default_factory=ElasticContainerService)
    rds: RelationalDatabaseService = field(default_factory=RelationalDatabaseService)

    @property
    def asks_for_work(self) -> bool:
        """False while there is nothing to serve or run: the data plane is not even started then."""
        listeners = any(balancer.listeners for balancer in self.elbv2.load_balancers)
        return bool(self.ecs.tasks) or bool(self.rds.databases) or listeners
