"""VPC endpoints of every type."""

from __future__ import annotations

from typing import Any

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import At, State, unless_gone
from cygni.local_cloud.provider.handlers.ec2 import MINUTE, Ec2Handler, all_tags, first, update_tags
from cygni.local_cloud.provider.wire import Values

_RENAME = {"policy": "PolicyDocument"}


class VpcEndpoint(Ec2Handler):
    token = "aws:ec2/vpcEndpoint:VpcEndpoint"
    describe, listed, by_id = "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointIds"
    tag_kind, id_member = "vpc-endpoint", "VpcEndpointId"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ec2")
        wanted = shapes.request(
            client, "CreateVpcEndpoint", inputs, rename=_RENAME, drop=("tags", "tagsAll", "subnetIds")
        )
        if inputs.get("subnetIds"):
            wanted["SubnetIds"] = list(inputs["subnetIds"])
        wanted["ClientToken"] = at.client_token(inputs)
        answer = client.create_vpc_endpoint(**wanted, TagSpecifications=self.tagged(inputs))
        return str(answer["VpcEndpoint"]["VpcEndpointId"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        def ready() -> bool | None:
            state = str((self.described(at, id) or {}).get("State", "")).lower()
            if state in ("failed", "rejected"):
                raise RuntimeError(f"VPC endpoint {id} is {state}")
            return True if state in ("available", "pendingacceptance") else None

        at.cloud.await_(f"VPC endpoint {id}", ready, seconds=10 * MINUTE)

    def read(self, at: At, id: str, known: State) -> Values | None:
        endpoint = self.described(at, id)
        if endpoint is None or str(endpoint.get("State", "")).lower() == "deleted":
            return None
        found = shapes.outputs(self.properties, endpoint, rename=_RENAME)
        found["vpcEndpointType"] = endpoint.get("VpcEndpointType") or "Gateway"
        found["securityGroupIds"] = [group["GroupId"] for group in endpoint.get("Groups") or []]
        if not found["securityGroupIds"] and known.get("securityGroupIds"):
            del found["securityGroupIds"]  # the embedded cloud does not list them
        if found["vpcEndpointType"] == "Gateway":
            found |= self._prefix_list(at, str(endpoint["ServiceName"]))
        return found | {
            "arn": at.arn("ec2", f"vpc-endpoint/{id}"),
            "ownerId": endpoint.get("OwnerId") or at.cloud.account_id(),
            "tagsAll": all_tags(endpoint),
        }

    def _prefix_list(self, at: At, service: str) -> Values:
        name = [{"Name": "prefix-list-name", "Values": [service]}]
        found = first(at, "describe_prefix_lists", "PrefixLists", Filters=name)
        if found is None:
            return {"prefixListId": "", "cidrBlocks": []}
        return {"prefixListId": found["PrefixListId"], "cidrBlocks": found.get("Cidrs", [])}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        wanted: dict[str, Any] = {}
        for name, add, remove in (
            ("routeTableIds", "AddRouteTableIds", "RemoveRouteTableIds"),
            ("subnetIds", "AddSubnetIds", "RemoveSubnetIds"),
            ("securityGroupIds", "AddSecurityGroupIds", "RemoveSecurityGroupIds"),
        ):
            if name in changed:
                before, after = set(olds.get(name) or []), set(news.get(name) or [])
                wanted[add], wanted[remove] = sorted(after - before), sorted(before - after)
        if "policy" in changed:
            policy = news.get("policy")
            wanted |= {"PolicyDocument": policy} if policy else {"ResetPolicy": True}
        if "privateDnsEnabled" in changed:
            wanted["PrivateDnsEnabled"] = bool(news.get("privateDnsEnabled"))
        for name, member in (("ipAddressType", "IpAddressType"), ("dnsOptions", "DnsOptions")):
            if name in changed and news.get(name):
                spec = "DnsOptionsSpecification"
                given = news[name]
                wanted[member] = shapes.value(at.client("ec2"), spec, given) if "dns" in name else given
        wanted = {member: value for member, value in wanted.items() if value != []}
        if wanted:
            at.client("ec2").modify_vpc_endpoint(VpcEndpointId=id, **wanted)
        update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        client = at.client("ec2")
        with unless_gone():
            client.delete_vpc_endpoints(VpcEndpointIds=[id])

        def gone() -> bool | None:
            endpoint = self.described(at, id)
            return True if endpoint is None or str(endpoint.get("State")).lower() == "deleted" else None

        at.cloud.await_(f"deletion of VPC endpoint {id}", gone, seconds=10 * MINUTE)
