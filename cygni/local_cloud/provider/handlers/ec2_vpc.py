"""VPC, subnet, internet gateway, Elastic IP address and NAT gateway."""

from __future__ import annotations

from typing import Any, ClassVar

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import At, State, ignoring, unless_gone
from cygni.local_cloud.provider.handlers.ec2 import (
    MINUTE,
    Ec2Handler,
    all_tags,
    first,
    is_deleted,
    retry_dependency,
    update_tags,
)
from cygni.local_cloud.provider.wire import Values

_VPC_ATTRIBUTES = {
    "enableDnsSupport": "EnableDnsSupport",
    "enableDnsHostnames": "EnableDnsHostnames",
    "enableNetworkAddressUsageMetrics": "EnableNetworkAddressUsageMetrics",
}


class Vpc(Ec2Handler):
    token = "aws:ec2/vpc:Vpc"
    describe, listed, by_id, tag_kind, id_member = "describe_vpcs", "Vpcs", "VpcIds", "vpc", "VpcId"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ec2")
        rename = {"assignGeneratedIpv6CidrBlock": "AmazonProvidedIpv6CidrBlock"}
        wanted = shapes.request(client, "CreateVpc", inputs, rename=rename, drop=("tags", "tagsAll"))
        answer = client.create_vpc(**wanted, TagSpecifications=self.tagged(inputs))
        return str(answer["Vpc"]["VpcId"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        defaults = {"enableDnsSupport": True, "enableDnsHostnames": False}
        for name in _VPC_ATTRIBUTES:
            wanted = inputs.get(name)
            if wanted is not None and wanted != defaults.get(name, False):
                self._set(at, id, name, wanted)

    def _set(self, at: At, id: str, name: str, wanted: bool) -> None:
        at.client("ec2").modify_vpc_attribute(VpcId=id, **{_VPC_ATTRIBUTES[name]: {"Value": wanted}})

    def read(self, at: At, id: str, known: State) -> Values | None:
        vpc = self.described(at, id)
        if vpc is None:
            return None
        client = at.client("ec2")
        found = shapes.outputs(self.properties, vpc)
        for name, attribute in _VPC_ATTRIBUTES.items():
            member = attribute[0].lower() + attribute[1:]
            answer = client.describe_vpc_attribute(VpcId=id, Attribute=member)
            found[name] = bool(answer.get(attribute, {}).get("Value", False))
        return found | self._ipv6(vpc) | self._defaults(at, id) | {
            "tagsAll": all_tags(vpc),
            "ownerId": vpc.get("OwnerId") or at.cloud.account_id(),
            "arn": at.arn("ec2", f"vpc/{id}"),
        }  # fmt: skip

    def _ipv6(self, vpc: dict[str, Any]) -> Values:
        for block in vpc.get("Ipv6CidrBlockAssociationSet", []):
            if block.get("Ipv6CidrBlockState", {}).get("State") in ("associating", "associated"):
                return {
                    "assignGeneratedIpv6CidrBlock": block.get("Ipv6Pool", "Amazon") == "Amazon",
                    "ipv6AssociationId": block.get("AssociationId"),
                    "ipv6CidrBlock": block.get("Ipv6CidrBlock"),
                    "ipv6CidrBlockNetworkBorderGroup": block.get("NetworkBorderGroup"),
                }
        return {"assignGeneratedIpv6CidrBlock": False, "ipv6AssociationId": None, "ipv6CidrBlock": None}

    def _defaults(self, at: At, id: str) -> Values:
        vpc = {"Name": "vpc-id", "Values": [id]}
        default = {"Name": "default", "Values": ["true"]}
        main = {"Name": "association.main", "Values": ["true"]}
        group = {"Name": "group-name", "Values": ["default"]}
        acl = first(at, "describe_network_acls", "NetworkAcls", Filters=[vpc, default]) or {}
        table = first(at, "describe_route_tables", "RouteTables", Filters=[vpc, main]) or {}
        security = first(at, "describe_security_groups", "SecurityGroups", Filters=[vpc, group]) or {}
        return {
            "defaultNetworkAclId": acl.get("NetworkAclId"),
            "defaultRouteTableId": table.get("RouteTableId"),
            "mainRouteTableId": table.get("RouteTableId"),
            "defaultSecurityGroupId": security.get("GroupId"),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        for name in _VPC_ATTRIBUTES:
            if name in changed:
                self._set(at, id, name, bool(news.get(name)))
        client = at.client("ec2")
        if "instanceTenancy" in changed:
            client.modify_vpc_tenancy(VpcId=id, InstanceTenancy=news["instanceTenancy"])
        if "assignGeneratedIpv6CidrBlock" in changed:
            if news.get("assignGeneratedIpv6CidrBlock"):
                client.associate_vpc_cidr_block(VpcId=id, AmazonProvidedIpv6CidrBlock=True)
            elif olds.get("ipv6AssociationId"):
                client.disassociate_vpc_cidr_block(AssociationId=olds["ipv6AssociationId"])
        update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        retry_dependency(at, f"deletion of VPC {id}", lambda: at.client("ec2").delete_vpc(VpcId=id))


class Subnet(Ec2Handler):
    token = "aws:ec2/subnet:Subnet"
    describe, listed, by_id, tag_kind = "describe_subnets", "Subnets", "SubnetIds", "subnet"
    id_member = "SubnetId"

    # One attribute per ModifySubnetAttribute call, as the API wants it.
    _FLAGS = ("assignIpv6AddressOnCreation", "enableDns64", "mapPublicIpOnLaunch")
    _DNS_OPTIONS: ClassVar = {
        "enableResourceNameDnsARecordOnLaunch": "EnableResourceNameDnsARecord",
        "enableResourceNameDnsAaaaRecordOnLaunch": "EnableResourceNameDnsAAAARecord",
        "privateDnsHostnameTypeOnLaunch": "HostnameType",
    }

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ec2")
        wanted = shapes.request(client, "CreateSubnet", inputs, drop=("tags", "tagsAll"))
        answer = client.create_subnet(**wanted, TagSpecifications=self.tagged(inputs))
        return str(answer["Subnet"]["SubnetId"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        flags = [name for name in (*self._FLAGS, *self._DNS_OPTIONS) if inputs.get(name)]
        if inputs.get("privateDnsHostnameTypeOnLaunch") == "ip-name":
            flags.remove("privateDnsHostnameTypeOnLaunch")
        self._modify(at, id, inputs, flags)

    def _modify(self, at: At, id: str, inputs: State, names: Any) -> None:
        client = at.client("ec2")
        for name in names:
            if name in self._FLAGS:
                flag = {"Value": bool(inputs.get(name))}
                client.modify_subnet_attribute(SubnetId=id, **{name[0].upper() + name[1:]: flag})
            elif name == "privateDnsHostnameTypeOnLaunch":
                client.modify_subnet_attribute(SubnetId=id, PrivateDnsHostnameTypeOnLaunch=inputs[name])
            elif name in self._DNS_OPTIONS:
                flag = {"Value": bool(inputs.get(name))}
                client.modify_subnet_attribute(SubnetId=id, **{f"{self._DNS_OPTIONS[name]}OnLaunch": flag})

    def read(self, at: At, id: str, known: State) -> Values | None:
        subnet = self.described(at, id)
        if subnet is None:
            return None
        found = shapes.outputs(self.properties, subnet, rename={"arn": "SubnetArn"})
        options = subnet.get("PrivateDnsNameOptionsOnLaunch") or {}
        for name, member in self._DNS_OPTIONS.items():
            if member in options:
                found[name] = options[member]
        block: dict[str, Any] = next(
            (
                block
                for block in subnet.get("Ipv6CidrBlockAssociationSet", [])
                if block.get("Ipv6CidrBlockState", {}).get("State") in ("associating", "associated")
            ),
            {},
        )
        found["ipv6CidrBlock"] = block.get("Ipv6CidrBlock")
        found["ipv6CidrBlockAssociationId"] = block.get("AssociationId")
        return found | {"tagsAll": all_tags(subnet), "arn": subnet.get("SubnetArn")}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("ec2")
        if "ipv6CidrBlock" in changed:
            if olds.get("ipv6CidrBlockAssociationId"):
                client.disassociate_subnet_cidr_block(AssociationId=olds["ipv6CidrBlockAssociationId"])
            if news.get("ipv6CidrBlock"):
                client.associate_subnet_cidr_block(SubnetId=id, Ipv6CidrBlock=news["ipv6CidrBlock"])
        self._modify(at, id, news, sorted(changed))
        update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        retry_dependency(at, f"deletion of subnet {id}", lambda: at.client("ec2").delete_subnet(SubnetId=id))


class InternetGateway(Ec2Handler):
    token = "aws:ec2/internetGateway:InternetGateway"
    describe, listed, by_id = "describe_internet_gateways", "InternetGateways", "InternetGatewayIds"
    tag_kind, id_member = "internet-gateway", "InternetGatewayId"

    def create(self, at: At, inputs: State) -> str:
        answer = at.client("ec2").create_internet_gateway(TagSpecifications=self.tagged(inputs))
        return str(answer["InternetGateway"]["InternetGatewayId"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        self._attach(at, id, inputs.get("vpcId"))

    def _attach(self, at: At, id: str, vpc: str | None) -> None:
        if vpc:
            with ignoring("Resource.AlreadyAssociated"):
                at.client("ec2").attach_internet_gateway(InternetGatewayId=id, VpcId=vpc)

    def _detach(self, at: At, id: str, vpc: str | None) -> None:
        if vpc:
            with ignoring("Gateway.NotAttached"), unless_gone():
                at.client("ec2").detach_internet_gateway(InternetGatewayId=id, VpcId=vpc)

    def read(self, at: At, id: str, known: State) -> Values | None:
        gateway = self.described(at, id)
        if gateway is None:
            return None
        attached = gateway.get("Attachments") or [{}]
        return {
            "vpcId": attached[0].get("VpcId"),
            "ownerId": gateway.get("OwnerId") or at.cloud.account_id(),
            "arn": at.arn("ec2", f"internet-gateway/{id}"),
            "tagsAll": all_tags(gateway),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if "vpcId" in changed:
            self._detach(at, id, olds.get("vpcId"))
            self._attach(at, id, news.get("vpcId"))
        update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        gateway = self.described(at, id)
        if gateway is None:
            return
        for attachment in gateway.get("Attachments", []):
            self._detach(at, id, attachment.get("VpcId"))
        delete = at.client("ec2").delete_internet_gateway
        retry_dependency(at, f"deletion of internet gateway {id}", lambda: delete(InternetGatewayId=id))


class Eip(Ec2Handler):
    token = "aws:ec2/eip:Eip"
    describe, listed, by_id = "describe_addresses", "Addresses", "AllocationIds"
    tag_kind, id_member = "elastic-ip", "AllocationId"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ec2")
        wanted = shapes.request(client, "AllocateAddress", inputs, drop=("tags", "tagsAll"))
        answer = client.allocate_address(**{"Domain": "vpc"} | wanted, TagSpecifications=self.tagged(inputs))
        return str(answer["AllocationId"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        self._associate(at, id, inputs)

    def _associate(self, at: At, id: str, inputs: State) -> None:
        target = {
            "InstanceId": inputs.get("instance"),
            "NetworkInterfaceId": inputs.get("networkInterface"),
        }
        given = {name: value for name, value in target.items() if value}
        if given:
            private = inputs.get("associateWithPrivateIp")
            extra = {"PrivateIpAddress": private} if private else {}
            at.client("ec2").associate_address(AllocationId=id, **given, **extra)

    def read(self, at: At, id: str, known: State) -> Values | None:
        address = self.described(at, id)
        if address is None:
            return None
        rename = {"instance": "InstanceId", "networkInterface": "NetworkInterfaceId"}
        found = shapes.outputs(self.properties, address, rename=rename, clears=("associationId",))
        return found | {
            "instance": address.get("InstanceId") or "",
            "networkInterface": address.get("NetworkInterfaceId") or "",
            "privateIp": address.get("PrivateIpAddress"),
            "publicDns": self._dns("ec2", address.get("PublicIp"), at.region),
            "privateDns": self._dns("ip", address.get("PrivateIpAddress"), at.region),
            "arn": at.arn("ec2", f"elastic-ip/{id}"),
            "tagsAll": all_tags(address),
        }

    def _dns(self, prefix: str, ip: str | None, region: str) -> str | None:
        if not ip:
            return None
        if prefix == "ec2":
            zone = "compute-1.amazonaws.com" if region == "us-east-1" else f"{region}.compute.amazonaws.com"
        else:
            zone = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
        return f"{prefix}-{ip.replace('.', '-')}.{zone}"

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if changed & {"instance", "networkInterface", "associateWithPrivateIp"}:
            self._disassociate(at, id)
            self._associate(at, id, news)
        update_tags(at, id, olds, news)

    def _disassociate(self, at: At, id: str) -> None:
        address = self.described(at, id) or {}
        if address.get("AssociationId"):
            with unless_gone():
                at.client("ec2").disassociate_address(AssociationId=address["AssociationId"])

    def delete(self, at: At, id: str, known: State) -> None:
        self._disassociate(at, id)
        with unless_gone():
            at.client("ec2").release_address(AllocationId=id)


class NatGateway(Ec2Handler):
    token = "aws:ec2/natGateway:NatGateway"
    describe, listed, by_id = "describe_nat_gateways", "NatGateways", "NatGatewayIds"
    tag_kind, id_member = "natgateway", "NatGatewayId"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ec2")
        rename = {"privateIp": "PrivateIpAddress"}
        wanted = shapes.request(client, "CreateNatGateway", inputs, rename=rename, drop=("tags", "tagsAll"))
        wanted["ClientToken"] = at.client_token(inputs)
        answer = client.create_nat_gateway(**wanted, TagSpecifications=self.tagged(inputs))
        return str(answer["NatGateway"]["NatGatewayId"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        def available() -> bool | None:
            gateway = self.described(at, id) or {}
            if gateway.get("State") == "failed":
                reason = gateway.get("FailureMessage", "no reason given")
                raise RuntimeError(f"NAT gateway {id} failed: {reason}")
            return True if gateway.get("State") == "available" else None

        at.cloud.await_(f"NAT gateway {id}", available, seconds=10 * MINUTE)

    def read(self, at: At, id: str, known: State) -> Values | None:
        gateway = self.described(at, id)
        if gateway is None or is_deleted(gateway):
            return None
        found = shapes.outputs(self.properties, gateway)
        addresses = gateway.get("NatGatewayAddresses") or [{}]
        main = next((item for item in addresses if item.get("IsPrimary")), addresses[0])
        others = [item for item in addresses if item is not main]
        found |= {
            "allocationId": main.get("AllocationId"),
            "associationId": main.get("AssociationId"),
            "networkInterfaceId": main.get("NetworkInterfaceId"),
            "privateIp": main.get("PrivateIp"),
            "publicIp": main.get("PublicIp"),
            "availabilityMode": gateway.get("AvailabilityMode", "zonal"),
            "secondaryAllocationIds": [a["AllocationId"] for a in others if a.get("AllocationId")],
            "secondaryPrivateIpAddresses": [a["PrivateIp"] for a in others if a.get("PrivateIp")],
            "secondaryPrivateIpAddressCount": len(others),
        }
        return found | {"tagsAll": all_tags(gateway)}

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("ec2").delete_nat_gateway(NatGatewayId=id)

        def gone() -> bool | None:
            gateway = self.described(at, id)
            return True if gateway is None or gateway.get("State") == "deleted" else None

        at.cloud.await_(f"deletion of NAT gateway {id}", gone, seconds=30 * MINUTE)
