"""Encryption at rest. What AWS always encrypts (S3 since 2023, DynamoDB, logs, secrets) needs no rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from cygni.policies.reading import entries, is_off
from cygni.policies.rule import Level, Levels, ResourceRule, Scene
from cygni.pricing.inputs import text
from cygni.resources import Resource

_INSTANCE: Final = "aws:ec2/instance:Instance"
_LAUNCH_TEMPLATE: Final = "aws:ec2/launchTemplate:LaunchTemplate"


@dataclass(frozen=True, slots=True)
class _Switch:
    """The input that turns encryption on, what counts where it is not set, and inputs with which the resource has it
    from elsewhere: from the source it copies, or by a key of its own."""

    path: str
    default: bool = False
    elsewhere: tuple[str, ...] = ()


# Defaults as the documentation of pulumi-aws 7.51 tells them.
_SWITCHES: Final[Mapping[str, _Switch]] = {
    "aws:rds/instance:Instance": _Switch(
        "storageEncrypted", elsewhere=("replicateSourceDb", "snapshotIdentifier")
    ),
    "aws:rds/cluster:Cluster": _Switch(
        "storageEncrypted", elsewhere=("replicationSourceIdentifier", "snapshotIdentifier")
    ),
    "aws:rds/globalCluster:GlobalCluster": _Switch(
        "storageEncrypted", elsewhere=("sourceDbClusterIdentifier",)
    ),
    "aws:docdb/cluster:Cluster": _Switch("storageEncrypted", elsewhere=("snapshotIdentifier",)),
    "aws:neptune/cluster:Cluster": _Switch("storageEncrypted", elsewhere=("snapshotIdentifier",)),
    "aws:redshift/cluster:Cluster": _Switch("encrypted", default=True),
    "aws:ebs/volume:Volume": _Switch("encrypted", elsewhere=("snapshotId",)),
    "aws:efs/fileSystem:FileSystem": _Switch("encrypted"),
    "aws:elasticache/replicationGroup:ReplicationGroup": _Switch(
        "atRestEncryptionEnabled", elsewhere=("globalReplicationGroupId", "snapshotName")
    ),
    "aws:opensearch/domain:Domain": _Switch("encryptAtRest.enabled"),
    "aws:elasticsearch/domain:Domain": _Switch("encryptAtRest.enabled"),
    "aws:dax/cluster:Cluster": _Switch("serverSideEncryption.enabled"),
    "aws:sqs/queue:Queue": _Switch("sqsManagedSseEnabled", default=True, elsewhere=("kmsMasterKeyId",)),
}
_STREAM: Final = "aws:kinesis/stream:Stream"


def _problems(resource: Resource, scene: Scene) -> Iterator[str]:
    inputs = resource.inputs
    if resource.type == _STREAM and text(inputs, "encryptionType", "NONE") == "NONE":
        yield "keeps what it holds unencrypted (encryptionType)"
    elif resource.type == _INSTANCE:
        yield from _instance_problems(inputs)
    elif resource.type == _LAUNCH_TEMPLATE:
        yield from _template_problems(inputs)
    elif (switch := _SWITCHES.get(resource.type)) and _is_plain(resource.type, inputs, switch):
        yield f"keeps what it holds unencrypted ({switch.path})"


def _is_plain(resource_type: str, inputs: Mapping[str, Any], switch: _Switch) -> bool:
    key = switch.path.split(".", maxsplit=1)[0]
    if inputs.get(key) is None and any(inputs.get(other) is not None for other in switch.elsewhere):
        return False
    return is_off(inputs, switch.path, default=switch.default or _encrypts_by_itself(resource_type, inputs))


def _encrypts_by_itself(resource_type: str, inputs: Mapping[str, Any]) -> bool:
    if resource_type == "aws:rds/cluster:Cluster":
        return text(inputs, "engineMode", "provisioned") != "provisioned"
    if resource_type == "aws:elasticache/replicationGroup:ReplicationGroup":
        return text(inputs, "engine", "redis") != "redis"
    return False


def _instance_problems(inputs: Mapping[str, Any]) -> Iterator[str]:
    root = inputs.get("rootBlockDevice")
    from_template = inputs.get("launchTemplate") is not None
    if (root is None and not from_template) or any(is_off(one, "encrypted") for one in entries(root)):
        yield "has an unencrypted root volume (rootBlockDevice.encrypted)"
    for device in entries(inputs.get("ebsBlockDevices")):
        if device.get("snapshotId") is None and is_off(device, "encrypted"):
            yield f"has an unencrypted volume {text(device, 'deviceName')} (ebsBlockDevices.encrypted)"


def _template_problems(inputs: Mapping[str, Any]) -> Iterator[str]:
    for mapping in entries(inputs.get("blockDeviceMappings")):
        for device in entries(mapping.get("ebs")):
            if device.get("snapshotId") is None and is_off(device, "encrypted"):
                name = text(mapping, "deviceName")
                yield f"makes unencrypted volumes {name} (blockDeviceMappings.ebs.encrypted)"


ENCRYPTION_AT_REST = ResourceRule(
    name="encryption-at-rest",
    checks="Databases, caches, volumes, file systems, queues and streams are encrypted at rest.",
    why="Unencrypted storage can be read from a copied snapshot or a disk, and most of it cannot be encrypted later "
    "without moving the data.",
    fix="Turn the named input on. AWS's own key costs nothing; a key of your own is one more input.",
    levels=Levels.everywhere(Level.MANDATORY),
    types=frozenset({*_SWITCHES, _STREAM, _INSTANCE, _LAUNCH_TEMPLATE}),
    problems=_problems,
)
