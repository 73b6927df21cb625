"""Route table, route and route table association."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import At, Handler, State, code, is_gone, unless_gone
from cygni.local_cloud.provider.handlers.ec2 import (
    Ec2Handler,
    all_tags,
    first,
    retry_dependency,
    update_tags,
)
from cygni.local_cloud.provider.wire import Values

# Property -> member, for Route and for the routes of a RouteTable.
_TARGETS = {
    "carrierGatewayId": "CarrierGatewayId",
    "coreNetworkArn": "CoreNetworkArn",
    "egressOnlyGatewayId": "EgressOnlyInternetGatewayId",
    "gatewayId": "GatewayId",
    "localGatewayId": "LocalGatewayId",
    "natGatewayId": "NatGatewayId",
    "networkInterfaceId": "NetworkInterfaceId",
    "odbNetworkArn": "OdbNetworkArn",
    "transitGatewayId": "TransitGatewayId",
    "vpcEndpointId": "VpcEndpointId",
    "vpcPeeringConnectionId": "VpcPeeringConnectionId",
}
_DESTINATIONS = {
    "destinationCidrBlock": "DestinationCidrBlock",
    "destinationIpv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}
# The routes of a RouteTable name their destinations differently.
_TABLE_DESTINATIONS = {
    "cidrBlock": "DestinationCidrBlock",
    "ipv6CidrBlock": "DestinationIpv6CidrBlock",
    "destinationPrefixListId": "DestinationPrefixListId",
}


def _members(inputs: State, names: Mapping[str, str]) -> dict[str, str]:
    return {member: inputs[name] for name, member in names.items() if inputs.get(name)}


def _targets(route: Mapping[str, Any]) -> Values:
    """Target properties of an API route; EC2 reports a VPC endpoint as a gateway."""
    found = {name: route.get(member) for name, member in _TARGETS.items()}
    if str(found["gatewayId"] or "").startswith("vpce-"):
        found["vpcEndpointId"], found["gatewayId"] = found["gatewayId"], None
    return found


def _made_by_aws(route: Mapping[str, Any]) -> bool:
    if route.get("Origin") in ("CreateRouteTable", "EnableVgwRoutePropagation"):
        return True
    endpoint = str(route.get("GatewayId") or "").startswith("vpce-")
    return route.get("GatewayId") == "local" or (endpoint and "DestinationPrefixListId" in route)


class RouteTable(Ec2Handler):
    token = "aws:ec2/routeTable:RouteTable"
    describe, listed, by_id = "describe_route_tables", "RouteTables", "RouteTableIds"
    tag_kind, id_member = "route-table", "RouteTableId"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ec2")
        answer = client.create_route_table(
            VpcId=inputs["vpcId"], ClientToken=at.client_token(inputs), TagSpecifications=self.tagged(inputs)
        )
        return str(answer["RouteTable"]["RouteTableId"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        self._put(at, id, [], inputs.get("routes") or [])
        for gateway in inputs.get("propagatingVgws") or []:
            at.client("ec2").enable_vgw_route_propagation(RouteTableId=id, GatewayId=gateway)

    def _put(self, at: At, id: str, olds: list[State], news: list[State]) -> None:
        client = at.client("ec2")
        before = {_destination(route): route for route in olds}
        after = {_destination(route): route for route in news}
        for destination, route in before.items():
            if destination not in after:
                with unless_gone():
                    client.delete_route(RouteTableId=id, **_members(route, _TABLE_DESTINATIONS))
        for destination, route in after.items():
            wanted = _members(route, _TABLE_DESTINATIONS) | _members(route, _TARGETS)
            if destination not in before:
                client.create_route(RouteTableId=id, **wanted)
            elif _members(before[destination], _TARGETS) != _members(route, _TARGETS):
                client.replace_route(RouteTableId=id, **wanted)

    def read(self, at: At, id: str, known: State) -> Values | None:
        table = self.described(at, id)
        if table is None:
            return None
        found = shapes.outputs(self.properties, table)
        found["routes"] = [
            {
                name: value
                for name, value in (
                    _targets(route) | {p: route.get(m) for p, m in _TABLE_DESTINATIONS.items()}
                ).items()
                if value
            }
            for route in table.get("Routes", [])
            if not _made_by_aws(route)
        ]
        return found | {
            "propagatingVgws": [vgw["GatewayId"] for vgw in table.get("PropagatingVgws", [])],
            "ownerId": table.get("OwnerId") or at.cloud.account_id(),
            "arn": at.arn("ec2", f"route-table/{id}"),
            "tagsAll": all_tags(table),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if "routes" in changed:
            self._put(at, id, olds.get("routes") or [], news.get("routes") or [])
        update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        table = self.described(at, id) or {}
        client = at.client("ec2")
        for association in table.get("Associations", []):
            if not association.get("Main"):
                with unless_gone():
                    client.disassociate_route_table(AssociationId=association["RouteTableAssociationId"])
        delete = client.delete_route_table
        retry_dependency(at, f"deletion of route table {id}", lambda: delete(RouteTableId=id))


def _destination(route: State) -> str:
    return str(next((route[name] for name in (*_TABLE_DESTINATIONS, *_DESTINATIONS) if route.get(name)), ""))


class Route(Handler):
    """One route. Its id is `r-<route table><crc32 of the destination>`, as the official provider makes it."""

    token = "aws:ec2/route:Route"

    def id_of(self, inputs: State) -> str:
        return f"r-{inputs['routeTableId']}{zlib.crc32(_destination(inputs).encode())}"

    def create(self, at: At, inputs: State) -> str:
        wanted = _members(inputs, _DESTINATIONS) | _members(inputs, _TARGETS)
        try:
            at.client("ec2").create_route(RouteTableId=inputs["routeTableId"], **wanted)
        except ClientError as error:
            # The very same route is one that an interrupted create of this resource left.
            if code(error) != "RouteAlreadyExists" or not self._leads_there(at, inputs):
                raise
        return self.id_of(inputs)

    def _leads_there(self, at: At, inputs: State) -> bool:
        route = self._route(at, inputs)
        wanted = {name: inputs[name] for name in _TARGETS if inputs.get(name)}
        return route is not None and wanted.items() <= _targets(route).items()

    def _route(self, at: At, inputs: State) -> dict[str, Any] | None:
        ids = [inputs["routeTableId"]]
        table = first(at, "describe_route_tables", "RouteTables", RouteTableIds=ids) or {}
        wanted = _destination(inputs)
        for route in table.get("Routes", []):
            if wanted in (route.get(member) for member in _DESTINATIONS.values()):
                return dict(route)
        return None

    def read(self, at: At, id: str, known: State) -> Values | None:
        if not known:
            known = _imported(id)
        route = self._route(at, known)
        if route is None:
            return None
        destinations = {name: route.get(member) for name, member in _DESTINATIONS.items()}
        return {
            **destinations,
            **_targets(route),
            "id": self.id_of(known),
            "routeTableId": known["routeTableId"],
            "region": at.region,
            "origin": route.get("Origin"),
            "state": route.get("State"),
            "instanceId": route.get("InstanceId"),
            "instanceOwnerId": route.get("InstanceOwnerId"),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        wanted = _members(news, _DESTINATIONS) | _members(news, _TARGETS)
        at.client("ec2").replace_route(RouteTableId=news["routeTableId"], **wanted)

    def delete(self, at: At, id: str, known: State) -> None:
        if known.get("gatewayId") == "local":
            return
        with unless_gone():
            at.client("ec2").delete_route(
                RouteTableId=known["routeTableId"], **_members(known, _DESTINATIONS)
            )

    def find(self, at: At, inputs: State) -> list[str]:
        return [self.id_of(inputs)]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        return self._leads_there(at, inputs)


def _imported(id: str) -> dict[str, str]:
    """`rtb-1_10.0.0.0/8` -> route table and destination."""
    table, _, destination = id.partition("_")
    if not destination:
        raise ValueError(f"import a route as ROUTETABLEID_DESTINATION, not {id!r}")
    if destination.startswith("pl-"):
        name = "destinationPrefixListId"
    else:
        name = "destinationIpv6CidrBlock" if ":" in destination else "destinationCidrBlock"
    return {"routeTableId": table, name: destination}


class RouteTableAssociation(Handler):
    """The association of a subnet or gateway. Its API id changes with the table, so reading goes by subnet."""

    token = "aws:ec2/routeTableAssociation:RouteTableAssociation"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ec2")
        wanted = shapes.request(client, "AssociateRouteTable", inputs)
        try:
            return str(client.associate_route_table(**wanted)["AssociationId"])
        except ClientError as error:
            found = self.find(at, inputs) if code(error) == "Resource.AlreadyAssociated" else []
            if not found:
                raise
            return found[0]

    def _association(self, at: At, inputs: State) -> dict[str, Any] | None:
        """The association of this subnet or gateway, in whatever table."""
        target = inputs.get("subnetId") or inputs.get("gatewayId")
        name = "association.subnet-id" if inputs.get("subnetId") else "association.gateway-id"
        filters = [{"Name": name, "Values": [target]}]
        table = first(at, "describe_route_tables", "RouteTables", Filters=filters) or {}
        for association in table.get("Associations", []):
            if target in (association.get("SubnetId"), association.get("GatewayId")):
                return dict(association)
        return None

    def read(self, at: At, id: str, known: State) -> Values | None:
        if not known:
            target = id.partition("/")[0]
            known = {"subnetId" if target.startswith("subnet-") else "gatewayId": target}
        association = self._association(at, known)
        if association is None:
            return None
        return {
            "id": association["RouteTableAssociationId"],
            "routeTableId": association["RouteTableId"],
            "subnetId": association.get("SubnetId"),
            "gatewayId": association.get("GatewayId"),
            "region": at.region,
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("ec2")
        association = self._association(at, news)
        if association is None:
            client.associate_route_table(**shapes.request(client, "AssociateRouteTable", news))
        elif association["RouteTableId"] != news["routeTableId"]:
            client.replace_route_table_association(
                AssociationId=association["RouteTableAssociationId"], RouteTableId=news["routeTableId"]
            )

    def delete(self, at: At, id: str, known: State) -> None:
        association = self._association(at, known)
        if association and association["RouteTableId"] == known.get("routeTableId"):
            try:
                at.client("ec2").disassociate_route_table(
                    AssociationId=association["RouteTableAssociationId"]
                )
            except ClientError as error:
                if not is_gone(error):
                    raise

    def find(self, at: At, inputs: State) -> list[str]:
        association = self._association(at, inputs)
        if association is None or association["RouteTableId"] != inputs.get("routeTableId"):
            return []
        return [str(association["RouteTableAssociationId"])]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        return id in self.find(at, inputs)
