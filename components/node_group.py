"""Nodes of a Kubernetes cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
from pulumi_aws import ec2, eks

from components.component import Component
from cygni.naming import auto_named

NAME_LIMIT: Final = 63
"""Characters in the name of a node group (EKS API reference, CreateNodegroup)."""

_IMAGES: Final = {"arm64": "AL2023_ARM_64_STANDARD", "x86_64": "AL2023_x86_64_STANDARD"}
_ROOT: Final = "/dev/xvda"  # the root device of Amazon Linux's images


@dataclass(frozen=True)
class NodeGroupArgs:
    """`size` nodes of the first of `instance_types` there is, between `least` and `most`, with a disk of `disk` GiB.

    `version` is that of Kubernetes, `architecture` arm64 or x86_64. `labels` are put on each node. `after` is what
    must be there before a node can become ready.
    """

    cluster_name: pulumi.Input[str]
    version: pulumi.Input[str]
    role_arn: pulumi.Input[str]
    subnet_ids: Sequence[pulumi.Input[str]]
    instance_types: Sequence[str]
    architecture: str
    least: int
    size: int
    most: int
    spot: bool
    disk: int
    labels: Mapping[str, str]
    after: Sequence[pulumi.Resource] = ()


class NodeGroup(Component):
    """A managed node group with a launch template. Output: `group`.

    Disks are encrypted. The instance's own metadata are for the node alone: they want a token, and answer no farther
    than one hop, which pods are beyond; these have an identity of their own. A third of the nodes at most is replaced
    at a time. What cannot change in place makes a new group before the old one goes.
    """

    token = "cygni:compute:NodeGroup"

    def __init__(self, name: str, args: NodeGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        template = self._template(name, args.disk)
        self.group = eks.NodeGroup(
            auto_named(name, NAME_LIMIT),
            cluster_name=args.cluster_name,
            version=args.version,
            node_role_arn=args.role_arn,
            subnet_ids=args.subnet_ids,
            ami_type=_IMAGES[args.architecture],
            capacity_type="SPOT" if args.spot else "ON_DEMAND",
            instance_types=args.instance_types,
            labels=args.labels,
            launch_template=eks.NodeGroupLaunchTemplateArgs(
                id=template.id, version=template.latest_version.apply(str)
            ),
            scaling_config=eks.NodeGroupScalingConfigArgs(
                min_size=args.least, desired_size=args.size, max_size=args.most
            ),
            update_config=eks.NodeGroupUpdateConfigArgs(max_unavailable_percentage=33),
            opts=self.child(depends_on=list(args.after)),
        )
        self.register_outputs({"nodeGroupArn": self.group.arn})

    def _template(self, name: str, disk: int) -> ec2.LaunchTemplate:
        return ec2.LaunchTemplate(
            name,
            update_default_version=True,
            block_device_mappings=[
                ec2.LaunchTemplateBlockDeviceMappingArgs(
                    device_name=_ROOT,
                    ebs=ec2.LaunchTemplateBlockDeviceMappingEbsArgs(
                        volume_size=disk, volume_type="gp3", encrypted="true", delete_on_termination="true"
                    ),
                )
            ],
            metadata_options=ec2.LaunchTemplateMetadataOptionsArgs(
                http_endpoint="enabled", http_tokens="required", http_put_response_hop_limit=1
            ),
            tag_specifications=[
                ec2.LaunchTemplateTagSpecificationArgs(resource_type=kind, tags={"Name": name})
                for kind in ("instance", "volume")
            ],
            opts=self.child(),
        )
