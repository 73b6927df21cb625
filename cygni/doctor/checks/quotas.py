"""Checks of quotas: what the plan adds to what there is, against what the account may have. One check for each row of
tables/quotas.json."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import resources
from typing import Any, Final

from cygni.aws_quotas import QUOTAS, AwsQuota
from cygni.doctor.check import Check, Finding, Group, failed, passed, warned
from cygni.doctor.checks.project import PLAN, Planned
from cygni.doctor.facts import Fact, Facts
from cygni.resources import UNKNOWN, Resource

CLOSE: Final = 0.8
"""The share of a quota from which it is said that it is nearly used up."""


@dataclass(frozen=True, slots=True)
class Quota:
    """A row of the table. `code` is that of the Service Quotas API (cygni/aws_quotas.py), `types` are the type tokens
    that count, `of` restricts them by inputs, the first of whose values is the default; `counting` is how a resource
    counts, one of `COUNTINGS`; `use` is the name of a reading of cygni.doctor.sources.use."""

    id: str
    title: str
    code: str
    types: tuple[str, ...]
    use: str
    counting: str = "one"
    of: Mapping[str, Any] | None = None
    unit: str = ""

    @property
    def aws(self) -> AwsQuota:
        return QUOTAS[self.code]


@dataclass(frozen=True, slots=True)
class Room:
    """A quota of the account in this region: its limit, and how much of it is used now. `pending` is the value that
    was asked for and is not granted yet."""

    limit: float
    used: float
    pending: float | None = None


@dataclass(frozen=True, slots=True)
class Where:
    """The region that quotas are asked in; `enforced` is false for the local cloud, which has none."""

    region: str
    enforced: bool


WHERE: Final = Fact[Where]("where", "the region")


def quotas() -> tuple[Quota, ...]:
    """The table."""
    text = (resources.files("cygni.doctor") / "tables" / "quotas.json").read_text(encoding="utf-8")
    return tuple(Quota(**{**row, "types": tuple(row["types"])}) for row in json.loads(text))


def room(quota: Quota) -> Fact[Room]:
    """The fact of how much room a quota leaves."""
    return Fact(f"quota-{quota.id}", f"the quota of {quota.title}")


def added(quota: Quota, plan: Planned) -> float:
    """How much of a quota the resources take that the plan makes (pure)."""
    counted = (one for one in plan.made if one.type in quota.types and _is_of(quota, one))
    return sum(COUNTINGS[quota.counting](one, plan.resources) for one in counted)


def _is_of(quota: Quota, resource: Resource) -> bool:
    wanted = quota.of or {}
    return all(_given(resource.inputs.get(name), default[0]) in default for name, default in wanted.items())


def _given(value: Any, default: Any) -> Any:
    return default if value is None else value


def _one(resource: Resource, all_resources: Iterable[Resource]) -> float:
    return 1


def _nodes(resource: Resource, all_resources: Iterable[Resource]) -> float:
    """The nodes of a replication group, whose shards have a primary and replicas each."""
    nodes = resource.inputs.get("numCacheClusters")
    if isinstance(nodes, int | float):
        return nodes
    groups, replicas = resource.inputs.get("numNodeGroups"), resource.inputs.get("replicasPerNodeGroup")
    return _number(groups, 1) * (1 + _number(replicas, 0))


def _vcpus(resource: Resource, all_resources: Iterable[Resource]) -> float:
    """The vCPUs of a service's tasks: 1024 units of CPU are one. A number of tasks that is not known is one task."""
    named = {one.urn: one for one in all_resources if one.type.endswith(":TaskDefinition")}
    definitions = [named[urn] for urns in resource.references.values() for urn in urns if urn in named]
    units = _number(definitions[0].inputs.get("cpu"), 256) if definitions else 256
    return _number(resource.inputs.get("desiredCount"), 1) * units / 1024


def _number(value: Any, otherwise: float) -> float:
    try:
        return otherwise if value is None or value is UNKNOWN else float(value)
    except (TypeError, ValueError):
        return otherwise


COUNTINGS: Final[Mapping[str, Callable[[Resource, Iterable[Resource]], float]]] = {
    "one": _one,
    "nodes": _nodes,
    "vcpus": _vcpus,
}


def _judge(quota: Quota, facts: Facts) -> Finding:
    found, more, where = facts[room(quota)], added(quota, facts[PLAN]), facts[WHERE]
    wanted = found.used + more
    told = f"{_amount(found.used)} used, the plan adds {_amount(more)}, the quota is {_amount(found.limit)}{quota.unit}"
    if not more or wanted <= found.limit * CLOSE:
        return passed(told)
    desired = max(found.limit * 2, math.ceil(wanted / CLOSE))
    fix = (
        f"aws service-quotas request-service-quota-increase --service-code {quota.aws.service} "
        f"--quota-code {quota.code} --desired-value {_amount(desired)} --region {asked_in(quota, where.region)}"
    )
    if found.pending is not None and found.pending >= wanted:
        told += f"; {_amount(found.pending)} was asked for already"
        fix = f"aws service-quotas list-requested-service-quota-change-history --service-code {quota.aws.service}"
        fix += f" --region {asked_in(quota, where.region)}"
    if wanted <= found.limit:
        return warned(told, fix)
    if not where.enforced:
        return warned(f"{told}; AWS would refuse it, the local cloud does not", fix)
    return failed(told, fix)


def asked_in(quota: Quota, region: str) -> str:
    """The region whose Service Quotas knows a quota."""
    return "us-east-1" if quota.aws.everywhere else region


def _amount(value: float) -> str:
    return f"{value:g}" if value < 1e6 else f"{value:.0f}"


def _check(quota: Quota) -> Check:
    return Check(
        f"quota-{quota.id}",
        Group.QUOTAS,
        f"Room for {quota.title}",
        partial(_judge, quota),
        "ask for more with the command it prints; AWS answers in minutes to days",
        needs=(room(quota), PLAN, WHERE),
    )


CHECKS: Final = tuple(_check(quota) for quota in quotas())
