"""Flow logs."""

from __future__ import annotations

from typing import Any, ClassVar

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import At, State, unless_gone
from cygni.local_cloud.provider.handlers.ec2 import Ec2Handler, all_tags
from cygni.local_cloud.provider.wire import Values


class FlowLog(Ec2Handler):
    """What is logged of a VPC, subnet or network interface; only tags can change."""

    token = "aws:ec2/flowLog:FlowLog"
    describe, listed, by_id = "describe_flow_logs", "FlowLogs", "FlowLogIds"
    tag_kind, id_member = "vpc-flow-log", "FlowLogId"

    _KINDS: ClassVar = {
        "vpcId": "VPC",
        "subnetId": "Subnet",
        "eniId": "NetworkInterface",
        "transitGatewayId": "TransitGateway",
        "transitGatewayAttachmentId": "TransitGatewayAttachment",
    }
    _PREFIXES: ClassVar = {
        "vpc-": "vpcId",
        "subnet-": "subnetId",
        "eni-": "eniId",
        "tgw-attach-": "transitGatewayAttachmentId",
        "tgw-": "transitGatewayId",
    }
    _RENAME: ClassVar = {"iamRoleArn": "DeliverLogsPermissionArn"}

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ec2")
        drop = ("tags", "tagsAll", *self._KINDS)
        wanted = shapes.request(client, "CreateFlowLogs", inputs, rename=self._RENAME, drop=drop)
        [kind] = [name for name in self._KINDS if inputs.get(name)]
        if wanted.get("LogDestination"):
            wanted["LogDestination"] = wanted["LogDestination"].removesuffix(":*")
        answer = client.create_flow_logs(
            **wanted,
            ResourceType=self._KINDS[kind],
            ResourceIds=[inputs[kind]],
            ClientToken=at.client_token(inputs),
            TagSpecifications=self.tagged(inputs),
        )
        if answer.get("Unsuccessful"):
            error = answer["Unsuccessful"][0]["Error"]
            raise RuntimeError(f"{error.get('Code')}: {error.get('Message')}")
        return str(answer["FlowLogIds"][0])

    def read(self, at: At, id: str, known: State) -> Values | None:
        flow_log = self.described(at, id)
        if flow_log is None:
            return None
        found: dict[str, Any] = shapes.outputs(self.properties, flow_log, rename=self._RENAME)
        resource = str(flow_log["ResourceId"])
        kind = next(name for prefix, name in self._PREFIXES.items() if resource.startswith(prefix))
        return found | {
            kind: resource,
            "arn": at.arn("ec2", f"vpc-flow-log/{id}"),
            "tagsAll": all_tags(flow_log),
        }

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("ec2").delete_flow_logs(FlowLogIds=[id])
