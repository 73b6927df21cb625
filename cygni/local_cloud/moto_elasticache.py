"""Where moto's ElastiCache differs from AWS in a way that the stacks meet; applied by moto_fixes.py.

moto counts one member in each replication group, lists none of them, keeps a deleted group, forgets most of what a
change says, and has no parameter groups at all.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass, field
from typing import Any

_NEWEST = {"redis": "7.1.0", "valkey": "8.1.0"}
_FAMILIES = {
    "redis": {"5": "redis5.0", "6": "redis6.x", "7": "redis7"},
    "valkey": {"7": "valkey7", "8": "valkey8"},
}

# Input of ModifyReplicationGroup -> attribute of moto's group that a description is made from.
_CHANGES = {
    "AutoMinorVersionUpgrade": "auto_minor_version_upgrade",
    "CacheNodeType": "cache_node_type",
    "CacheParameterGroupName": "cache_parameter_group_name",
    "ClusterMode": "cluster_mode",
    "Engine": "engine",
    "EngineVersion": "engine_version",
    "IpDiscovery": "ip_discovery",
    "NotificationTopicArn": "notification_topic_arn",
    "PreferredMaintenanceWindow": "preferred_maintenance_window",
    "ReplicationGroupDescription": "description",
    "SecurityGroupIds": "security_group_ids",
    "SnapshotRetentionLimit": "snapshot_retention_limit",
    "SnapshotWindow": "snapshot_window",
    "TransitEncryptionEnabled": "transit_encryption_enabled",
    "TransitEncryptionMode": "transit_encryption_mode",
}
_SWITCHES = {"AutomaticFailoverEnabled": "automatic_failover", "MultiAZEnabled": "multi_az"}


def fix() -> None:
    from moto.elasticache import models, responses

    _list_members(models)
    _serve_changes(models, responses.ElastiCacheResponse)
    _delete_groups_whole(models, responses.ElastiCacheResponse)
    _serve_subnet_groups(models, responses.ElastiCacheResponse)
    _serve_parameter_groups(models, responses.ElastiCacheResponse)


def _full_version(engine: str, wanted: str | None) -> str:
    """The version that runs where `wanted` names only its beginning."""
    if not wanted:
        return _NEWEST.get(engine, "")
    numbers = re.findall(r"\d+", wanted)
    return ".".join([*numbers, "2", "0"][:3]) if len(numbers) < 3 else ".".join(numbers)


def _default_parameter_group(engine: str, version: str) -> str:
    major = version.partition(".")[0]
    return f"default.{_FAMILIES.get(engine, {}).get(major, engine + major)}"


def _list_members(models: Any) -> None:
    """Make the member clusters of a group, as many as were asked for, each listed as a cache cluster."""
    create = models.ElastiCacheBackend.create_replication_group

    @functools.wraps(create)
    def create_with_members(backend: Any, **given: Any) -> Any:
        count = given.get("num_cache_clusters")
        if count and not given.get("replicas_per_node_group"):
            given = {**given, "replicas_per_node_group": int(count) - 1}
        if (
            given.get("cache_subnet_group_name")
            and given["cache_subnet_group_name"] not in backend.cache_subnet_groups
        ):
            raise models.CacheSubnetGroupNotFound(given["cache_subnet_group_name"])
        group = create(backend, **given)
        engine = group.engine
        group.port = int(group.port)
        for nodes in group.node_groups:
            if "reader_endpoint_address" in nodes:  # moto tells only the primary's
                nodes["primary_endpoint"]["port"] = group.port
                reader = nodes["reader_endpoint_address"]
                nodes["reader_endpoint"] = {"address": reader, "port": group.port}
        group.auto_minor_version_upgrade = str(given.get("auto_minor_version_upgrade")).lower() != "false"
        group.engine_version = _full_version(engine, group.engine_version)
        if not group.cache_parameter_group_name:
            group.cache_parameter_group_name = _default_parameter_group(engine, group.engine_version)
        group.preferred_maintenance_window = group.preferred_maintenance_window or "sun:05:00-sun:06:00"
        if group.snapshot_window == "05:00-6:00":  # moto's own
            group.snapshot_window = "05:00-06:00"
        if group.transit_encryption_enabled and not group.transit_encryption_mode:
            group.transit_encryption_mode = "required"
        _renew_members(models, backend, group)
        return group

    models.ElastiCacheBackend.create_replication_group = create_with_members


def _renew_members(models: Any, backend: Any, group: Any) -> None:
    """Let the members be as the group says, and list those there are."""
    parameter_group = group.cache_parameter_group_name
    attributes = {
        "cache_node_type": group.cache_node_type,
        "engine": group.engine,
        "engine_version": group.engine_version,
        "auto_minor_version_upgrade": group.auto_minor_version_upgrade,
        "preferred_maintenance_window": group.preferred_maintenance_window,
        "snapshot_window": group.snapshot_window,
        "snapshot_retention_limit": group.snapshot_retention_limit,
        "transit_encryption_enabled": group.transit_encryption_enabled,
        "transit_encryption_mode": group.transit_encryption_mode,
        "at_rest_encryption_enabled": group.at_rest_encryption_enabled,
        "cache_subnet_group_name": group.cache_subnet_group_name,
        "cache_parameter_group_name": parameter_group,
        "cache_parameter_group": {"CacheParameterGroupName": parameter_group, "ParameterApplyStatus": "in-sync"},
        "security_groups": [
            {"SecurityGroupId": each, "Status": "active"} for each in group.security_group_ids or []
        ],
        "replication_group_id": group.replication_group_id,
        "num_cache_nodes": 1,
    }  # fmt: skip
    for name in [*backend.cache_clusters]:
        of_group = backend.cache_clusters[name].replication_group_id == group.replication_group_id
        if of_group and name not in group.member_clusters:
            del backend.cache_clusters[name]
    for name in group.member_clusters:
        member = backend.cache_clusters.get(name)
        if member is None:
            member = backend.cache_clusters[name] = _member(models, backend, name, group)
        for attribute, value in attributes.items():
            setattr(member, attribute, value)


def _member(models: Any, backend: Any, name: str, group: Any) -> Any:
    code = models.CacheCluster.__init__.__code__
    given: dict[str, Any] = dict.fromkeys(code.co_varnames[1 : code.co_argcount])
    given |= {
        "account_id": backend.account_id,
        "region_name": backend.region_name,
        "cache_cluster_id": name,
        "engine": "redis",
        "port": group.port,
        "replication_group_id": group.replication_group_id,
    }
    return models.CacheCluster(**given)


def _serve_changes(models: Any, response_class: Any) -> None:
    def modify_replication_group(response: Any) -> Any:
        from moto.core.responses import ActionResult

        backend = response.elasticache_backend
        group = _group(models, backend, response._get_param("ReplicationGroupId"))  # noqa: SLF001
        for name, attribute in _CHANGES.items():
            value = response._get_param(name)  # noqa: SLF001
            if value is not None:
                setattr(group, attribute, value)
        for name, attribute in _SWITCHES.items():
            value = response._get_bool_param(name)  # noqa: SLF001
            if value is not None:
                setattr(group, attribute, "enabled" if value else "disabled")
        group.snapshot_retention_limit = int(group.snapshot_retention_limit or 0)
        group.engine_version = _full_version(group.engine, group.engine_version)
        if response._get_param("AuthToken"):  # noqa: SLF001
            group.auth_token_enabled = response._get_param("AuthTokenUpdateStrategy") != "DELETE"  # noqa: SLF001
        _renew_members(models, backend, group)
        return ActionResult({"ReplicationGroup": group})

    def change_count(response: Any) -> Any:
        from moto.core.responses import ActionResult

        backend = response.elasticache_backend
        group = _group(models, backend, response._get_param("ReplicationGroupId"))  # noqa: SLF001
        wanted = response._get_int_param("NewReplicaCount") + 1  # noqa: SLF001
        if wanted < 2 and group.automatic_failover == "enabled":
            raise models.InvalidParameterCombinationException(
                "A replication group with automatic failover needs at least one replica."
            )
        _resize(group, wanted)
        _renew_members(models, backend, group)
        return ActionResult({"ReplicationGroup": group})

    response_class.modify_replication_group = modify_replication_group
    response_class.increase_replica_count = change_count
    response_class.decrease_replica_count = change_count


def _group(models: Any, backend: Any, name: str) -> Any:
    return backend.describe_replication_groups(name)[0]


def _resize(group: Any, wanted: int) -> None:
    """Let the only node group have `wanted` members, the primary first."""
    names = [f"{group.replication_group_id}-{number:0>3}" for number in range(1, wanted + 1)]
    members = group.node_groups[0]["node_group_members"]
    domain = members[0]["read_endpoint"]["address"].partition(".")[2]
    del members[wanted:]
    for name in names[len(members) :]:
        members.append(
            {
                "cache_cluster_id": name,
                "cache_node_id": "0001",
                "current_role": "replica",
                "read_endpoint": {"address": f"{name}.{domain}", "port": group.port},
            }
        )
    group.member_clusters[:] = names


def _delete_groups_whole(models: Any, response_class: Any) -> None:
    """A deleted group is gone, with its members, and leaves the snapshot that was asked for."""
    delete = response_class.delete_replication_group

    @functools.wraps(delete)
    def delete_with_members(response: Any) -> Any:
        backend, name = response.elasticache_backend, response._get_param("ReplicationGroupId")  # noqa: SLF001
        group = _group(models, backend, name)
        snapshot = response._get_param("FinalSnapshotIdentifier")  # noqa: SLF001
        if snapshot:
            backend.create_snapshot(snapshot, name, None, None, None)
        answer = delete(response)
        group.member_clusters.clear()
        _renew_members(models, backend, group)
        del backend.replication_groups[name]
        return answer

    response_class.delete_replication_group = delete_with_members


def _serve_subnet_groups(models: Any, response_class: Any) -> None:
    from moto.core.responses import ActionResult, EmptyResult

    def modify_cache_subnet_group(response: Any) -> Any:
        backend, name = response.elasticache_backend, response._get_param("CacheSubnetGroupName")  # noqa: SLF001
        old = backend.describe_cache_subnet_groups(name)[0]
        renewed = models.CacheSubnetGroup(
            account_id=backend.account_id,
            region_name=backend.region_name,
            cache_subnet_group_name=name,
            cache_subnet_group_description=(
                response._get_param("CacheSubnetGroupDescription")  # noqa: SLF001
                or old.cache_subnet_group_description
            ),
            subnet_ids=response._get_param("SubnetIds") or old.subnet_ids,  # noqa: SLF001
            tags=old.tags,
        )
        backend.cache_subnet_groups[name] = renewed
        return ActionResult({"CacheSubnetGroup": renewed})

    def delete_cache_subnet_group(response: Any) -> Any:
        backend, name = response.elasticache_backend, response._get_param("CacheSubnetGroupName")  # noqa: SLF001
        backend.describe_cache_subnet_groups(name)
        users = [*backend.replication_groups.values(), *backend.cache_clusters.values()]
        if any(user.cache_subnet_group_name == name for user in users):
            raise _fault("CacheSubnetGroupInUse", f"Cache subnet group {name} is in use.")
        del backend.cache_subnet_groups[name]
        return EmptyResult()

    response_class.modify_cache_subnet_group = modify_cache_subnet_group
    response_class.delete_cache_subnet_group = delete_cache_subnet_group


def _fault(code: str, message: str) -> Exception:
    from moto.elasticache.exceptions import ElastiCacheException

    error: Exception = type(code, (ElastiCacheException,), {"code": code})(message)
    return error


@dataclass
class ParameterGroup:
    """A cache parameter group as the API describes it."""

    cache_parameter_group_name: str
    cache_parameter_group_family: str
    description: str
    arn: str
    is_global: bool = False
    parameters: dict[str, str] = field(default_factory=dict)


ParameterGroup.__module__ = (
    "moto.elasticache.models"  # so that the inventory takes it for a resource of moto's
)


def _serve_parameter_groups(models: Any, response_class: Any) -> None:
    list_tags = models.ElastiCacheBackend.list_tags_for_resource

    @functools.wraps(list_tags)
    def list_tags_of_groups_too(backend: Any, arn: str) -> Any:
        if ":parametergroup:" in arn:
            return backend.tagging_service.list_tags_for_resource(arn)
        return list_tags(backend, arn)

    models.ElastiCacheBackend.list_tags_for_resource = list_tags_of_groups_too
    for operation in (
        create_cache_parameter_group,
        describe_cache_parameter_groups,
        describe_cache_parameters,
        modify_cache_parameter_group,
        reset_cache_parameter_group,
        delete_cache_parameter_group,
    ):
        setattr(response_class, operation.__name__, operation)


def _groups(backend: Any) -> dict[str, ParameterGroup]:
    """The parameter groups of a backend, which may have been made before it could have any."""
    groups: dict[str, ParameterGroup] = vars(backend).setdefault("cache_parameter_groups", {})
    return groups


def _named(response: Any) -> ParameterGroup:
    name = response._get_param("CacheParameterGroupName")  # noqa: SLF001
    group: ParameterGroup | None = _groups(response.elasticache_backend).get(name)
    if group is None:
        raise _fault("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
    return group


def create_cache_parameter_group(response: Any) -> Any:
    from moto.core.responses import ActionResult

    backend, name = response.elasticache_backend, response._get_param("CacheParameterGroupName")  # noqa: SLF001
    if name in _groups(backend):
        raise _fault("CacheParameterGroupAlreadyExists", f"CacheParameterGroup {name} already exists.")
    group = ParameterGroup(
        cache_parameter_group_name=name,
        cache_parameter_group_family=response._get_param("CacheParameterGroupFamily"),  # noqa: SLF001
        description=response._get_param("Description"),  # noqa: SLF001
        arn=f"arn:aws:elasticache:{backend.region_name}:{backend.account_id}:parametergroup:{name}",
    )
    tags = response._get_param("Tags")  # noqa: SLF001
    if tags:
        backend.tagging_service.tag_resource(group.arn, tags)
    _groups(backend)[name] = group
    return ActionResult({"CacheParameterGroup": group})


def describe_cache_parameter_groups(response: Any) -> Any:
    from moto.core.responses import ActionResult

    if response._get_param("CacheParameterGroupName"):  # noqa: SLF001
        groups = [_named(response)]
    else:
        groups = list(_groups(response.elasticache_backend).values())
    return ActionResult({"CacheParameterGroups": groups})


def describe_cache_parameters(response: Any) -> Any:
    from moto.core.responses import ActionResult

    parameters = [
        {"ParameterName": name, "ParameterValue": value, "Source": "user", "IsModifiable": True}
        for name, value in _named(response).parameters.items()
    ]
    return ActionResult({"Parameters": parameters})


def modify_cache_parameter_group(response: Any) -> Any:
    from moto.core.responses import ActionResult

    group = _named(response)
    for each in response._get_param("ParameterNameValues") or []:  # noqa: SLF001
        group.parameters[each["ParameterName"]] = each["ParameterValue"]
    return ActionResult({"CacheParameterGroupName": group.cache_parameter_group_name})


def reset_cache_parameter_group(response: Any) -> Any:
    from moto.core.responses import ActionResult

    group = _named(response)
    for each in response._get_param("ParameterNameValues") or []:  # noqa: SLF001
        group.parameters.pop(each["ParameterName"], None)
    return ActionResult({"CacheParameterGroupName": group.cache_parameter_group_name})


def delete_cache_parameter_group(response: Any) -> Any:
    from moto.core.responses import EmptyResult

    group, backend = _named(response), response.elasticache_backend
    name = group.cache_parameter_group_name
    if any(each.cache_parameter_group_name == name for each in backend.replication_groups.values()):
        raise _fault("InvalidCacheParameterGroupState", f"CacheParameterGroup {name} is in use.")
    del _groups(backend)[name]
    return EmptyResult()
