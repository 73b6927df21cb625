"""How RDS instances and clusters are told to the API and read from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import State, tag_list, tag_map
from cygni.local_cloud.provider.wire import Values

# Property -> parameter of a request, where the names differ by more than case and plural.
REQUEST: Mapping[str, str] = {
    "backupWindow": "PreferredBackupWindow",
    "caCertIdentifier": "CACertificateIdentifier",
    "clusterIdentifier": "DBClusterIdentifier",
    "clusterParameterGroupName": "DBClusterParameterGroupName",
    "customerOwnedIpEnabled": "EnableCustomerOwnedIp",
    "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
    "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "identifier": "DBInstanceIdentifier",
    "instanceClass": "DBInstanceClass",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "masterPassword": "MasterUserPassword",
    "parameterGroupName": "DBParameterGroupName",
    "password": "MasterUserPassword",
    "performanceInsightsEnabled": "EnablePerformanceInsights",
    "replicateSourceDb": "SourceDBInstanceIdentifier",
    "snapshotIdentifier": "DBSnapshotIdentifier",
    "username": "MasterUsername",
}
NOT_SENT = (
    "tags",
    "tagsAll",
    "region",
    "skipFinalSnapshot",
    "finalSnapshotIdentifier",
    "deleteAutomatedBackups",
)

# Property -> member of a description.
INSTANCE: Mapping[str, str] = {
    "arn": "DBInstanceArn",
    "backupWindow": "PreferredBackupWindow",
    "caCertIdentifier": "CACertificateIdentifier",
    "clusterIdentifier": "DBClusterIdentifier",
    "dbName": "DBName",
    "endpoint": "",
    "engineVersionActual": "EngineVersion",
    "identifier": "DBInstanceIdentifier",
    "instanceClass": "DBInstanceClass",
    "latestRestorableTime": "",  # another one each few minutes: no change that anybody made
    "listenerEndpoints": "",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "replicas": "ReadReplicaDBInstanceIdentifiers",
    "replicateSourceDb": "ReadReplicaSourceDBInstanceIdentifier",
    "resourceId": "DbiResourceId",
    "status": "DBInstanceStatus",
    "username": "MasterUsername",
}
CLUSTER: Mapping[str, str] = {
    "arn": "DBClusterArn",
    "caCertificateIdentifier": "",
    "clusterIdentifier": "DBClusterIdentifier",
    "clusterMembers": "",
    "clusterResourceId": "DbClusterResourceId",
    "databaseName": "DatabaseName",
    "dbClusterParameterGroupName": "DBClusterParameterGroup",
    "dbSubnetGroupName": "DBSubnetGroup",
    "enableGlobalWriteForwarding": "GlobalWriteForwardingRequested",
    "enableHttpEndpoint": "HttpEndpointEnabled",
    "engineVersionActual": "EngineVersion",
    "iamRoles": "",
    "masterUsername": "MasterUsername",
    "multiAz": "MultiAZ",
}


def requested(client: Any, operation: str, inputs: State, drop: Collection[str] = ()) -> dict[str, Any]:
    """The parameters of `operation` for `inputs`, without tags and what only concerns deletion."""
    sent = shapes.request(client, operation, inputs, rename=REQUEST, drop=(*NOT_SENT, *drop))
    for written_only in ("passwordWo", "masterPasswordWo"):
        if inputs.get(written_only) is not None and written_only not in drop:
            sent["MasterUserPassword"] = inputs[written_only]
    return sent


def tagged(inputs: State) -> dict[str, Any]:
    return {"Tags": tag_list(inputs.get("tagsAll"))}


def logs_change(olds: State, news: State) -> dict[str, list[str]]:
    """CloudwatchLogsExportConfiguration from the logs exported before to those now."""
    before = set(olds.get("enabledCloudwatchLogsExports") or [])
    after = set(news.get("enabledCloudwatchLogsExports") or [])
    change = {"EnableLogTypes": sorted(after - before), "DisableLogTypes": sorted(before - after)}
    return {name: logs for name, logs in change.items() if logs}


def common(found: State, known: State) -> Values:
    """What instances and clusters have in the same form: groups, credentials, logs, version, tags."""
    secret = found.get("MasterUserSecret") or {}
    managed = {
        "secretArn": secret.get("SecretArn"),
        "secretStatus": secret.get("SecretStatus"),
        "kmsKeyId": secret.get("KmsKeyId"),
    }
    return {
        "vpcSecurityGroupIds": [group["VpcSecurityGroupId"] for group in found.get("VpcSecurityGroups", [])],
        "enabledCloudwatchLogsExports": found.get("EnabledCloudwatchLogsExports", []),
        "manageMasterUserPassword": True if secret else None,
        "masterUserSecrets": [{name: value for name, value in managed.items() if value}] if secret else [],
        "masterUserSecretKmsKeyId": _given_key(known, secret.get("KmsKeyId")),
        "engineVersion": _given_version(known, found.get("EngineVersion")),
        "tagsAll": tag_map(found.get("TagList")),
    }


def _given_key(known: State, arn: Any) -> Any:
    """The program's name of the key while it is the one that is used."""
    given = known.get("masterUserSecretKmsKeyId")
    return given if given and arn and str(arn).endswith(str(given).rpartition("/")[2]) else arn


def _given_version(known: State, actual: Any) -> Any:
    """The version as the program gave it while it is a beginning of the one that runs: "16" of 16.4."""
    given = known.get("engineVersion")
    if given and actual and (str(actual) == str(given) or str(actual).startswith(f"{given}.")):
        return given
    return actual


def first_name(groups: Any, member: str) -> str | None:
    return groups[0].get(member) if groups else None
