"""Which of moto's containers hold which kind of resource, and what in them is no resource of the user's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_IDS = ("id", "arn", "resource_arn", "name")
_NAMES = ("name", "id")


def _never(resource: Any) -> bool:
    return False


def _in_state(*states: str) -> Callable[[Any], bool]:
    """True when a resource is in a state that AWS shows for a while after the end."""

    def ended(resource: Any) -> bool:
        for attribute in ("state", "status", "_state", "key_state"):
            value = getattr(resource, attribute, None)
            value = getattr(value, "name", value)
            if isinstance(value, str) and value.lower() in states:
                return True
        return False

    return ended


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of resource. `ids` and `names` are the attributes of moto's object to read them from, first found
    first; `is_not_counted` is true of what AWS makes by itself, or keeps for a while after the end."""

    name: str
    ids: tuple[str, ...] = _IDS
    names: tuple[str, ...] = _NAMES
    is_not_counted: Callable[[Any], bool] = _never

    @classmethod
    def unknown(cls, attribute: str) -> Kind:
        """For what no table names: called as moto calls it."""
        return cls(attribute.strip("_").removesuffix("s").replace("_", "-"))


def _is_group_of_aws(group: Any) -> bool:
    """The default group of a VPC, and that of an EKS cluster, which goes with it."""
    return bool(group.name == "default" or group.name.startswith("eks-cluster-sg-"))


def _is_main(table: Any) -> bool:
    return table.main_association_id is not None


def _is_default_acl(acl: Any) -> bool:
    return bool(acl.default)


def _always(resource: Any) -> bool:
    return True


def _is_automated(snapshot: Any) -> bool:
    """RDS makes these with an instance and removes them with it."""
    return getattr(snapshot, "snapshot_type", "") == "automated"


def _is_of_a_service(interface: Any) -> bool:
    """ECS makes these with a task and removes them with it."""
    return bool(getattr(interface, "requester_managed", False))


def _is_of_aws(parameter: Any) -> bool:
    return str(getattr(parameter, "name", "")).startswith("/aws/")


def _is_default_of_rds(resource: Any) -> bool:
    name = str(getattr(resource, "name", "") or "")
    return name == "default" or name.startswith(("default.", "default:"))


def _is_being_deleted(secret: Any) -> bool:
    return getattr(secret, "deleted_date", None) is not None


def _is_key_of_aws_or_ended(key: Any) -> bool:
    return getattr(key, "key_manager", "") == "AWS" or _ended(key)


_stopped = _in_state("stopped")
_ended = _in_state("deleted", "deleting", "inactive", "terminated", "cancelled", "pendingdeletion")

# (moto's service, attribute of its backend) -> kind.
KINDS: dict[tuple[str, str], Kind] = {
    ("ec2", "vpcs"): Kind("vpc"),
    ("ec2", "subnets"): Kind("subnet"),
    ("ec2", "groups"): Kind("security-group", is_not_counted=_is_group_of_aws),
    ("ec2", "route_tables"): Kind("route-table", is_not_counted=_is_main),
    ("ec2", "network_acls"): Kind("network-acl", is_not_counted=_is_default_acl),
    ("ec2", "internet_gateways"): Kind("internet-gateway"),
    ("ec2", "nat_gateways"): Kind("nat-gateway", is_not_counted=_ended),
    ("ec2", "addresses"): Kind("elastic-ip", ids=("allocation_id",), names=("public_ip",)),
    ("ec2", "vpc_end_points"): Kind("vpc-endpoint", is_not_counted=_ended),
    ("ec2", "flow_logs"): Kind("flow-log"),
    ("ec2", "enis"): Kind("network-interface", is_not_counted=_is_of_a_service),
    ("ec2", "reservations"): Kind("reservation", is_not_counted=_always),
    ("ec2", "instances"): Kind("instance", is_not_counted=_ended),
    ("ec2", "volumes"): Kind("volume"),
    ("ec2", "launch_templates"): Kind("launch-template"),
    ("ec2", "vpc_pcxs"): Kind("vpc-peering-connection", is_not_counted=_ended),
    ("elbv2", "load_balancers"): Kind("load-balancer", ids=("arn",)),
    ("elbv2", "listeners"): Kind("listener", ids=("arn",), names=("arn",)),
    ("elbv2", "target_groups"): Kind("target-group", ids=("arn",)),
    ("ecs", "clusters"): Kind("cluster", ids=("arn",), is_not_counted=_ended),
    ("ecs", "services"): Kind("service", ids=("arn",), is_not_counted=_ended),
    ("ecs", "task_definitions"): Kind(
        "task-definition", ids=("arn",), names=("family",), is_not_counted=_ended
    ),
    ("ecs", "tasks"): Kind("task", ids=("task_arn",), names=("task_arn",), is_not_counted=_stopped),
    ("eks", "clusters"): Kind("cluster", ids=("arn",)),
    ("eks", "nodegroups"): Kind("node-group", ids=("arn",), names=("nodegroup_name",)),
    ("eks", "fargate_profiles"): Kind(
        "fargate-profile", ids=("fargate_profile_arn",), names=("fargate_profile_name",)
    ),
    ("eks", "addons"): Kind("addon", ids=("arn",)),
    ("eks", "access_entries"): Kind("access-entry", ids=("arn",), names=("principal",)),
    ("ecr", "repositories"): Kind("repository", ids=("arn",)),
    ("iam", "roles"): Kind("role", ids=("arn",)),
    ("iam", "managed_policies"): Kind("policy", ids=("arn",)),
    ("iam", "instance_profiles"): Kind("instance-profile", ids=("arn",)),
    ("iam", "open_id_providers"): Kind("oidc-provider", ids=("arn",), names=("url",)),
    ("s3", "buckets"): Kind("bucket", ids=("name",)),
    ("logs", "groups"): Kind("log-group", ids=("arn",)),
    ("cloudwatch", "alarms"): Kind("alarm", ids=("alarm_arn", "arn")),
    ("cloudwatch", "dashboards"): Kind("dashboard"),
    ("kms", "keys"): Kind("key", names=("description", "id"), is_not_counted=_is_key_of_aws_or_ended),
    ("secretsmanager", "secrets"): Kind("secret", ids=("arn",), is_not_counted=_is_being_deleted),
    ("rds", "databases"): Kind(
        "db-instance", ids=("arn", "db_instance_arn"), names=("db_instance_identifier",)
    ),
    ("rds", "clusters"): Kind("db-cluster", ids=("arn", "db_cluster_arn"), names=("db_cluster_identifier",)),
    ("rds", "subnet_groups"): Kind("db-subnet-group", ids=("arn",), is_not_counted=_is_default_of_rds),
    ("rds", "db_parameter_groups"): Kind(
        "db-parameter-group", ids=("arn",), is_not_counted=_is_default_of_rds
    ),
    ("rds", "option_groups"): Kind("option-group", ids=("arn",), is_not_counted=_is_default_of_rds),
    ("rds", "database_snapshots"): Kind("db-snapshot", ids=("arn",), is_not_counted=_is_automated),
    ("rds", "db_cluster_parameter_groups"): Kind(
        "db-cluster-parameter-group", ids=("arn",), is_not_counted=_is_default_of_rds
    ),
    ("rds", "cluster_snapshots"): Kind("db-cluster-snapshot", ids=("arn",), is_not_counted=_is_automated),
    ("elasticache", "cache_clusters"): Kind("cache-cluster", ids=("arn",), names=("cache_cluster_id",)),
    ("elasticache", "replication_groups"): Kind(
        "replication-group", ids=("arn",), names=("replication_group_id",)
    ),
    ("elasticache", "cache_subnet_groups"): Kind("cache-subnet-group", ids=("arn",)),
    ("elasticache", "cache_parameter_groups"): Kind(
        "cache-parameter-group", ids=("arn",), names=("cache_parameter_group_name",)
    ),
    ("route53", "zones"): Kind("hosted-zone"),
    ("acm", "_certificates"): Kind("certificate", ids=("arn",), names=("common_name",)),
    ("cloudfront", "distributions"): Kind("distribution", ids=("arn",), names=("domain_name",)),
    ("cloudfront", "origin_access_controls"): Kind("origin-access-control"),
    ("wafv2", "wacls"): Kind("web-acl", ids=("arn",)),
    ("guardduty", "detectors"): Kind("detector"),
    ("cloudtrail", "trails"): Kind("trail", ids=("arn",), names=("trail_name",)),
    ("sqs", "queues"): Kind("queue", ids=("queue_arn",)),
    ("sns", "topics"): Kind("topic", ids=("arn",)),
    ("sns", "subscriptions"): Kind("subscription", ids=("arn",), names=("endpoint",)),
    ("events", "rules"): Kind("rule", ids=("arn",)),
    ("scheduler", "schedule_groups"): Kind("schedule-group", ids=("arn",)),
    ("scheduler", "schedules"): Kind("schedule", ids=("arn",)),
    ("ssm", "_parameters"): Kind("parameter", ids=("name",), is_not_counted=_is_of_aws),
    ("application-autoscaling", "targets"): Kind("scalable-target", ids=("arn",), names=("resource_id",)),
    ("application-autoscaling", "policies"): Kind(
        "scaling-policy", ids=("policy_arn",), names=("policy_name",)
    ),
    ("dynamodb", "tables"): Kind("table", ids=("table_arn",)),
    ("budgets", "budgets"): Kind("budget", ids=("budget_name",), names=("budget_name",)),
    ("backup", "vaults"): Kind("backup-vault", ids=("backup_vault_arn",), names=("backup_vault_name",)),
    ("servicediscovery", "namespaces"): Kind("namespace", ids=("arn",)),
    ("servicediscovery", "services"): Kind("service", ids=("arn",)),
}

# Attributes that hold no resources: other backends, indexes of what is listed elsewhere, AWS's own catalogues, and
# what a service only remembers. "*" is for every service.
IGNORED: dict[str, frozenset[str]] = {
    "*": frozenset({"tagger", "tagging_service", "tags", "resource_map", "events"}),
    "ec2": frozenset({"amis", "snapshots", "default_vpc", "managed_prefix_lists", "attachments"}),
    "iam": frozenset({"aws_managed_policies", "account_summary"}),
    "cloudwatch": frozenset({"metric_data", "paged_metric_data"}),
    "acm": frozenset({"_account_config"}),
    "sts": frozenset({"assumed_roles"}),
    "sns": frozenset({"sms_messages", "sms_message_objects"}),
    "cloudfront": frozenset({"invalidations"}),
    "ssm": frozenset({"_commands"}),
    "route53": frozenset({"delegation_sets"}),  # moto makes one with each zone and keeps it
    "servicediscovery": frozenset({"operations"}),
}

# Resources that moto keeps inside another, by the attributes of that other.
INSIDE: dict[tuple[str, str], tuple[str, ...]] = {
    ("ec2", "reservations"): ("instances",),
    ("elbv2", "load_balancers"): ("listeners",),
    ("eks", "clusters"): ("nodegroups", "fargate_profiles", "addons", "access_entries"),
    ("events", "event_buses"): ("rules",),
    ("scheduler", "schedule_groups"): ("schedules",),
}


@dataclass(frozen=True, slots=True)
class Switch:
    """A service that is on or off for an account: on is what exists of it."""

    attribute: str
    kind: Kind


ENABLED: dict[str, Switch] = {"securityhub": Switch("enabled", Kind("account", ids=(), names=()))}
