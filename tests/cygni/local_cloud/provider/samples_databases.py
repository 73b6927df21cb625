"""Samples of databases, caches, keys and secrets."""

from __future__ import annotations

import json
from typing import Any

from tests.cygni.local_cloud.provider.samples import RETAGGED, Make, Sample, tags


def _policy(action: str) -> str:
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": action,
        "Resource": "*",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _parameter(name: str, value: str, method: str = "immediate") -> dict[str, Any]:
    return {"name": name, "value": value, "applyMethod": method}


def _parameter_group(kind: str, name: str, family: str) -> Sample:
    return Sample(
        f"aws:rds/{kind[0].lower()}{kind[1:]}:{kind}",
        lambda make: {
            "name": name,
            "family": family,
            "parameters": [
                _parameter("rds.force_ssl", "1"),
                _parameter("max_connections", "50", "pending-reboot"),
            ],
            **tags(),
        },
        lambda make: {
            "parameters": [_parameter("rds.force_ssl", "1"), _parameter("log_statement", "ddl")],
            **RETAGGED,
        },
    )


def _instance(make: Make) -> dict[str, Any]:
    return {
        "identifier": "sample",
        "engine": "postgres",
        "engineVersion": "16.3",
        "instanceClass": "db.t4g.micro",
        "allocatedStorage": 20,
        "maxAllocatedStorage": 40,
        "storageType": "gp3",
        "storageEncrypted": True,
        "kmsKeyId": make("key").outputs["arn"],
        "dbName": "app",
        "username": "cygni",
        "manageMasterUserPassword": True,
        "dbSubnetGroupName": make("database subnets").id,
        "parameterGroupName": make("parameters").id,
        "vpcSecurityGroupIds": [make("group").id],
        "backupRetentionPeriod": 7,
        "backupWindow": "03:00-04:00",
        "maintenanceWindow": "sun:04:30-sun:05:30",
        "copyTagsToSnapshot": True,
        "performanceInsightsEnabled": True,
        "performanceInsightsRetentionPeriod": 7,
        "enabledCloudwatchLogsExports": ["postgresql"],
        "applyImmediately": True,
        "skipFinalSnapshot": True,
        **tags(),
    }


def _replica(make: Make) -> dict[str, Any]:
    return {
        "identifier": "sample-replica",
        "replicateSourceDb": make("database").outputs["identifier"],
        "instanceClass": "db.t4g.micro",
        "storageEncrypted": True,
        "kmsKeyId": make("key").outputs["arn"],
        "parameterGroupName": make("parameters").id,
        "vpcSecurityGroupIds": [make("group").id],
        "applyImmediately": True,
        "skipFinalSnapshot": True,
        **tags(),
    }


def _cluster(make: Make) -> dict[str, Any]:
    return {
        "clusterIdentifier": "sample-cluster",
        "engine": "aurora-postgresql",
        "engineVersion": "16.4",
        "databaseName": "app",
        "masterUsername": "cygni",
        "manageMasterUserPassword": True,
        "storageEncrypted": True,
        "kmsKeyId": make("key").outputs["arn"],
        "dbSubnetGroupName": make("database subnets").id,
        "dbClusterParameterGroupName": make("cluster parameters").id,
        "vpcSecurityGroupIds": [make("group").id],
        "serverlessv2ScalingConfiguration": {"minCapacity": 0.5, "maxCapacity": 4},
        "backupRetentionPeriod": 7,
        "preferredBackupWindow": "03:00-04:00",
        "preferredMaintenanceWindow": "sun:04:30-sun:05:30",
        "enabledCloudwatchLogsExports": ["postgresql"],
        "applyImmediately": True,
        "skipFinalSnapshot": True,
        **tags(),
    }


def _cache(make: Make) -> dict[str, Any]:
    return {
        "replicationGroupId": "sample",
        "description": "sample",
        "engine": "valkey",
        "engineVersion": "8.0",
        "nodeType": "cache.t4g.micro",
        "numCacheClusters": 2,
        "automaticFailoverEnabled": True,
        "multiAzEnabled": True,
        "atRestEncryptionEnabled": True,
        "transitEncryptionEnabled": True,
        "transitEncryptionMode": "required",
        "subnetGroupName": make("cache subnets").id,
        "parameterGroupName": make("cache parameters").id,
        "securityGroupIds": [make("group").id],
        "snapshotRetentionLimit": 1,
        "snapshotWindow": "03:00-04:00",
        "maintenanceWindow": "sun:05:00-sun:06:00",
        "applyImmediately": True,
        **tags(),
    }


_NOT_TOLD = ("applyImmediately", "deleteAutomatedBackups", "skipFinalSnapshot")

DATABASES: dict[str, Sample] = {
    "key": Sample(
        "aws:kms/key:Key",
        lambda make: {
            "description": "one",
            "enableKeyRotation": True,
            "policy": _policy("kms:*"),
            "deletionWindowInDays": 7,
            **tags(),
        },
        lambda make: {
            "description": "two",
            "enableKeyRotation": False,
            "isEnabled": False,
            "policy": _policy("kms:Decrypt"),
            **RETAGGED,
        },
        unreadable=("deletionWindowInDays",),
    ),
    "key b": Sample(
        "aws:kms/key:Key",
        lambda make: {"deletionWindowInDays": 7, "tags": {"cygni:urn": "urn:sample-b"}},
        unreadable=("deletionWindowInDays",),
    ),
    "alias": Sample(
        "aws:kms/alias:Alias",
        lambda make: {"name": "alias/sample", "targetKeyId": make("key").outputs["arn"]},
        lambda make: {"targetKeyId": make("key b").id},
    ),
    "secret": Sample(
        "aws:secretsmanager/secret:Secret",
        lambda make: {
            "name": "sample/secret",
            "description": "one",
            "recoveryWindowInDays": 0,
            **tags(),
        },
        lambda make: {"description": "two", "kmsKeyId": make("key").id, **RETAGGED},
        unreadable=("recoveryWindowInDays",),
    ),
    "secret version": Sample(
        "aws:secretsmanager/secretVersion:SecretVersion",
        lambda make: {"secretId": make("secret").id, "secretString": json.dumps({"token": "v1"})},
    ),
    "secret rotation": Sample(
        "aws:secretsmanager/secretRotation:SecretRotation",
        lambda make: {"secretId": make("secret").id, "rotationRules": {"automaticallyAfterDays": 30}},
        lambda make: {"rotationRules": {"automaticallyAfterDays": 7}},
    ),
    "secret policy": Sample(
        "aws:secretsmanager/secretPolicy:SecretPolicy",
        lambda make: {"secretArn": make("secret").id, "policy": _policy("secretsmanager:GetSecretValue")},
        lambda make: {"policy": _policy("secretsmanager:DescribeSecret")},
    ),
    "database subnets": Sample(
        "aws:rds/subnetGroup:SubnetGroup",
        lambda make: {"name": "sample", "subnetIds": [make("subnet").id], **tags()},
        lambda make: {"subnetIds": [make("subnet").id, make("subnet b").id], "description": "two", **RETAGGED},
    ),
    "parameters": _parameter_group("ParameterGroup", "sample", "postgres16"),
    "cluster parameters": _parameter_group("ClusterParameterGroup", "sample-cluster", "aurora-postgresql16"),
    "database": Sample(
        "aws:rds/instance:Instance",
        _instance,
        lambda make: {
            "instanceClass": "db.t4g.small",
            "allocatedStorage": 30,
            "backupRetentionPeriod": 14,
            "multiAz": True,
            "performanceInsightsEnabled": False,
            "performanceInsightsRetentionPeriod": None,
            **RETAGGED,
        },
        lambda kept: str(kept.outputs["identifier"]),
        unreadable=_NOT_TOLD,
    ),
    "replica": Sample(
        "aws:rds/instance:Instance",
        _replica,
        lambda make: {"instanceClass": "db.t4g.small", "backupRetentionPeriod": 1, **RETAGGED},
        lambda kept: str(kept.outputs["identifier"]),
        unreadable=_NOT_TOLD,
    ),
    "aurora": Sample(
        "aws:rds/cluster:Cluster",
        _cluster,
        lambda make: {
            "serverlessv2ScalingConfiguration": {"minCapacity": 1, "maxCapacity": 8},
            "backupRetentionPeriod": 14,
            "enabledCloudwatchLogsExports": [],
            **RETAGGED,
        },
        unreadable=_NOT_TOLD,
    ),
    "aurora instance": Sample(
        "aws:rds/clusterInstance:ClusterInstance",
        lambda make: {
            "identifier": "sample-aurora-1",
            "clusterIdentifier": make("aurora").id,
            "engine": "aurora-postgresql",
            "instanceClass": "db.serverless",
            "performanceInsightsEnabled": True,
            "promotionTier": 1,
            "applyImmediately": True,
            **tags(),
        },
        lambda make: {"instanceClass": "db.r6g.large", "promotionTier": 2, **RETAGGED},
        unreadable=("applyImmediately",),
    ),
    "cache subnets": Sample(
        "aws:elasticache/subnetGroup:SubnetGroup",
        lambda make: {"name": "sample", "subnetIds": [make("subnet").id], **tags()},
        lambda make: {"subnetIds": [make("subnet").id, make("subnet b").id], "description": "two", **RETAGGED},
    ),
    "cache parameters": Sample(
        "aws:elasticache/parameterGroup:ParameterGroup",
        lambda make: {
            "name": "sample",
            "family": "valkey8",
            "parameters": [{"name": "maxmemory-policy", "value": "allkeys-lru"}, {"name": "timeout", "value": "60"}],
            **tags(),
        },
        lambda make: {"parameters": [{"name": "maxmemory-policy", "value": "volatile-lru"}], **RETAGGED},
    ),
    "cache": Sample(
        "aws:elasticache/replicationGroup:ReplicationGroup",
        _cache,
        lambda make: {"numCacheClusters": 3, "nodeType": "cache.t4g.small", "description": "two", **RETAGGED},
        unreadable=("applyImmediately",),
    ),
}  # fmt: skip
