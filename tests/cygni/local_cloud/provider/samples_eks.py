"""Samples of EKS clusters, what they run and who may use them, and what their nodes are made from."""

from __future__ import annotations

from typing import Any

from tests.cygni.local_cloud.provider.samples import RETAGGED, Make, Sample, tags

ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
VIEW = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"


def template_data(size: int) -> dict[str, Any]:
    return {
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "ebs": {
                    "volumeSize": size,
                    "volumeType": "gp3",
                    "encrypted": "true",
                    "deleteOnTermination": "true",
                },
            }
        ],
        "metadataOptions": {"httpTokens": "required", "httpPutResponseHopLimit": 1},
        "tagSpecifications": [{"resourceType": "volume", "tags": {"a": "b"}}],
    }


def network(make: Make, **more: Any) -> dict[str, Any]:
    subnets = [make("subnet").id, make("subnet b").id]
    return {"vpcConfig": {"subnetIds": subnets, "endpointPrivateAccess": True, **more}}


def node_group(make: Make, **more: Any) -> dict[str, Any]:
    return {
        "clusterName": make("kubernetes").id,
        "nodeRoleArn": make("role").outputs["arn"],
        "subnetIds": [make("subnet").id],
        **more,
    }


EKS: dict[str, Sample] = {
    "launch template": Sample(
        "aws:ec2/launchTemplate:LaunchTemplate",
        lambda make: {"name": "nodes", **template_data(20), **tags()},
        lambda make: {**template_data(40), "updateDefaultVersion": True, "description": "two", **RETAGGED},
        unreadable=("updateDefaultVersion",),
    ),
    "kubernetes": Sample(
        "aws:eks/cluster:Cluster",
        lambda make: {
            "name": "sample",
            "roleArn": make("role").outputs["arn"],
            "version": "1.33",
            "accessConfig": {"authenticationMode": "API", "bootstrapClusterCreatorAdminPermissions": False},
            "bootstrapSelfManagedAddons": False,
            "enabledClusterLogTypes": ["audit", "api"],
            "upgradePolicy": {"supportType": "STANDARD"},
            **network(make),
            **tags(),
        },
        lambda make: {
            "version": "1.34",
            "enabledClusterLogTypes": ["audit"],
            "deletionProtection": False,
            "encryptionConfig": {
                "provider": {"keyArn": make("key").outputs["arn"]},
                "resources": ["secrets"],
            },
            "upgradePolicy": {"supportType": "EXTENDED"},
            **network(make, publicAccessCidrs=["192.0.2.0/24"], securityGroupIds=[make("group").id]),
            **RETAGGED,
        },
        unreadable=(
            "accessConfig.bootstrapClusterCreatorAdminPermissions",
            "bootstrapSelfManagedAddons",
        ),
    ),
    "plain kubernetes": Sample(
        "aws:eks/cluster:Cluster",
        lambda make: {"name": "plain", "roleArn": make("role").outputs["arn"], **network(make), **tags()},
        lambda make: {"accessConfig": {"authenticationMode": "API_AND_CONFIG_MAP"}},
        unreadable=("bootstrapSelfManagedAddons",),
    ),
    "nodes": Sample(
        "aws:eks/nodeGroup:NodeGroup",
        lambda make: node_group(
            make,
            nodeGroupName="nodes",
            amiType="AL2023_ARM_64_STANDARD",
            capacityType="SPOT",
            instanceTypes=["t4g.medium"],
            labels={"a": "b", "c": "d"},
            taints=[{"key": "only", "value": "yes", "effect": "NO_SCHEDULE"}],
            scalingConfig={"minSize": 0, "desiredSize": 1, "maxSize": 2},
            launchTemplate={"id": make("launch template").id, "version": "1"},
            **tags(),
        ),
        lambda make: {
            "labels": {"a": "e"},
            "taints": [{"key": "other", "effect": "NO_EXECUTE"}],
            "scalingConfig": {"minSize": 1, "desiredSize": 2, "maxSize": 4},
            "updateConfig": {"maxUnavailablePercentage": 33},
            "nodeRepairConfig": {"enabled": True},
            "launchTemplate": {"id": make("launch template").id, "version": "2"},
            **RETAGGED,
        },
    ),
    "plain nodes": Sample(
        "aws:eks/nodeGroup:NodeGroup",
        lambda make: node_group(
            make,
            nodeGroupNamePrefix="plain-",
            scalingConfig={"minSize": 1, "desiredSize": 1, "maxSize": 1},
            **tags(),
        ),
        lambda make: {"version": "1.33", "labels": {"a": "b"}},
        unreadable=("nodeGroupNamePrefix",),
    ),
    "fargate profile": Sample(
        "aws:eks/fargateProfile:FargateProfile",
        lambda make: {
            "clusterName": make("kubernetes").id,
            "fargateProfileName": "batch",
            "podExecutionRoleArn": make("role").outputs["arn"],
            "subnetIds": [make("subnet").id],
            "selectors": [{"namespace": "batch", "labels": {"a": "b"}}],
            **tags(),
        },
        lambda make: RETAGGED,
    ),
    "add-on": Sample(
        "aws:eks/addon:Addon",
        lambda make: {
            "clusterName": make("kubernetes").id,
            "addonName": "aws-ebs-csi-driver",
            "resolveConflictsOnCreate": "OVERWRITE",
            "podIdentityAssociations": [
                {"serviceAccount": "ebs-csi-controller-sa", "roleArn": make("role").outputs["arn"]}
            ],
            **tags(),
        },
        lambda make: {
            "addonVersion": "v1.2.3-eksbuild.1",
            "configurationValues": '{"controller":{"replicaCount":1}}',
            "resolveConflictsOnUpdate": "PRESERVE",
            "podIdentityAssociations": [
                {"serviceAccount": "another-sa", "roleArn": make("role").outputs["arn"]}
            ],
            **RETAGGED,
        },
        unreadable=("resolveConflictsOnCreate", "resolveConflictsOnUpdate"),
    ),
    "access entry": Sample(
        "aws:eks/accessEntry:AccessEntry",
        lambda make: {
            "clusterName": make("kubernetes").id,
            "principalArn": make("role").outputs["arn"],
            "kubernetesGroups": ["viewers"],
            **tags(),
        },
        lambda make: {"kubernetesGroups": ["viewers", "editors"], "userName": "somebody", **RETAGGED},
    ),
    "access policy": Sample(
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        lambda make: {
            "clusterName": make("access entry").outputs["clusterName"],
            "principalArn": make("access entry").outputs["principalArn"],
            "policyArn": ADMIN,
            "accessScope": {"type": "cluster"},
        },
    ),
    "namespaced access policy": Sample(
        "aws:eks/accessPolicyAssociation:AccessPolicyAssociation",
        lambda make: {
            "clusterName": make("access entry").outputs["clusterName"],
            "principalArn": make("access entry").outputs["principalArn"],
            "policyArn": VIEW,
            "accessScope": {"type": "namespace", "namespaces": ["shop", "jobs"]},
        },
    ),
    "oidc provider": Sample(
        "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
        lambda make: {
            "url": make("kubernetes").outputs["identities"][0]["oidcs"][0]["issuer"],
            "clientIdLists": ["sts.amazonaws.com"],
            **tags(),
        },
        lambda make: {
            "clientIdLists": ["sts.amazonaws.com", "another"],
            "thumbprintLists": ["a" * 40],
            **RETAGGED,
        },
    ),
    "instance profile": Sample(
        "aws:iam/instanceProfile:InstanceProfile",
        lambda make: {"name": "sample", "role": make("role").id, **tags()},
        lambda make: {"role": None, **RETAGGED},
    ),
}
