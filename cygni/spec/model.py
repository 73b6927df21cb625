"""The model of cygni.yaml, resolved for one environment. The descriptions here are the reference manual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from pydantic import Field

from cygni.aws_limits import LOG_RETENTION_DAYS, REGIONS
from cygni.spec.buckets import Bucket
from cygni.spec.caches import Cache
from cygni.spec.cost import Cost
from cygni.spec.databases import Database, replica_findings, wrong_defaults
from cygni.spec.domain import Domain
from cygni.spec.fields import EnvironmentName, Name, ProjectName
from cygni.spec.kubernetes import Kubernetes, network_findings
from cygni.spec.network import Network, own_log_findings
from cygni.spec.policies import Policies
from cygni.spec.queues import Queue
from cygni.spec.release_rules import release_findings
from cygni.spec.section import Choice, Finding, Path, Section
from cygni.spec.security import Security
from cygni.spec.services import Service, WebService
from cygni.spec.store_fields import reader_findings
from cygni.spec.topics import Topic, subscription_findings
from cygni.spec.usage import UsageAssumptions
from cygni.wording import one_of, quoted


class Sections(Section):
    """What the top level of cygni.yaml holds besides `environments`."""

    project: ProjectName = Field(
        description="Name of the project; part of the name of everything it has in AWS.", examples=["hello"]
    )
    region: Annotated[str, Choice(REGIONS, f"AWS has {', '.join(REGIONS)}")] = Field(
        description="AWS region everything runs in.", examples=["us-east-1"]
    )
    network: Network = Field(default_factory=Network, description="The VPC: zones, addresses, NAT.")
    services: Annotated[Mapping[Name, Service], Field(max_length=50)] = Field(
        default_factory=dict, description="What runs, by name."
    )
    discovery: bool | None = Field(
        default=None,
        description=(
            "Whether services find each other by name: a web service at "
            "`http://NAME.ENVIRONMENT.PROJECT.internal:PORT`, which `SERVICE_NAME_URL` holds in every service. It is a "
            "private hosted zone: $0.50 a month, and $0.40 a million queries. Not written, it is so where there are "
            "two services or more and one of them is `web`."
        ),
        examples=[False],
    )
    domain: Domain | None = Field(
        default=None,
        description=(
            "The name the web services are reached by, with HTTPS. Without it they answer plain HTTP at the name that "
            "AWS gives the load balancer."
        ),
    )
    buckets: Annotated[Mapping[Name, Bucket], Field(max_length=100)] = Field(
        default_factory=dict, description="S3 buckets, by name: encrypted, closed to the public."
    )
    databases: Annotated[Mapping[Name, Database], Field(max_length=20)] = Field(
        default_factory=dict,
        description="PostgreSQL databases, by name: encrypted, backed up, reached from the services alone.",
    )
    caches: Annotated[Mapping[Name, Cache], Field(max_length=20)] = Field(
        default_factory=dict,
        description="Valkey and Redis caches, by name: encrypted, reached from the services alone.",
    )
    queues: Annotated[Mapping[Name, Queue], Field(max_length=50)] = Field(
        default_factory=dict,
        description=(
            "SQS queues, by name. Every service may send to, receive from and delete from them; "
            "`QUEUE_NAME_URL` holds a queue's URL."
        ),
    )
    topics: Annotated[Mapping[Name, Topic], Field(max_length=50)] = Field(
        default_factory=dict,
        description=(
            "SNS topics, by name. Every service may publish to them; `TOPIC_NAME_ARN` holds a topic's ARN."
        ),
    )
    kubernetes: Kubernetes | None = Field(
        default=None,
        description=(
            "A Kubernetes cluster (EKS): a control plane over all zones and nodes in private subnets, which need "
            "`network.nat`. The control plane costs 0.10 USD an hour, 73 USD a month in us-east-1; nodes cost what "
            "their instances and disks do."
        ),
    )
    log_retention: Annotated[
        int, Choice(LOG_RETENTION_DAYS, f"CloudWatch allows {one_of(LOG_RETENTION_DAYS)}")
    ] = Field(default=7, description="Days CloudWatch keeps the logs of the services.", examples=[7, 30])
    security: Security = Field(
        default_factory=Security,
        description=(
            "What guards the environment and its account. Nothing that is for a whole account is on unless written."
        ),
    )
    policies: Policies = Field(
        default_factory=Policies,
        description="What every deploy must keep to: how strict each policy is, and what they measure against.",
    )
    cost: Cost = Field(
        default_factory=Cost,
        description="What deploys may cost: limits of an increase, and budgets. Nothing is limited unless written.",
    )
    usage: UsageAssumptions = Field(
        default_factory=UsageAssumptions,
        description=(
            "What estimates assume of use, where AWS bills by use. It changes what `cx` shows, and nothing in AWS."
        ),
    )

    @classmethod
    def known_keys(cls) -> tuple[str, ...]:
        return (*Sections.model_fields, "environments")

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        services = data.get("services")
        if isinstance(services, Mapping):
            yield from _own_paths(services)
            yield from own_log_findings(services, data.get("network"))
            yield from release_findings(services)
        databases = data.get("databases")
        if isinstance(databases, Mapping):
            yield from wrong_defaults(databases)
            yield from replica_findings(databases)
        for section in ("databases", "caches"):
            yield from reader_findings(section, data.get(section))
        yield from subscription_findings(data.get("topics"), data.get("queues"))
        yield from network_findings(data.get("kubernetes"), data.get("network"))


class ProjectSpec(Sections):
    """cygni.yaml, resolved for one environment: its overrides are merged in, its defaults filled."""

    environment: EnvironmentName = Field(
        description="The environment this is resolved for.", examples=["production"]
    )


def _own_paths(services: Mapping[Any, Any]) -> Iterable[Finding]:
    first: dict[str, str] = {}
    for name, service in services.items():
        path = _path_of(service)
        if path is None:
            continue
        if path in first:
            message = f"{quoted(path)} is already the path of {quoted(first[path])}"
            related: tuple[Path, ...] = (("services", name), ("services", first[path], "path"))
            hint = "give each web service its own path, for example `path: /api`"
            yield Finding(("services", name, "path"), message, hint, related)
        first.setdefault(path, name)


def _path_of(service: Any) -> str | None:
    if isinstance(service, WebService):
        return service.path
    if isinstance(service, Mapping) and service.get("kind", "web") == "web":
        path = service.get("path", "/")
        return path if isinstance(path, str) else None
    return None
