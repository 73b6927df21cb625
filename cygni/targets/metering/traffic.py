"""What goes in and out of an environment, as CloudWatch counts it for whole hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from cygni.billing.meters import EGRESS_GB, REQUESTS
from cygni.billing.periods import Period
from cygni.errors import NotFound
from cygni.metering.hours import hour_of
from cygni.metering.runs import Spot
from cygni.naming import cluster_name, task_family
from cygni.pricing.usage_metrics import SUM, Metric, Query
from cygni.targets.cloudwatch_usage import ask
from cygni.targets.fargate.clients import Clients, asking
from cygni.targets.fargate.tasks import batches

_SERVICES_A_CALL: Final = 10
_HOUR_SECONDS: Final = 3600
_BALANCERS: Final = "AWS/ApplicationELB"
_PER: Final = {REQUESTS.key: Decimal(1), EGRESS_GB.key: Decimal(2**30)}


@dataclass(frozen=True, slots=True, order=True)
class Counter:
    """A metric of CloudWatch whose sums count for a meter, of what `subject` names; `dimensions` are its own."""

    meter: str
    subject: str
    namespace: str
    name: str
    dimensions: tuple[tuple[str, str], ...]


def counters(clients: Clients, project: str, environment: str) -> list[Counter]:
    """Those of the load balancers and NAT gateways that there are. Requests are those that a service was chosen for;
    data is what load balancers processed and what NAT gateways sent out. Raises what `asking` raises."""
    groups = _groups(clients, project, environment)
    found = []
    with asking(f"the load balancers of {project} ({environment}) are not known"):
        for arn, service in sorted(groups.items()):
            [group] = clients("elbv2").describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
            for balancer in group["LoadBalancerArns"]:
                of_balancer = ("LoadBalancer", balancer.partition(":loadbalancer/")[2])
                of_group = ("TargetGroup", arn.rpartition(":")[2])
                found.append(
                    Counter(REQUESTS.key, service, _BALANCERS, "RequestCount", (of_balancer, of_group))
                )
                found.append(
                    Counter(EGRESS_GB.key, "load-balancer", _BALANCERS, "ProcessedBytes", (of_balancer,))
                )
    with asking(f"the NAT gateways of {project} ({environment}) are not known"):
        for gateway in _gateways(clients, project, environment):
            of_gateway = (("NatGatewayId", gateway),)
            found.append(
                Counter(EGRESS_GB.key, "nat-gateway", "AWS/NATGateway", "BytesOutToDestination", of_gateway)
            )
    return sorted(set(found))


def counted(clients: Clients, region: str, wanted: Sequence[Counter], window: Period) -> dict[Spot, Fraction]:
    """What they come to in each hour of `window`, which is of whole hours. Raises AuthError, ResourceFailed."""
    queries = {_query(one, region): one for one in wanted}
    if not queries or window.start >= window.end:
        return {}
    points = ask(tuple(queries), lambda name: clients("cloudwatch", name), window.start, window.end)
    found: defaultdict[Spot, Fraction] = defaultdict(Fraction)
    for query, values in points.items():
        one = queries[query]
        for at, value in values:
            found[Spot(one.meter, one.subject, hour_of(at))] += Fraction(value) / Fraction(_PER[one.meter])
    return dict(found)


def to_json(found: Iterable[Counter]) -> list[dict[str, Any]]:
    return [
        {"meter": one.meter, "subject": one.subject, "namespace": one.namespace, "name": one.name,
         "dimensions": [list(pair) for pair in one.dimensions]}
        for one in found
    ]  # fmt: skip


def from_json(given: Iterable[Mapping[str, Any]]) -> list[Counter]:
    return [
        Counter(**{**one, "dimensions": tuple((name, value) for name, value in one["dimensions"])})
        for one in given
    ]


def _query(one: Counter, region: str) -> Query:
    metric = Metric(
        one.meter, (), one.namespace, (one.name,), dict(one.dimensions), SUM, _PER[one.meter],
        period=_HOUR_SECONDS,
    )  # fmt: skip
    return Query("", metric, one.name, region, one.dimensions)


def _groups(clients: Clients, project: str, environment: str) -> dict[str, str]:
    """Services by the ARNs of their target groups."""
    cluster, prefix = cluster_name(project, environment), task_family(project, environment, "")
    try:
        with asking(f"the services of {project} ({environment}) are not known"):
            ecs = clients("ecs")
            pages = ecs.get_paginator("list_services").paginate(cluster=cluster)
            arns = [arn for page in pages for arn in page["serviceArns"]]
            services = [
                one
                for batch in batches(arns, _SERVICES_A_CALL)
                for one in ecs.describe_services(cluster=cluster, services=batch)["services"]
            ]
    except NotFound:
        return {}
    return {
        one["targetGroupArn"]: _family(service).removeprefix(prefix)
        for service in services
        for one in service.get("loadBalancers", ())
        if one.get("targetGroupArn")
    }


def _family(service: Mapping[str, Any]) -> str:
    return str(service["taskDefinition"]).rpartition("/")[2].partition(":")[0]


def _gateways(clients: Clients, project: str, environment: str) -> Iterator[str]:
    filters = [
        {"Name": "tag:cygni:project", "Values": [project]},
        {"Name": "tag:cygni:environment", "Values": [environment]},
    ]
    pages = clients("ec2").get_paginator("describe_nat_gateways").paginate(Filters=filters)
    for page in pages:
        yield from (one["NatGatewayId"] for one in page["NatGateways"])
