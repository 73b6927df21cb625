"""ElastiCache subnet groups, parameter groups and replication groups."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.arn_tags import tags_of, update_tags
from cygni.local_cloud.provider.handlers.base import At, Handler, State, code, is_gone, tag_list, unless_gone
from cygni.local_cloud.provider.handlers.parameter_groups import ParameterGroupHandler
from cygni.local_cloud.provider.wire import Values

_SERVICE = "elasticache"
_MINUTE = 60.0
_REQUEST = {
    "description": "ReplicationGroupDescription",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "nodeType": "CacheNodeType",
    "parameterGroupName": "CacheParameterGroupName",
    "preferredCacheClusterAzs": "PreferredCacheClusterAZs",
    "subnetGroupName": "CacheSubnetGroupName",
}
_USUAL_PORT = 6379
_SIZE = ("numCacheClusters", "replicasPerNodeGroup")


class SubnetGroup(Handler):
    """The subnets that caches may be in; its id is the name."""

    token = "aws:elasticache/subnetGroup:SubnetGroup"

    def create(self, at: At, inputs: State) -> str:
        name = str(inputs["name"]).lower()
        at.client(_SERVICE).create_cache_subnet_group(
            CacheSubnetGroupName=name,
            CacheSubnetGroupDescription=inputs["description"],
            SubnetIds=inputs["subnetIds"],
            Tags=tag_list(inputs.get("tagsAll")),
        )
        return name

    def read(self, at: At, id: str, known: State) -> Values | None:
        try:
            groups = at.client(_SERVICE).describe_cache_subnet_groups(CacheSubnetGroupName=id)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        group = groups["CacheSubnetGroups"][0]
        return {
            "name": group["CacheSubnetGroupName"],
            "description": group["CacheSubnetGroupDescription"],
            "subnetIds": [subnet["SubnetIdentifier"] for subnet in group["Subnets"]],
            "vpcId": group.get("VpcId"),
            "arn": group["ARN"],
            "tagsAll": tags_of(at, _SERVICE, group["ARN"]),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if changed & {"subnetIds", "description"}:
            at.client(_SERVICE).modify_cache_subnet_group(
                CacheSubnetGroupName=id,
                CacheSubnetGroupDescription=news["description"],
                SubnetIds=news["subnetIds"],
            )
        update_tags(at, _SERVICE, str(olds["arn"]), olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        """A group that has just gone may still be counted as using it."""

        def deleted() -> bool | None:
            try:
                at.client(_SERVICE).delete_cache_subnet_group(CacheSubnetGroupName=id)
            except ClientError as error:
                if code(error) in ("CacheSubnetGroupInUse", "DependencyViolation"):
                    return None
                raise
            return True

        with unless_gone():
            at.cloud.await_(f"subnet group {id} to be free", deleted, seconds=5 * _MINUTE)

    def find(self, at: At, inputs: State) -> list[str]:
        return [str(inputs["name"]).lower()] if inputs.get("name") else []


class ParameterGroup(ParameterGroupHandler):
    token = "aws:elasticache/parameterGroup:ParameterGroup"
    service = _SERVICE
    stem = "cache_parameter_group"
    member = "CacheParameterGroup"
    family = "CacheParameterGroupFamily"
    listed = "CacheParameterGroups"
    values = "ParameterNameValues"
    in_use = "InvalidCacheParameterGroupState"


class ReplicationGroup(Handler):
    """A primary node with its replicas; its id is the lower-case name."""

    token = "aws:elasticache/replicationGroup:ReplicationGroup"

    def _described(self, at: At, id: str) -> dict[str, Any] | None:
        try:
            groups = at.client(_SERVICE).describe_replication_groups(ReplicationGroupId=id)[
                "ReplicationGroups"
            ]
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        return dict(groups[0]) if groups else None

    def create(self, at: At, inputs: State) -> str:
        client = at.client(_SERVICE)
        name = str(inputs["replicationGroupId"]).lower()
        wanted = shapes.request(
            client, "CreateReplicationGroup", inputs, rename=_REQUEST, drop=("tags", "tagsAll")
        )
        wanted |= {"ReplicationGroupId": name, "Tags": tag_list(inputs.get("tagsAll"))}
        wanted.setdefault("Engine", "redis")
        if inputs.get("authTokenWo") is not None:
            wanted["AuthToken"] = inputs["authTokenWo"]
        client.create_replication_group(**wanted)
        return name

    def complete(self, at: At, id: str, inputs: State) -> None:
        self._wait(at, id, 60 * _MINUTE)

    def _wait(self, at: At, id: str, seconds: float) -> None:
        def available() -> bool | None:
            group = self._described(at, id)
            if group is None or group["Status"] != "available":
                return None
            members = (self._member(at, each) for each in group.get("MemberClusters", []))
            return (
                True if all(each and each["CacheClusterStatus"] == "available" for each in members) else None
            )

        at.cloud.await_(f"cache {id} to be available", available, seconds=seconds)

    def _member(self, at: At, name: str) -> dict[str, Any] | None:
        try:
            clusters = at.client(_SERVICE).describe_cache_clusters(
                CacheClusterId=name, ShowCacheNodeInfo=True
            )
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        return dict(clusters["CacheClusters"][0])

    def read(self, at: At, id: str, known: State) -> Values | None:
        """The group says less than its members do: version, groups and windows are read from one of them."""
        group = self._described(at, id)
        if group is None or group["Status"] == "deleting":
            return None
        members = group.get("MemberClusters", [])
        member = (self._member(at, members[0]) if members else None) or {}
        nodes = (group.get("NodeGroups") or [{}])[0]
        rename = {
            "arn": "ARN",
            "nodeType": "CacheNodeType",
            "engineVersion": "",
            "authToken": "",
            "numNodeGroups": "",
            "nodeGroupConfigurations": "",
        }
        found = shapes.outputs(self.properties, group, rename=rename)
        return found | {
            "replicationGroupId": group["ReplicationGroupId"],
            "automaticFailoverEnabled": group.get("AutomaticFailover") in ("enabled", "enabling"),
            "multiAzEnabled": group.get("MultiAZ") == "enabled",
            "dataTieringEnabled": group.get("DataTiering") == "enabled",
            "memberClusters": sorted(members),
            "numCacheClusters": len(members),
            "replicasPerNodeGroup": max(len(members) - 1, 0),
            "numNodeGroups": len(group.get("NodeGroups") or []),
            "primaryEndpointAddress": (nodes.get("PrimaryEndpoint") or {}).get("Address"),
            "readerEndpointAddress": (nodes.get("ReaderEndpoint") or {}).get("Address"),
            **_port(nodes.get("PrimaryEndpoint") or group.get("ConfigurationEndpoint") or {}, known),
            "tagsAll": tags_of(at, _SERVICE, group["ARN"]),
            **self._of_member(member, known),
        }

    def _of_member(self, member: State, known: State) -> Values:
        if not member:
            return {}
        version = str(member.get("EngineVersion", ""))
        given = known.get("engineVersion")
        kept = bool(given) and (version == given or version.startswith(str(given).removesuffix("x")))
        return {
            "engine": member["Engine"],
            "engineVersion": given if kept else ".".join(version.split(".")[:2]),
            "engineVersionActual": version,
            "parameterGroupName": (member.get("CacheParameterGroup") or {}).get("CacheParameterGroupName"),
            "subnetGroupName": member.get("CacheSubnetGroupName"),
            "securityGroupIds": [group["SecurityGroupId"] for group in member.get("SecurityGroups") or []],
            "maintenanceWindow": member.get("PreferredMaintenanceWindow"),
            "notificationTopicArn": (member.get("NotificationConfiguration") or {}).get("TopicArn"),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        """Replicas are added before failover is switched on, and taken away after it was switched off."""
        old, new = (int(each.get("numCacheClusters") or 1) for each in (olds, news))
        grows = "numCacheClusters" in changed and new > old
        shrinks = "numCacheClusters" in changed and new < old
        if grows:
            self._resize(at, id, "increase", new, news)
        self._modify(at, id, olds, news, changed)
        if shrinks:
            self._resize(at, id, "decrease", new, news)
        update_tags(at, _SERVICE, str(olds["arn"]), olds, news)

    def _resize(self, at: At, id: str, verb: str, members: int, news: State) -> None:
        getattr(at.client(_SERVICE), f"{verb}_replica_count")(
            ReplicationGroupId=id, NewReplicaCount=members - 1, ApplyImmediately=True
        )
        self._wait(at, id, 40 * _MINUTE)

    def _modify(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client(_SERVICE)
        values = {name: news[name] for name in changed if name in news and name not in _SIZE}
        drop = ("tags", "tagsAll", "applyImmediately", "authTokenUpdateStrategy")
        wanted = shapes.request(client, "ModifyReplicationGroup", values, rename=_REQUEST, drop=drop)
        for name, member in (
            ("automaticFailoverEnabled", "AutomaticFailoverEnabled"),
            ("multiAzEnabled", "MultiAZEnabled"),
        ):
            if name in changed:
                wanted[member] = bool(news.get(name))
        if "snapshotRetentionLimit" in changed:
            wanted["SnapshotRetentionLimit"] = int(news.get("snapshotRetentionLimit") or 0)
        if changed & {"authToken", "authTokenWoVersion"}:
            wanted["AuthToken"] = news.get("authToken") or news.get("authTokenWo") or olds.get("authToken")
            wanted["AuthTokenUpdateStrategy"] = news.get("authTokenUpdateStrategy") or "ROTATE"
        if wanted:
            immediately = bool(news.get("applyImmediately"))
            client.modify_replication_group(ReplicationGroupId=id, ApplyImmediately=immediately, **wanted)
            self._wait(at, id, 40 * _MINUTE)

    def delete(self, at: At, id: str, known: State) -> None:
        last = {}
        if known.get("finalSnapshotIdentifier"):
            last = {"FinalSnapshotIdentifier": known["finalSnapshotIdentifier"]}
        with unless_gone():
            at.client(_SERVICE).delete_replication_group(ReplicationGroupId=id, **last)

        def gone() -> bool | None:
            return True if self._described(at, id) is None else None

        at.cloud.await_(f"cache {id} to be deleted", gone, seconds=45 * _MINUTE)

    def find(self, at: At, inputs: State) -> list[str]:
        return [str(inputs["replicationGroupId"]).lower()] if inputs.get("replicationGroupId") else []


def _port(endpoint: State, known: State) -> Values:
    """The port, unless it is the usual one and the program did not ask for it: that is no difference."""
    port = endpoint.get("Port")
    return {} if port == _USUAL_PORT and known.get("port") is None else {"port": port}
