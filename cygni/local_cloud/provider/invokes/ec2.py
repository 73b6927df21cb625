"""Look-ups in EC2."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cygni.local_cloud.provider.cloud import Cloud
from cygni.local_cloud.provider.invokes import NotFound


def _region(cloud: Cloud, args: Mapping[str, Any]) -> str:
    return str(args.get("region") or cloud.where.region)


def _filters(args: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = [{"Name": item["name"], "Values": item["values"]} for item in args.get("filters") or []]
    tags = args.get("tags") or {}
    return given + [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]


def _tags(item: Mapping[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}


def availability_zones(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    region = _region(cloud, args)
    filters = _filters(args)
    if args.get("state"):
        filters.append({"Name": "state", "Values": [args["state"]]})
    answer = cloud.client("ec2", region).describe_availability_zones(
        Filters=filters, AllAvailabilityZones=bool(args.get("allAvailabilityZones"))
    )
    zones = sorted(answer["AvailabilityZones"], key=lambda zone: str(zone["ZoneName"]))
    names, ids = args.get("excludeNames") or [], args.get("excludeZoneIds") or []
    kept = [zone for zone in zones if zone["ZoneName"] not in names and zone.get("ZoneId") not in ids]
    return {
        **args,
        "id": region,
        "region": region,
        "names": [zone["ZoneName"] for zone in kept],
        "zoneIds": [zone.get("ZoneId", "") for zone in kept],
        "groupNames": sorted({zone.get("GroupName") or region for zone in kept}),
    }


def availability_zone(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    region = _region(cloud, args)
    parameters: dict[str, Any] = {"Filters": _filters(args)}
    if args.get("name"):
        parameters["ZoneNames"] = [args["name"]]
    if args.get("zoneId"):
        parameters["ZoneIds"] = [args["zoneId"]]
    zones = cloud.client("ec2", region).describe_availability_zones(**parameters)["AvailabilityZones"]
    if len(zones) != 1:
        raise NotFound(f"{len(zones)} availability zones match, exactly one is wanted")
    zone = zones[0]
    name = zone["ZoneName"]
    return {
        **args,
        "id": name,
        "name": name,
        "nameSuffix": name.removeprefix(region),
        "region": region,
        "zoneId": zone.get("ZoneId", ""),
        "zoneType": zone.get("ZoneType", "availability-zone"),
        "groupName": zone.get("GroupName") or region,
        "groupLongName": zone.get("GroupLongName") or region,
        "networkBorderGroup": zone.get("NetworkBorderGroup") or region,
        "optInStatus": zone.get("OptInStatus") or "opt-in-not-required",
        "parentZoneId": zone.get("ParentZoneId") or "",
        "parentZoneName": zone.get("ParentZoneName") or "",
        "state": zone.get("State", "available"),
    }


def subnets(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    region = _region(cloud, args)
    pages = cloud.client("ec2", region).get_paginator("describe_subnets").paginate(Filters=_filters(args))
    ids = [subnet["SubnetId"] for page in pages for subnet in page["Subnets"]]
    return {**args, "id": region, "region": region, "ids": ids, "tags": args.get("tags") or {}}


_VPC_FILTERS = {"cidrBlock": "cidr", "dhcpOptionsId": "dhcp-options-id", "state": "state"}


def vpc(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    region = _region(cloud, args)
    client = cloud.client("ec2", region)
    filters = _filters(args)
    filters += [{"Name": name, "Values": [args[own]]} for own, name in _VPC_FILTERS.items() if args.get(own)]
    if args.get("default"):
        filters.append({"Name": "isDefault", "Values": ["true"]})
    ids = {"VpcIds": [args["id"]]} if args.get("id") else {}
    found = client.describe_vpcs(Filters=filters, **ids)["Vpcs"]
    if not found:
        raise NotFound("no matching EC2 VPC found")
    if len(found) > 1:
        raise NotFound(f"{len(found)} EC2 VPCs match, exactly one is wanted: give more filters")
    return {**args, **_vpc_outputs(cloud, client, found[0], region)}


def _vpc_outputs(cloud: Cloud, client: Any, item: Mapping[str, Any], region: str) -> dict[str, Any]:
    id = item["VpcId"]

    def attribute(name: str) -> bool:
        answer = client.describe_vpc_attribute(VpcId=id, Attribute=name)
        return bool(answer.get(name[0].upper() + name[1:], {}).get("Value", False))

    main = [{"Name": "vpc-id", "Values": [id]}, {"Name": "association.main", "Values": ["true"]}]
    tables = client.describe_route_tables(Filters=main)["RouteTables"]
    owner = item.get("OwnerId") or cloud.account_id()
    v6 = item.get("Ipv6CidrBlockAssociationSet") or []
    return {
        "id": id,
        "arn": f"arn:aws:ec2:{region}:{owner}:vpc/{id}",
        "cidrBlock": item["CidrBlock"],
        "cidrBlockAssociations": [
            {
                "associationId": block["AssociationId"],
                "cidrBlock": block["CidrBlock"],
                "state": block["CidrBlockState"]["State"],
            }
            for block in item.get("CidrBlockAssociationSet", [])
        ],
        "default": bool(item.get("IsDefault")),
        "dhcpOptionsId": item.get("DhcpOptionsId", ""),
        "enableDnsHostnames": attribute("enableDnsHostnames"),
        "enableDnsSupport": attribute("enableDnsSupport"),
        "enableNetworkAddressUsageMetrics": attribute("enableNetworkAddressUsageMetrics"),
        "instanceTenancy": item.get("InstanceTenancy", "default"),
        "ipv6AssociationId": v6[0]["AssociationId"] if v6 else "",
        "ipv6CidrBlock": v6[0]["Ipv6CidrBlock"] if v6 else "",
        "ipv6CidrBlockAssociations": [],
        "mainRouteTableId": tables[0]["RouteTableId"] if tables else "",
        "ownerId": owner,
        "region": region,
        "state": item.get("State", "available"),
        "tags": _tags(item),
    }


def managed_prefix_list(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    """The one prefix list of an id, a name or filters. Raises NotFound for none or several."""
    region = _region(cloud, args)
    filters = _filters(args)
    if args.get("name"):
        filters.append({"Name": "prefix-list-name", "Values": [args["name"]]})
    parameters: dict[str, Any] = {"Filters": filters} if filters else {}
    if args.get("id"):
        parameters["PrefixListIds"] = [args["id"]]
    client = cloud.client("ec2", region)
    lists = client.describe_managed_prefix_lists(**parameters)["PrefixLists"]
    if len(lists) != 1:
        raise NotFound(f"{len(lists)} prefix lists match, exactly one is wanted")
    [found] = lists
    answer = client.get_managed_prefix_list_entries(PrefixListId=found["PrefixListId"])
    entries = [
        {"cidr": entry["Cidr"], "description": entry.get("Description", "")} for entry in answer["Entries"]
    ]
    return {
        **args,
        "id": found["PrefixListId"],
        "region": region,
        "name": found["PrefixListName"],
        "arn": found["PrefixListArn"],
        "addressFamily": found["AddressFamily"],
        "ownerId": found["OwnerId"],
        "maxEntries": found.get("MaxEntries", len(entries)),
        "version": found.get("Version", 0),
        "entries": entries,
        "tags": _tags(found),
    }
