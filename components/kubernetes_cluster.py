"""A Kubernetes cluster of EKS, with what it needs to run pods."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pulumi
from pulumi_aws import cloudwatch, eks, iam

from components.component import Component
from components.encryption_key import EncryptionKey
from components.node_group import NodeGroup, NodeGroupArgs
from components.task import policy
from cygni.naming import ROLE_NAME_LIMIT, auto_named

ADMIN_POLICY: Final = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
_MANAGED: Final = "arn:aws:iam::aws:policy/"


@dataclass(frozen=True)
class NodesArgs:
    """One group of nodes; see `NodeGroupArgs`."""

    instance_types: Sequence[str]
    architecture: str
    least: int
    size: int
    most: int
    spot: bool
    disk: int


@dataclass(frozen=True)
class KubernetesClusterArgs:
    """A cluster named `cluster_name` in AWS, in `subnet_ids`: private ones, at least two zones, with a way out.

    The API is reached from the VPC, and from `public_from` (IPv4 ranges) if there are any. `admins` are ARNs of IAM
    roles and users; `logs` the control plane's that CloudWatch keeps for `log_retention` days. `extended_support`
    lets a version stay after its standard support, for more money. With `secrets_key` the secrets get a KMS key.
    """

    cluster_name: str
    version: str
    subnet_ids: Sequence[pulumi.Input[str]]
    node_groups: Mapping[str, NodesArgs]
    public_from: Sequence[str]
    admins: Sequence[str]
    logs: Sequence[str]
    log_retention: int
    extended_support: bool
    secrets_key: bool


@dataclass(frozen=True)
class _Addon:
    """An add-on, the service account that may use AWS, and the managed policy which says for what."""

    name: str
    service_account: str = ""
    policy: str = ""


# Before the nodes: without a network and identities none of them becomes ready.
_FIRST: Final = (
    _Addon("vpc-cni", "aws-node", "AmazonEKS_CNI_Policy"),
    _Addon("kube-proxy"),
    _Addon("eks-pod-identity-agent"),
)
# After them: these run on nodes and are not well without.
_LAST: Final = (
    _Addon("coredns"),
    _Addon("aws-ebs-csi-driver", "ebs-csi-controller-sa", "service-role/AmazonEBSCSIDriverPolicy"),
)


class KubernetesCluster(Component):
    """Control plane, nodes, add-ons, access and an OpenID Connect provider. Outputs: `cluster`, `provider`.

    Who may use the API is told by access entries alone: nobody is administrator for having deployed it. Pods take on
    roles by EKS Pod Identity, or through the provider; the nodes' own role pulls images and joins the cluster, no more.
    """

    token = "cygni:compute:KubernetesCluster"

    def __init__(
        self, name: str, args: KubernetesClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(name, opts)
        self.name = name
        self.cluster = self._control_plane(args)
        self._admins(args.admins)
        first = [self._addon(each, args, []) for each in _FIRST]
        groups = self._nodes(args, first)
        for each in _LAST:
            self._addon(each, args, groups)
        self.provider = iam.OpenIdConnectProvider(
            name,
            url=self.cluster.identities[0].oidcs[0].issuer.apply(str),
            client_id_lists=["sts.amazonaws.com"],
            opts=self.child(),
        )
        self.register_outputs({"clusterArn": self.cluster.arn, "providerArn": self.provider.arn})

    def _control_plane(self, args: KubernetesClusterArgs) -> eks.Cluster:
        role, policies = self._role("control", _service("eks.amazonaws.com"), ["AmazonEKSClusterPolicy"])
        # EKS makes the group where there is none: kept for ever, and left behind.
        logs = cloudwatch.LogGroup(
            f"{self.name}-control-plane",
            name=f"/aws/eks/{args.cluster_name}/cluster",
            retention_in_days=args.log_retention,
            opts=self.child(),
        )
        return eks.Cluster(
            f"{self.name}-kubernetes",
            name=args.cluster_name,
            version=args.version,
            role_arn=role.arn,
            access_config=eks.ClusterAccessConfigArgs(
                authentication_mode="API", bootstrap_cluster_creator_admin_permissions=False
            ),
            bootstrap_self_managed_addons=False,
            enabled_cluster_log_types=list(args.logs),
            encryption_config=self._encryption(args.cluster_name) if args.secrets_key else None,
            upgrade_policy=eks.ClusterUpgradePolicyArgs(
                support_type="EXTENDED" if args.extended_support else "STANDARD"
            ),
            vpc_config=eks.ClusterVpcConfigArgs(
                subnet_ids=args.subnet_ids,
                endpoint_private_access=True,
                endpoint_public_access=bool(args.public_from),
                public_access_cidrs=list(args.public_from) or None,
            ),
            opts=self.child(depends_on=[*policies, logs]),
        )

    def _encryption(self, cluster: str) -> eks.ClusterEncryptionConfigArgs:
        key = EncryptionKey(f"{self.name}-kubernetes", f"{cluster}_kubernetes", opts=self.child()).key
        return eks.ClusterEncryptionConfigArgs(
            provider=eks.ClusterEncryptionConfigProviderArgs(key_arn=key.arn), resources=["secrets"]
        )

    def _admins(self, principals: Sequence[str]) -> None:
        for principal in principals:
            name = f"{self.name}-admin-{hashlib.sha256(principal.encode()).hexdigest()[:8]}"
            entry = eks.AccessEntry(
                name, cluster_name=self.cluster.name, principal_arn=principal, opts=self.child()
            )
            eks.AccessPolicyAssociation(
                name,
                cluster_name=self.cluster.name,
                principal_arn=entry.principal_arn,
                policy_arn=ADMIN_POLICY,
                access_scope=eks.AccessPolicyAssociationAccessScopeArgs(type="cluster"),
                opts=self.child(),
            )

    def _nodes(self, args: KubernetesClusterArgs, addons: Sequence[eks.Addon]) -> list[eks.NodeGroup]:
        """The version is the cluster's as it is, so that nodes follow it and never go ahead."""
        role, policies = self._role(
            "nodes",
            _service("ec2.amazonaws.com"),
            ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"],
        )
        return [
            NodeGroup(
                f"{self.name}-{name}",
                NodeGroupArgs(
                    cluster_name=self.cluster.name,
                    version=self.cluster.version,
                    role_arn=role.arn,
                    subnet_ids=args.subnet_ids,
                    instance_types=nodes.instance_types,
                    architecture=nodes.architecture,
                    least=nodes.least,
                    size=nodes.size,
                    most=nodes.most,
                    spot=nodes.spot,
                    disk=nodes.disk,
                    labels={"cygni/node-group": name},
                    after=[*policies, *addons],
                ),
                opts=self.child(),
            ).group
            for name, nodes in args.node_groups.items()
        ]

    def _addon(
        self, addon: _Addon, args: KubernetesClusterArgs, after: Sequence[pulumi.Resource]
    ) -> eks.Addon:
        """An add-on in the version that EKS takes for the cluster's; its own changes there are kept."""
        identities = None
        policies: list[iam.RolePolicyAttachment] = []
        if addon.policy:
            trust = _pods(args.cluster_name, addon.service_account)
            role, policies = self._role(addon.name, trust, [addon.policy])
            identities = [
                eks.AddonPodIdentityAssociationArgs(service_account=addon.service_account, role_arn=role.arn)
            ]
        return eks.Addon(
            f"{self.name}-{addon.name}",
            cluster_name=self.cluster.name,
            addon_name=addon.name,
            pod_identity_associations=identities,
            resolve_conflicts_on_create="OVERWRITE",
            resolve_conflicts_on_update="PRESERVE",
            opts=self.child(depends_on=[*after, *policies]),
        )

    def _role(
        self, of: str, trust: Mapping[str, Any], policies: Sequence[str]
    ) -> tuple[iam.Role, list[iam.RolePolicyAttachment]]:
        name = f"{self.name}-eks-{of}"
        role = iam.Role(
            auto_named(name, ROLE_NAME_LIMIT),
            assume_role_policy=json.dumps(policy([trust])),
            opts=self.child(),
        )
        attached = [
            iam.RolePolicyAttachment(
                f"{name}-{each.rpartition('/')[2]}",
                role=role.name,
                policy_arn=f"{_MANAGED}{each}",
                opts=self.child(),
            )
            for each in policies
        ]
        return role, attached


def _service(principal: str) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": principal}}


def _pods(cluster: str, service_account: str) -> dict[str, Any]:
    """One service account of one cluster, as EKS Pod Identity tags its sessions (EKS User Guide)."""
    told = {
        "eks-cluster-name": cluster,
        "kubernetes-namespace": "kube-system",
        "kubernetes-service-account": service_account,
    }
    return {
        "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Condition": {"StringEquals": {f"aws:RequestTag/{key}": value for key, value in told.items()}},
    }
