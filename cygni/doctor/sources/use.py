"""How much of each quota an account uses now, and what its limit is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from cygni.doctor.checks.project import PLAN
from cygni.doctor.checks.quotas import WHERE, Quota, Room, Where, added, asked_in, quotas, room
from cygni.doctor.facts import Facts, NotKnown, Source
from cygni.doctor.sources.cloud import CLOUD, Clients, asking


def sources() -> tuple[Source[Any], ...]:
    """Gather the room of each quota that the plan takes something of, from `CLOUD` and the plan."""
    rooms = [Source(room(quota), partial(_room, quota), (PLAN, CLOUD), limit=15.0) for quota in quotas()]
    where = Source(WHERE, lambda facts: Where(facts[CLOUD].region, not facts[CLOUD].local), (CLOUD,))
    return (where, *rooms)


def _room(quota: Quota, facts: Facts) -> Room:
    if not added(quota, facts[PLAN]):
        raise NotKnown("the plan adds none")
    cloud = facts[CLOUD]
    with asking(f"the quota of {quota.title}"):
        used = READINGS[quota.use](cloud.clients)
        client = cloud.clients("service-quotas", asked_in(quota, cloud.region))
        return Room(_limit(client, quota), used, _pending(client, quota))


def _limit(client: Any, quota: Quota) -> float:
    """The account's own value, which there is only once it was changed or AWS applies one; else AWS's default."""
    own = {"ServiceCode": quota.aws.service, "QuotaCode": quota.code}
    for ask in (client.get_service_quota, client.get_aws_default_service_quota):
        try:
            return float(ask(**own)["Quota"]["Value"])
        except client.exceptions.NoSuchResourceException:
            continue
    return quota.aws.value


def _pending(client: Any, quota: Quota) -> float | None:
    """The greatest value that was asked for and is not decided on yet."""
    found = client.list_requested_service_quota_change_history_by_quota(
        ServiceCode=quota.aws.service, QuotaCode=quota.code
    )["RequestedQuotas"]
    open_ones = [float(one["DesiredValue"]) for one in found if one["Status"] in ("PENDING", "CASE_OPENED")]
    return max(open_ones, default=None)


def _items(client: Any, operation: str, key: str, **given: Any) -> Iterator[Any]:
    if not client.can_paginate(operation):
        yield from getattr(client, operation)(**given)[key]
        return
    for page in client.get_paginator(operation).paginate(**given):
        yield from page[key]


def _counted(service: str, operation: str, key: str, clients: Clients) -> float:
    return sum(1 for _ in _items(clients(service), operation, key))


def _load_balancers(clients: Clients) -> float:
    found = _items(clients("elbv2"), "describe_load_balancers", "LoadBalancers")
    return sum(1 for one in found if one["Type"] == "application")


def _elastic_ips(clients: Clients) -> float:
    return len(clients("ec2").describe_addresses()["Addresses"])


def _fargate_vcpus(clients: Clients) -> float:
    """The vCPUs of all Fargate tasks that run or begin to: 1024 units of CPU are one."""
    ecs = clients("ecs")
    total = 0.0
    for cluster in _items(ecs, "list_clusters", "clusterArns"):
        pages = ecs.get_paginator("list_tasks").paginate(cluster=cluster, launchType="FARGATE")
        for arns in (page["taskArns"] for page in pages if page["taskArns"]):
            tasks = ecs.describe_tasks(cluster=cluster, tasks=arns)[
                "tasks"
            ]  # a page has 100, as many as are taken
            total += sum(float(task.get("cpu") or 0) / 1024 for task in tasks)
    return total


def _roles(clients: Clients) -> float:
    return float(clients("iam").get_account_summary()["SummaryMap"]["Roles"])


def _buckets(clients: Clients) -> float:
    return len(clients("s3").list_buckets()["Buckets"])


def _distributions(clients: Clients) -> float:
    pages = clients("cloudfront").get_paginator("list_distributions").paginate()
    return sum(len(page["DistributionList"].get("Items", ())) for page in pages)


READINGS: Final[Mapping[str, Callable[[Clients], float]]] = {
    "vpcs": partial(_counted, "ec2", "describe_vpcs", "Vpcs"),
    "internet_gateways": partial(_counted, "ec2", "describe_internet_gateways", "InternetGateways"),
    "security_groups": partial(_counted, "ec2", "describe_security_groups", "SecurityGroups"),
    "elastic_ips": _elastic_ips,
    "load_balancers": _load_balancers,
    "target_groups": partial(_counted, "elbv2", "describe_target_groups", "TargetGroups"),
    "fargate_vcpus": _fargate_vcpus,
    "ecs_clusters": partial(_counted, "ecs", "list_clusters", "clusterArns"),
    "databases": partial(_counted, "rds", "describe_db_instances", "DBInstances"),
    "database_clusters": partial(_counted, "rds", "describe_db_clusters", "DBClusters"),
    "cache_nodes": partial(_counted, "elasticache", "describe_cache_clusters", "CacheClusters"),
    "buckets": _buckets,
    "kubernetes_clusters": partial(_counted, "eks", "list_clusters", "clusters"),
    "repositories": partial(_counted, "ecr", "describe_repositories", "repositories"),
    "secrets": partial(_counted, "secretsmanager", "list_secrets", "SecretList"),
    "roles": _roles,
    "distributions": _distributions,
    "zones": partial(_counted, "route53", "list_hosted_zones", "HostedZones"),
}
"""By the `use` of a row of quotas.json."""
