"""What a plain comparison gets wrong of databases, caches, keys and secrets; joined into the tables of rules.py."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cygni.local_cloud.provider.compare import is_empty
from cygni.local_cloud.provider.wire import UNKNOWN

State = Mapping[str, Any]
Rule = Callable[[str, Any, Any, State, State], bool]

_INSTANCE = "aws:rds/instance:Instance"
_CLUSTER = "aws:rds/cluster:Cluster"
_CLUSTER_INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
_REPLICATION_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup"
_ALIAS = "aws:kms/alias:Alias"
_KEY = "aws:kms/key:Key"
_ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
_SECRET = "aws:secretsmanager/secret:Secret"

_IN_PLACE_ENCRYPTION = (7, 0, 5)  # from this version on Redis takes TLS without a new group


def version(text: Any) -> tuple[int, ...]:
    """The numbers of a version: (7, 0, 5) of 7.0.5, (6,) of 6.x."""
    return tuple(int(part) for part in re.findall(r"\d+", str(text or "")))


def _downgrade(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    before = version(olds.get("engineVersionActual") or old)
    after = version(new)
    return bool(after) and after < before[: len(after)]


def _back_to_redis(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return bool(old == "valkey" and new == "redis")


def _before_in_place_encryption(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return version(olds.get("engineVersionActual") or olds.get("engineVersion")) < _IN_PLACE_ENCRYPTION


def _not_aurora(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return not str(news.get("engine", "")).startswith("aurora")


REPLACES: Mapping[tuple[str, str], Rule] = {
    (_REPLICATION_GROUP, "engineVersion"): _downgrade,
    (_REPLICATION_GROUP, "engine"): _back_to_redis,
    (_REPLICATION_GROUP, "transitEncryptionEnabled"): _before_in_place_encryption,
    (_CLUSTER, "storageType"): _not_aurora,
}


def _same_end(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    """An identifier and the ARN that ends with it name the same thing."""
    if not isinstance(old, str) or not isinstance(new, str):
        return False
    return re.split(r"[:/]", old)[-1] == re.split(r"[:/]", new)[-1]


def _same_lower(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return isinstance(old, str) and isinstance(new, str) and old.lower() == new.lower()


def _removed(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return new is None


def _grown_by_itself(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    """RDS raises the storage by itself up to maxAllocatedStorage, and storage never shrinks."""
    most = news.get("maxAllocatedStorage")
    numbers = all(isinstance(value, int | float) for value in (old, new, most))
    return bool(numbers and new < old and most > new)


def _prefix_of_actual(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    """RDS picks the newest minor version of the one given, and AWS may raise it."""
    wanted, actual = version(new), version(olds.get("engineVersionActual"))
    return bool(wanted) and actual[: len(wanted)] == wanted


def _aurora_standard(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return {old or "", new or ""} <= {"", "aurora"}


def _default_port(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return is_empty(new) or (is_empty(old) and new == 6379)


SUPPRESSED: Mapping[tuple[str, str], Rule] = {
    (_ALIAS, "targetKeyId"): _same_end,
    (_INSTANCE, "replicateSourceDb"): _same_end,
    (_INSTANCE, "engine"): _same_lower,
    (_INSTANCE, "maintenanceWindow"): _same_lower,
    (_INSTANCE, "allocatedStorage"): _grown_by_itself,
    (_INSTANCE, "engineVersion"): _prefix_of_actual,
    (_CLUSTER, "engineVersion"): _prefix_of_actual,
    (_CLUSTER, "preferredMaintenanceWindow"): _same_lower,
    (_CLUSTER, "serverlessv2ScalingConfiguration"): _removed,
    (_CLUSTER, "snapshotIdentifier"): _removed,
    (_CLUSTER, "storageType"): _aurora_standard,
    (_CLUSTER_INSTANCE, "engineVersion"): _prefix_of_actual,
    (_CLUSTER_INSTANCE, "preferredMaintenanceWindow"): _same_lower,
    (_REPLICATION_GROUP, "engineVersion"): _prefix_of_actual,
    (_REPLICATION_GROUP, "maintenanceWindow"): _same_lower,
    (_REPLICATION_GROUP, "port"): _default_port,
    (_REPLICATION_GROUP, "replicationGroupId"): _same_lower,
}

_SIZE = frozenset({"numCacheClusters", "numNodeGroups", "replicasPerNodeGroup"})
_NAMED_BY = frozenset({"identifier"})
_CREDENTIALS = frozenset({"manageMasterUserPassword", "masterUserSecretKmsKeyId"})

MOVED_BY: Mapping[tuple[str, str], frozenset[str]] = {
    (_REPLICATION_GROUP, "memberClusters"): _SIZE,
    (_REPLICATION_GROUP, "engineVersionActual"): frozenset({"engineVersion", "engine"}),
    **{
        (token, "engineVersionActual"): frozenset({"engineVersion"})
        for token in (_INSTANCE, _CLUSTER, _CLUSTER_INSTANCE)
    },
    **{(_INSTANCE, name): _NAMED_BY for name in ("address", "endpoint", "arn")},
    (_INSTANCE, "masterUserSecrets"): _CREDENTIALS,
    (_CLUSTER, "masterUserSecrets"): _CREDENTIALS,
}

NOT_APPLIED: Mapping[str, tuple[str, ...]] = {
    _KEY: ("customKeyStoreId", "xksKeyId"),
    _SECRET: ("type",),
    _ROTATION: ("externalSecretRotationMetadatas", "externalSecretRotationRoleArn"),
    _INSTANCE: (
        "blueGreenUpdate", "customIamInstanceProfile", "customerOwnedIpEnabled", "restoreToPointInTime", "s3Import",
        "domain", "domainAuthSecretArn", "domainDnsIps", "domainFqdn", "domainIamRoleName", "domainOu",
        "upgradeStorageConfig",
    ),
    _CLUSTER: (
        "dbInstanceParameterGroupName", "domain", "domainIamRoleName", "globalClusterIdentifier", "iamRoles",
        "replicationSourceIdentifier", "restoreToPointInTime", "s3Import", "scalingConfiguration", "snapshotIdentifier",
        "sourceRegion",
    ),
    _CLUSTER_INSTANCE: ("customIamInstanceProfile",),
    _REPLICATION_GROUP: (
        "durability", "globalReplicationGroupId", "logDeliveryConfigurations", "nodeGroupConfigurations",
        "numNodeGroups", "securityGroupNames", "snapshotArns", "snapshotName", "userGroupIds",
    ),
}  # fmt: skip


def violations(token: str, inputs: State) -> Iterator[tuple[str, str]]:
    """Rules between properties that the facts cannot express: (property path, reason)."""
    if token == _INSTANCE:
        yield from _instance_violations(inputs)
    elif token == _CLUSTER:
        yield from _write_only(inputs, "masterPasswordWo", "masterPasswordWoVersion")
    elif token == _REPLICATION_GROUP:
        yield from _replication_group_violations(inputs)
    elif (
        token == _KEY
        and inputs.get("rotationPeriodInDays") is not None
        and not inputs.get("enableKeyRotation")
    ):
        yield "rotationPeriodInDays", "rotationPeriodInDays needs enableKeyRotation"
    elif token == _SECRET:
        days = inputs.get("recoveryWindowInDays")
        if isinstance(days, int | float) and days != 0 and not 7 <= days <= 30:
            yield "recoveryWindowInDays", "recoveryWindowInDays is 0 or from 7 to 30"
    elif token == "aws:secretsmanager/secretVersion:SecretVersion":
        yield from _write_only(inputs, "secretStringWo", "secretStringWoVersion")
    elif token == _ROTATION and inputs.get("rotationEnabled") is not False:
        rules = inputs.get("rotationRules")
        if rules is None:
            yield "rotationRules", "rotationRules is required unless rotationEnabled is false"
        elif (
            isinstance(rules, Mapping)
            and not rules.get("automaticallyAfterDays")
            and not rules.get("scheduleExpression")
        ):
            yield "rotationRules", "exactly one of automaticallyAfterDays, scheduleExpression is needed"


def _write_only(inputs: State, value: str, number: str) -> Iterator[tuple[str, str]]:
    if inputs.get(value) is not None and inputs.get(number) is None:
        yield value, f"{value} needs {number} as well"


def _instance_violations(inputs: State) -> Iterator[tuple[str, str]]:
    yield from _write_only(inputs, "passwordWo", "passwordWoVersion")
    if inputs.get("replicateSourceDb") is not None:
        source = inputs["replicateSourceDb"]
        if (
            inputs.get("dbSubnetGroupName") is not None
            and source is not UNKNOWN
            and not str(source).startswith("arn:")
        ):
            yield "replicateSourceDb", "replicateSourceDb must be an ARN where dbSubnetGroupName is given"
    elif inputs.get("snapshotIdentifier") is None:
        for name in ("engine", "username"):
            if inputs.get(name) is None:
                yield name, f"{name} is required for a new database"
        given = ("password", "passwordWo", "manageMasterUserPassword")
        if all(inputs.get(name) in (None, False) for name in given):
            yield "password", f"one of {', '.join(given)} is needed"


def _replication_group_violations(inputs: State) -> Iterator[tuple[str, str]]:
    if inputs.get("multiAzEnabled") is True and not inputs.get("automaticFailoverEnabled"):
        yield "multiAzEnabled", "multiAzEnabled needs automaticFailoverEnabled"
    count = inputs.get("numCacheClusters")
    if inputs.get("automaticFailoverEnabled") is True and isinstance(count, int | float) and count < 2:
        yield "automaticFailoverEnabled", "automaticFailoverEnabled needs numCacheClusters of 2 or more"
    if inputs.get("nodeType") is None:
        yield "nodeType", "nodeType is required"
    if inputs.get("authTokenUpdateStrategy") == "DELETE" and inputs.get("authToken") is not None:
        yield "authTokenUpdateStrategy", "DELETE takes the token away: leave authToken out"
