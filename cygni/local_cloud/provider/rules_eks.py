"""What a plain comparison gets wrong of EKS, its nodes and their launch templates; joined into rules.py's tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cygni.local_cloud.provider.compare import is_empty

State = Mapping[str, Any]
Rule = Callable[[str, Any, Any, State, State], bool]

_CLUSTER = "aws:eks/cluster:Cluster"
_NODE_GROUP = "aws:eks/nodeGroup:NodeGroup"
_ADDON = "aws:eks/addon:Addon"
_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
_OIDC = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"

TEMPLATE_DATA = (
    "blockDeviceMappings", "capacityReservationSpecification", "cpuOptions", "creditSpecification", "disableApiStop",
    "disableApiTermination", "ebsOptimized", "enclaveOptions", "hibernationOptions", "iamInstanceProfile", "imageId",
    "instanceInitiatedShutdownBehavior", "instanceMarketOptions", "instanceRequirements", "instanceType", "kernelId",
    "keyName", "licenseSpecifications", "maintenanceOptions", "metadataOptions", "monitoring",
    "networkPerformanceOptions", "placement", "privateDnsNameOptions", "ramDiskId", "securityGroupNames",
    "tagSpecifications", "userData", "vpcSecurityGroupIds",
)  # fmt: skip
"""The inputs of a launch template that a version of it holds."""


def _removed(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return new is None


def _same_place(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    """IAM keeps the URL of a provider without its scheme."""
    if not isinstance(old, str) or not isinstance(new, str):
        return False
    return old.removeprefix("https://") == new.removeprefix("https://")


REPLACES: Mapping[tuple[str, str], Rule] = {(_CLUSTER, "encryptionConfig"): _removed}

SUPPRESSED: Mapping[tuple[str, str], Rule] = {(_OIDC, "url"): _same_place}

MOVED_BY: Mapping[tuple[str, str], frozenset[str]] = {
    (_CLUSTER, "platformVersion"): frozenset({"version"}),
    (_NODE_GROUP, "releaseVersion"): frozenset({"version"}),
    (_ADDON, "modifiedAt"): frozenset({"addonVersion", "configurationValues", "podIdentityAssociations"}),
    (_TEMPLATE, "latestVersion"): frozenset({*TEMPLATE_DATA, "description"}),
}

NOT_APPLIED: Mapping[str, tuple[str, ...]] = {
    _CLUSTER: (
        "computeConfig", "controlPlaneScalingConfig", "defaultAddonsToRemoves", "kubeApiServerConfig",
        "kubeControllerManagerConfig", "kubeSchedulerConfig", "outpostConfig", "remoteNetworkConfig", "storageConfig",
        "zonalShiftConfig",
    ),
    _NODE_GROUP: ("warmPoolConfig",),
    _ADDON: ("namespaceConfig",),
    _TEMPLATE: ("networkInterfaces", "secondaryInterfaces"),
}  # fmt: skip


def violations(token: str, inputs: State) -> Iterator[tuple[str, str]]:
    """Rules between properties that the facts cannot express: (property path, reason)."""
    if token == _NODE_GROUP:
        yield from _node_group_violations(inputs)
    elif token == _CLUSTER:
        network = inputs.get("vpcConfig")
        if isinstance(network, Mapping) and not is_empty(network.get("controlPlaneEgressMode")):
            yield "vpcConfig.controlPlaneEgressMode", "the local cloud does not serve this input"
    elif token == _OIDC:
        url = inputs.get("url")
        if isinstance(url, str) and not url.startswith("https://"):
            yield "url", "the URL of a provider begins with https://"


def _node_group_violations(inputs: State) -> Iterator[tuple[str, str]]:
    template = inputs.get("launchTemplate")
    if isinstance(template, Mapping):
        if (template.get("id") is None) == (template.get("name") is None):
            yield "launchTemplate", "exactly one of id and name is needed"
        if inputs.get("remoteAccess") is not None:
            yield "remoteAccess", "a launch template says itself who may log in"
    update = inputs.get("updateConfig")
    if isinstance(update, Mapping):
        given = [
            name for name in ("maxUnavailable", "maxUnavailablePercentage") if update.get(name) is not None
        ]
        if len(given) != 1:
            yield "updateConfig", "exactly one of maxUnavailable, maxUnavailablePercentage is needed"
