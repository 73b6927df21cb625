"""The Kubernetes cluster of an environment, part of its foundation."""

from __future__ import annotations

from collections.abc import Sequence

import pulumi

from components.kubernetes_cluster import KubernetesCluster, KubernetesClusterArgs, NodesArgs
from stacks.kubernetes_inputs import KubernetesInputs


def kubernetes(name: str, inputs: KubernetesInputs, subnet_ids: Sequence[pulumi.Input[str]]) -> None:
    """Declares it. Outputs: kubernetesClusterName, kubernetesClusterEndpoint, kubernetesClusterAuthority (the
    certificate to know the endpoint by, in base64), kubernetesClusterSecurityGroupId, kubernetesIssuer and
    kubernetesProviderArn for roles of service accounts."""
    made = KubernetesCluster(
        name,
        KubernetesClusterArgs(
            cluster_name=inputs.cluster,
            version=inputs.version,
            subnet_ids=subnet_ids,
            node_groups={
                group.name: NodesArgs(
                    instance_types=group.instance_types,
                    architecture=group.architecture,
                    least=group.least,
                    size=group.size,
                    most=group.most,
                    spot=group.spot,
                    disk=group.disk,
                )
                for group in inputs.node_groups
            },
            public_from=inputs.public_from,
            admins=inputs.admins,
            logs=inputs.logs,
            log_retention=inputs.log_retention,
            extended_support=inputs.extended_support,
            secrets_key=inputs.secrets_key,
        ),
    )
    cluster = made.cluster
    pulumi.export("kubernetesClusterName", cluster.name)
    pulumi.export("kubernetesClusterEndpoint", cluster.endpoint)
    pulumi.export("kubernetesClusterAuthority", cluster.certificate_authority.data)
    pulumi.export("kubernetesClusterSecurityGroupId", cluster.vpc_config.cluster_security_group_id)
    pulumi.export("kubernetesIssuer", made.provider.url)
    pulumi.export("kubernetesProviderArn", made.provider.arn)
