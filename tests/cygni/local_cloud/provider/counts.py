"""What is in a cloud, counted by calls of its API, without what AWS makes itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

from cygni.local_cloud.provider.cloud import Cloud


class Inventory(Protocol):
    def __call__(self, *kinds: str) -> dict[str, int]:
        """How many there are of these kinds, or of all; a kind of which there is none is left out."""


def counted(cloud: Cloud, *kinds: str) -> dict[str, int]:
    found = {kind: COUNTS[kind](cloud) for kind in kinds or COUNTS}
    return {kind: number for kind, number in found.items() if number}


def _listed(
    service: str,
    call: str,
    answer: str,
    kept: Callable[[Any], bool] = lambda _: True,
    **arguments: Any,
) -> Callable[[Cloud], int]:
    """Counts the entries of one answer, which is named by its path in it, that are `kept`."""

    def count(cloud: Cloud) -> int:
        found = getattr(cloud.client(service), call)(**arguments)
        for name in answer.split("."):
            found = found.get(name, [])
        return sum(kept(one) for one in found)

    return count


def _clusters(cloud: Cloud) -> Sequence[str]:
    ecs = cloud.client("ecs")
    described = ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
    return [cluster["clusterArn"] for cluster in described if cluster["status"] == "ACTIVE"]


def _services(cloud: Cloud) -> int:
    ecs = cloud.client("ecs")
    return sum(len(ecs.list_services(cluster=cluster)["serviceArns"]) for cluster in _clusters(cloud))


def _keys(cloud: Cloud) -> int:
    """Those that a customer made and that are not about to be deleted."""
    kms = cloud.client("kms")
    described = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return sum(one["KeyManager"] == "CUSTOMER" and one["KeyState"] != "PendingDeletion" for one in described)


def _web_acls(cloud: Cloud) -> int:
    waf = cloud.client("wafv2")
    return sum(len(waf.list_web_acls(Scope=scope)["WebACLs"]) for scope in ("REGIONAL", "CLOUDFRONT"))


COUNTS: dict[str, Callable[[Cloud], int]] = {
    "vpc": _listed("ec2", "describe_vpcs", "Vpcs", lambda one: not one["IsDefault"]),
    "subnet": _listed("ec2", "describe_subnets", "Subnets", lambda one: not one["DefaultForAz"]),
    "igw": _listed("ec2", "describe_internet_gateways", "InternetGateways"),
    "eip": _listed("ec2", "describe_addresses", "Addresses"),
    "nat": _listed("ec2", "describe_nat_gateways", "NatGateways", lambda one: one["State"] != "deleted"),
    "sg": _listed(
        "ec2", "describe_security_groups", "SecurityGroups", lambda one: one["GroupName"] != "default"
    ),
    "rtb": _listed(
        "ec2",
        "describe_route_tables",
        "RouteTables",
        lambda one: not any(association.get("Main") for association in one["Associations"]),
    ),
    "vpce": _listed("ec2", "describe_vpc_endpoints", "VpcEndpoints", lambda one: one["State"] != "deleted"),
    "lb": _listed("elbv2", "describe_load_balancers", "LoadBalancers"),
    "tg": _listed("elbv2", "describe_target_groups", "TargetGroups"),
    "cluster": lambda cloud: len(_clusters(cloud)),
    "service": _services,
    "taskdef": _listed("ecs", "list_task_definitions", "taskDefinitionArns", status="ACTIVE"),
    "role": _listed("iam", "list_roles", "Roles"),
    "policy": _listed("iam", "list_policies", "Policies", Scope="Local"),
    "logs": _listed("logs", "describe_log_groups", "logGroups"),
    "ecr": _listed("ecr", "describe_repositories", "repositories"),
    "s3": _listed("s3", "list_buckets", "Buckets"),
    "sqs": _listed("sqs", "list_queues", "QueueUrls"),
    "key": _keys,
    "alias": _listed(
        "kms", "list_aliases", "Aliases", lambda one: not one["AliasName"].startswith("alias/aws/")
    ),
    "secret": _listed("secretsmanager", "list_secrets", "SecretList"),
    "database": _listed("rds", "describe_db_instances", "DBInstances"),
    "cluster of databases": _listed("rds", "describe_db_clusters", "DBClusters"),
    "database subnets": _listed("rds", "describe_db_subnet_groups", "DBSubnetGroups"),
    "parameters": _listed(
        "rds",
        "describe_db_parameter_groups",
        "DBParameterGroups",
        lambda one: not one["DBParameterGroupName"].startswith("default."),
    ),
    "cluster parameters": _listed("rds", "describe_db_cluster_parameter_groups", "DBClusterParameterGroups"),
    "snapshot": _listed("rds", "describe_db_snapshots", "DBSnapshots", SnapshotType="manual"),
    "cache": _listed("elasticache", "describe_replication_groups", "ReplicationGroups"),
    "cache node": _listed("elasticache", "describe_cache_clusters", "CacheClusters"),
    "cache subnets": _listed("elasticache", "describe_cache_subnet_groups", "CacheSubnetGroups"),
    "cache parameters": _listed("elasticache", "describe_cache_parameter_groups", "CacheParameterGroups"),
    "certificate": _listed("acm", "list_certificates", "CertificateSummaryList"),
    "distribution": _listed("cloudfront", "list_distributions", "DistributionList.Items"),
    "origin access": _listed("cloudfront", "list_origin_access_controls", "OriginAccessControlList.Items"),
    "web acl": _web_acls,
    "detector": _listed("guardduty", "list_detectors", "DetectorIds"),
    "trail": _listed("cloudtrail", "describe_trails", "trailList"),
    "zone": _listed("route53", "list_hosted_zones", "HostedZones"),
    "schedule": _listed("scheduler", "list_schedules", "Schedules"),
    "schedule group": _listed(
        "scheduler", "list_schedule_groups", "ScheduleGroups", lambda one: one["Name"] != "default"
    ),
    "scaled": _listed(
        "application-autoscaling", "describe_scalable_targets", "ScalableTargets", ServiceNamespace="ecs"
    ),
    "scaling": _listed(
        "application-autoscaling", "describe_scaling_policies", "ScalingPolicies", ServiceNamespace="ecs"
    ),
    "alarm": _listed("cloudwatch", "describe_alarms", "MetricAlarms"),
    "namespace": _listed("servicediscovery", "list_namespaces", "Namespaces"),
    "discovered": _listed("servicediscovery", "list_services", "Services"),
    "acl": _listed("ec2", "describe_network_acls", "NetworkAcls", lambda one: not one["IsDefault"]),
    "flow log": _listed("ec2", "describe_flow_logs", "FlowLogs"),
    "topic": _listed("sns", "list_topics", "Topics"),
    "subscription": _listed("sns", "list_subscriptions", "Subscriptions"),
    "eks": _listed("eks", "list_clusters", "clusters"),
    "launch template": _listed("ec2", "describe_launch_templates", "LaunchTemplates"),
    "profile": _listed("iam", "list_instance_profiles", "InstanceProfiles"),
    "oidc": _listed("iam", "list_open_id_connect_providers", "OpenIDConnectProviderList"),
    "ssm": _listed("ssm", "describe_parameters", "Parameters"),
}
