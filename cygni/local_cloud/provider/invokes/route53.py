"""Hosted zones that exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cygni.local_cloud.provider.cloud import Cloud
from cygni.local_cloud.provider.handlers.base import At
from cygni.local_cloud.provider.handlers.route53 import Zone, plain_name, zone_id
from cygni.local_cloud.provider.invokes import NotFound


def zone(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    """The one hosted zone of a name or an id. Raises NotFound for none or several."""
    at = At(cloud, str(cloud.where.region))
    client = at.client("route53")
    pages = client.get_paginator("list_hosted_zones").paginate()
    zones = [found for page in pages for found in page["HostedZones"]]
    if args.get("zoneId"):
        zones = [found for found in zones if zone_id(found["Id"]) == args["zoneId"]]
    else:
        private = bool(args.get("privateZone") or args.get("vpcId"))
        zones = [
            found
            for found in zones
            if plain_name(found["Name"]) == plain_name(args.get("name"))
            and bool(found.get("Config", {}).get("PrivateZone")) == private
        ]
    kept = [(found, read) for found in zones if (read := _kept(at, found, args)) is not None]
    if len(kept) != 1:
        wanted = args.get("zoneId") or args.get("name")
        raise NotFound(f"{len(kept)} hosted zones match {wanted}, exactly one is wanted")
    [(found, read)] = kept
    return {
        "id": read["zoneId"],
        "zoneId": read["zoneId"],
        "arn": read["arn"],
        "name": read["name"],
        "comment": read["comment"],
        "callerReference": found.get("CallerReference", ""),
        "nameServers": read["nameServers"],
        "primaryNameServer": read["primaryNameServer"] or "",
        "privateZone": bool(found.get("Config", {}).get("PrivateZone")),
        "resourceRecordSetCount": int(found.get("ResourceRecordSetCount", 0)),
        "linkedServiceDescription": "",
        "linkedServicePrincipal": "",
        "enableAcceleratedRecovery": False,
        "tags": read["tagsAll"],
        "vpcId": args.get("vpcId") or "",
    }


def _kept(at: At, found: Mapping[str, Any], args: Mapping[str, Any]) -> dict[str, Any] | None:
    read = Zone().read(at, zone_id(found["Id"]), {})
    if read is None:
        return None
    tags = args.get("tags") or {}
    if any(read["tagsAll"].get(key) != value for key, value in tags.items()):
        return None
    vpcs = [vpc["vpcId"] for vpc in read["vpcs"] or []]
    return read if not args.get("vpcId") or args["vpcId"] in vpcs else None
