"""RDS instances: databases of their own, read replicas, and the instances of an Aurora cluster."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from cygni.local_cloud.no_outside import is_loopback
from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.arn_tags import update_tags
from cygni.local_cloud.provider.handlers.base import At, Handler, State, is_gone, unless_gone
from cygni.local_cloud.provider.handlers.iam import name_of
from cygni.local_cloud.provider.handlers.rds_shapes import (
    INSTANCE,
    common,
    first_name,
    logs_change,
    requested,
    tagged,
)
from cygni.local_cloud.provider.wire import Values

_MINUTE = 60.0
_RESOURCE_ID = re.compile(r"db-[A-Z0-9]{20,}")  # an identifier has no capitals
_STORAGE = frozenset({"allocatedStorage", "iops", "storageThroughput", "storageType"})
_GP3_STRIPES_FROM = 400  # GiB: below it gp3 has its base performance and takes no iops


def described(at: At, id: str) -> dict[str, Any] | None:
    """An instance by its resource id or its identifier; None when there is none."""
    client = at.client("rds")
    by = {"DBInstanceIdentifier": id}
    if _RESOURCE_ID.fullmatch(id):
        by = {"Filters": [{"Name": "dbi-resource-id", "Values": [id]}]}  # type: ignore[dict-item]
    try:
        found = client.describe_db_instances(**by)["DBInstances"]
    except ClientError as error:
        if is_gone(error):
            return None
        raise
    return dict(found[0]) if found else None


def wait_until_available(at: At, id: str, seconds: float) -> None:
    def available() -> bool | None:
        status = (described(at, id) or {}).get("DBInstanceStatus")
        if status == "failed":
            raise RuntimeError(f"database {id} has failed, and cannot be recovered")
        return True if status in ("available", "storage-optimization") else None

    at.cloud.await_(f"database {id} to be available", available, seconds=seconds)


def wait_until_gone(at: At, id: str, seconds: float) -> None:
    def gone() -> bool | None:
        return True if described(at, id) is None else None

    at.cloud.await_(f"database {id} to be deleted", gone, seconds=seconds)


def identifier_of(inputs: State) -> str:
    """The identifier that was given, or one made of the prefix."""
    return str(
        inputs.get("identifier") or name_of({**inputs, "namePrefix": inputs.get("identifierPrefix") or "tf-"})
    )


def read_instance(properties: Mapping[str, Any], found: State, known: State) -> Values:
    endpoint = found.get("Endpoint") or {}
    address, port = endpoint.get("Address"), endpoint.get("Port")
    if address is not None and is_loopback(address):
        port = found.get(
            "DbInstancePort"
        )  # served at a port of this machine, instead of the one that was asked for
    values = shapes.outputs(properties, found, rename=INSTANCE)
    values |= common(found, known)
    values |= {
        "address": address,
        "hostedZoneId": endpoint.get("HostedZoneId"),
        "port": port,
        "dbSubnetGroupName": (found.get("DBSubnetGroup") or {}).get("DBSubnetGroupName"),
        "optionGroupName": first_name(found.get("OptionGroupMemberships"), "OptionGroupName"),
        "maxAllocatedStorage": found.get("MaxAllocatedStorage") or 0,
    }
    return {name: value for name, value in values.items() if value is not None or name in _CLEARED}


_CLEARED = frozenset({"replicateSourceDb", "manageMasterUserPassword"})


class Instance(Handler):
    """A database; its id is the resource id, which stays when it gets another name."""

    token = "aws:rds/instance:Instance"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("rds")
        given = {**inputs, "identifier": identifier_of(inputs)}
        if inputs.get("replicateSourceDb"):
            wanted = requested(client, "CreateDBInstanceReadReplica", given, drop=("allocatedStorage",))
            made = client.create_db_instance_read_replica(**wanted, **tagged(inputs))
        elif inputs.get("snapshotIdentifier"):
            wanted = requested(client, "RestoreDBInstanceFromDBSnapshot", given)
            made = client.restore_db_instance_from_db_snapshot(**wanted, **tagged(inputs))
        else:
            made = client.create_db_instance(**requested(client, "CreateDBInstance", given), **tagged(inputs))
        return str(made["DBInstance"]["DbiResourceId"])

    # What neither a replica nor a restored database can be told when it is made.
    _AFTERWARDS: ClassVar = (
        "backupRetentionPeriod",
        "backupWindow",
        "maintenanceWindow",
        "password",
        "passwordWo",
    )

    def complete(self, at: At, id: str, inputs: State) -> None:
        wait_until_available(at, id, 40 * _MINUTE)
        if inputs.get("replicateSourceDb") or inputs.get("snapshotIdentifier"):
            late = {name: inputs[name] for name in self._AFTERWARDS if inputs.get(name) is not None}
            if late:
                self._modify(at, id, late, applied_at_once=True)

    def _modify(self, at: At, id: str, values: State, applied_at_once: bool, **more: Any) -> None:
        client = at.client("rds")
        found = described(at, id)
        if found is None:
            raise LookupError(f"there is no database {id}")
        wanted = requested(client, "ModifyDBInstance", values)
        wanted |= {
            "DBInstanceIdentifier": found["DBInstanceIdentifier"],
            "ApplyImmediately": applied_at_once,
            **more,
        }
        client.modify_db_instance(**wanted)
        wait_until_available(at, id, 80 * _MINUTE)

    def read(self, at: At, id: str, known: State) -> Values | None:
        found = described(at, id)
        if found is None:
            return None
        values = read_instance(self.properties, found, known) | {"id": found["DbiResourceId"]}
        endpoint = found.get("Endpoint")
        if endpoint:
            values["endpoint"] = f"{endpoint['Address']}:{endpoint['Port']}"
        values["parameterGroupName"] = first_name(found.get("DBParameterGroups"), "DBParameterGroupName")
        source = values.get("replicateSourceDb")
        given = known.get("replicateSourceDb")
        if source and given and str(given).split(":")[-1] == str(source).split(":")[-1]:
            values["replicateSourceDb"] = given
        if not known:  # an import: what AWS does not tell, as the official provider assumes it
            values |= {"skipFinalSnapshot": True, "deleteAutomatedBackups": True, "applyImmediately": False}
        return values

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if "replicateSourceDb" in changed:
            self._promote(at, id, olds, news)
        values = {name: news[name] for name in changed - {"replicateSourceDb", "identifier"} if name in news}
        if changed & _STORAGE:
            values |= _storage(news)
        if "passwordWoVersion" in changed:
            values["passwordWo"] = news.get("passwordWo")
        more = self._more(olds, news, changed)
        drop = ("applyImmediately", "enabledCloudwatchLogsExports")
        if more or requested(at.client("rds"), "ModifyDBInstance", values, drop=drop):
            self._modify(at, id, values, bool(news.get("applyImmediately")), **more)
        found = described(at, id) or {}
        update_tags(at, "rds", str(found.get("DBInstanceArn") or olds["arn"]), olds, news)

    def _promote(self, at: At, id: str, olds: State, news: State) -> None:
        if news.get("replicateSourceDb"):
            raise RuntimeError("a read replica cannot change to another source: replace it")
        at.client("rds").promote_read_replica(DBInstanceIdentifier=olds["identifier"])
        wait_until_available(at, id, 80 * _MINUTE)

    def _more(self, olds: State, news: State, changed: frozenset[str]) -> dict[str, Any]:
        """What has another form at a change: a switch that was taken away is off, a size that shall not grow has
        itself as the limit."""
        more: dict[str, Any] = {
            member: bool(news.get(name)) for name, member in self._SWITCHES.items() if name in changed
        }
        if "maxAllocatedStorage" in changed and not news.get("maxAllocatedStorage"):
            more["MaxAllocatedStorage"] = int(news.get("allocatedStorage") or olds["allocatedStorage"])
        if "enabledCloudwatchLogsExports" in changed:
            more["CloudwatchLogsExportConfiguration"] = logs_change(olds, news)
        if "identifier" in changed and news.get("identifier"):
            more["NewDBInstanceIdentifier"] = news["identifier"]
        return more

    _SWITCHES: ClassVar = {
        "deletionProtection": "DeletionProtection",
        "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
        "manageMasterUserPassword": "ManageMasterUserPassword",
    }

    def delete(self, at: At, id: str, known: State) -> None:
        found = described(at, id)
        if found is None:
            return
        name = found["DBInstanceIdentifier"]
        skip = bool(known.get("skipFinalSnapshot")) or bool(
            found.get("ReadReplicaSourceDBInstanceIdentifier")
        )
        last = {} if skip else {"FinalDBSnapshotIdentifier": known.get("finalSnapshotIdentifier") or ""}
        if not skip and not last["FinalDBSnapshotIdentifier"]:
            raise RuntimeError("finalSnapshotIdentifier is required when skipFinalSnapshot is false")
        with unless_gone():
            at.client("rds").delete_db_instance(
                DBInstanceIdentifier=name,
                SkipFinalSnapshot=skip,
                DeleteAutomatedBackups=known.get("deleteAutomatedBackups") is not False,
                **last,
            )
        wait_until_gone(at, id, 60 * _MINUTE)

    def find(self, at: At, inputs: State) -> list[str]:
        found = described(at, identifier_of(inputs))
        return [found["DbiResourceId"]] if found else []


def _storage(news: State) -> dict[str, Any]:
    """Size, iops and throughput travel together; small gp3 volumes take neither of the latter two."""
    sent = {name: news.get(name) for name in _STORAGE if news.get(name) is not None}
    if news.get("storageType") == "gp3" and (news.get("allocatedStorage") or 0) < _GP3_STRIPES_FROM:
        sent.pop("iops", None)
        sent.pop("storageThroughput", None)
    return sent


class ClusterInstance(Handler):
    """An instance of an Aurora cluster; its id is the identifier."""

    token = "aws:rds/clusterInstance:ClusterInstance"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("rds")
        given = {**inputs, "identifier": identifier_of(inputs)}
        wanted = requested(client, "CreateDBInstance", given, drop=("engineVersion",))
        wanted["PromotionTier"] = int(inputs.get("promotionTier") or 0)
        client.create_db_instance(**wanted, **tagged(inputs))
        return str(wanted["DBInstanceIdentifier"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        wait_until_available(at, id, 90 * _MINUTE)

    def read(self, at: At, id: str, known: State) -> Values | None:
        found = described(at, id)
        if found is None or not found.get("DBClusterIdentifier"):
            return None
        values = read_instance(self.properties, found, known)
        for name in ("manageMasterUserPassword", "masterUserSecrets", "masterUserSecretKmsKeyId"):
            values.pop(name, None)
        cluster = at.client("rds").describe_db_clusters(DBClusterIdentifier=found["DBClusterIdentifier"])
        members = {
            each["DBInstanceIdentifier"]: each for each in cluster["DBClusters"][0]["DBClusterMembers"]
        }
        return values | {
            "dbParameterGroupName": first_name(found.get("DBParameterGroups"), "DBParameterGroupName"),
            "endpoint": (found.get("Endpoint") or {}).get("Address"),
            "writer": bool(members.get(id, {}).get("IsClusterWriter")),
            "promotionTier": members.get(id, {}).get("PromotionTier", found.get("PromotionTier", 0)),
            **({} if known else {"forceDestroy": False}),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("rds")
        values = {name: news[name] for name in changed if name in news and name != "engineVersion"}
        wanted = requested(client, "ModifyDBInstance", values, drop=("applyImmediately",))
        if "promotionTier" in changed:
            wanted["PromotionTier"] = int(news.get("promotionTier") or 0)
        if wanted:
            immediately = bool(news.get("applyImmediately"))
            client.modify_db_instance(DBInstanceIdentifier=id, ApplyImmediately=immediately, **wanted)
            wait_until_available(at, id, 90 * _MINUTE)
        update_tags(at, "rds", str(olds["arn"]), olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        """The data is the cluster's: an instance leaves no snapshot."""
        with unless_gone():
            at.client("rds").delete_db_instance(DBInstanceIdentifier=id, SkipFinalSnapshot=True)
        wait_until_gone(at, id, 90 * _MINUTE)

    def find(self, at: At, inputs: State) -> list[str]:
        found = described(at, identifier_of(inputs))
        return [found["DBInstanceIdentifier"]] if found else []
