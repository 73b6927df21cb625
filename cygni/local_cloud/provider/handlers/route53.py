"""Route 53 hosted zones."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider.cloud import partition_of
from cygni.local_cloud.provider.handlers.base import (
    URN_TAG,
    At,
    Handler,
    State,
    code,
    is_gone,
    tag_changes,
    tag_list,
    tag_map,
    unless_gone,
)
from cygni.local_cloud.provider.wire import Values

CHANGE_WITHIN = 1800.0  # seconds until a change has reached every name server
_ALWAYS_THERE = ("NS", "SOA")  # at the apex, made and removed with the zone


def plain_name(name: Any) -> str:
    """A DNS name as the state keeps it: lower case, no trailing dot, `*` written as such."""
    return str(name).rstrip(".").replace("\\052", "*").lower()


def zone_id(text: Any) -> str:
    return str(text).removeprefix("/hostedzone/")


def await_change(at: At, answer: Mapping[str, Any]) -> None:
    """Wait until a change is in sync; an answer without a change needs no waiting."""
    change = answer.get("ChangeInfo")
    if change is None or change["Status"] == "INSYNC":
        return

    def settled() -> bool | None:
        found = at.client("route53").get_change(Id=change["Id"])["ChangeInfo"]
        return True if found["Status"] == "INSYNC" else None

    at.cloud.await_(f"change {change['Id']} of Route 53", settled, seconds=CHANGE_WITHIN)


def record_sets(at: At, zone: str) -> list[dict[str, Any]]:
    pages = at.client("route53").get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
    return [record for page in pages for record in page["ResourceRecordSets"]]


class Zone(Handler):
    """A hosted zone; its id is the zone's, without `/hostedzone/`."""

    token = "aws:route53/zone:Zone"
    # The CallerReference begins with this of the URN: tags are put on only after the zone is there.
    has_twins = True

    def _reference(self, inputs: State) -> str:
        urn = str((inputs.get("tagsAll") or {}).get(URN_TAG, ""))
        return f"cygni-{hashlib.sha256(urn.encode()).hexdigest()[:32]}-" if urn else ""

    def create(self, at: At, inputs: State) -> str:
        vpcs = inputs.get("vpcs") or []
        wanted: dict[str, Any] = {
            "Name": inputs["name"],
            "CallerReference": self._reference(inputs) + at.client_token(inputs),
            "HostedZoneConfig": {"Comment": inputs.get("comment") or "", "PrivateZone": bool(vpcs)},
        }
        if vpcs:
            wanted["VPC"] = self._vpc(at, vpcs[0])
        if inputs.get("delegationSetId"):
            wanted["DelegationSetId"] = inputs["delegationSetId"]
        answer = at.client("route53").create_hosted_zone(**wanted)
        return zone_id(answer["HostedZone"]["Id"])

    def _vpc(self, at: At, vpc: State) -> dict[str, str]:
        return {"VPCId": vpc["vpcId"], "VPCRegion": vpc.get("vpcRegion") or at.region}

    def complete(self, at: At, id: str, inputs: State) -> None:
        self._update_tags(at, id, {}, inputs)
        for vpc in (inputs.get("vpcs") or [])[1:]:
            answer = at.client("route53").associate_vpc_with_hosted_zone(
                HostedZoneId=id, VPC=self._vpc(at, vpc)
            )
            await_change(at, answer)

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client("route53")
        try:
            answer = client.get_hosted_zone(Id=id)
            tags = client.list_tags_for_resource(ResourceType="hostedzone", ResourceId=id)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        zone = answer["HostedZone"]
        servers = self._name_servers(at, id, answer)
        vpcs = [{"vpcId": vpc["VPCId"], "vpcRegion": vpc.get("VPCRegion")} for vpc in answer.get("VPCs", [])]
        return {
            "name": plain_name(zone["Name"]),
            "comment": zone.get("Config", {}).get("Comment", ""),
            "delegationSetId": (answer.get("DelegationSet", {}).get("Id") or "").removeprefix(
                "/delegationset/"
            )
            or None,
            "vpcs": vpcs or None,
            "arn": f"arn:{partition_of(at.region)}:route53:::hostedzone/{id}",
            "zoneId": id,
            "nameServers": sorted(servers),
            "primaryNameServer": servers[0] if servers else None,
            "tagsAll": tag_map(tags["ResourceTagSet"].get("Tags")),
        }

    def _name_servers(self, at: At, id: str, answer: Mapping[str, Any]) -> list[str]:
        if "DelegationSet" in answer:
            return list(answer["DelegationSet"]["NameServers"])
        apex = [one for one in record_sets(at, id) if one["Type"] == "NS"]
        return [value["Value"] for one in apex[:1] for value in one.get("ResourceRecords", [])]

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("route53")
        if "comment" in changed:
            client.update_hosted_zone_comment(Id=id, Comment=news.get("comment") or "")
        if "vpcs" in changed:
            self._move_vpcs(at, id, olds.get("vpcs") or [], news.get("vpcs") or [])
        self._update_tags(at, id, olds, news)

    def _move_vpcs(self, at: At, id: str, olds: list[State], news: list[State]) -> None:
        """Additions come first: a private zone must never be without a VPC."""
        client = at.client("route53")
        before = {vpc["vpcId"]: self._vpc(at, vpc) for vpc in olds}
        after = {vpc["vpcId"]: self._vpc(at, vpc) for vpc in news}
        for vpc in after.keys() - before.keys():
            await_change(at, client.associate_vpc_with_hosted_zone(HostedZoneId=id, VPC=after[vpc]))
        for vpc in before.keys() - after.keys():
            await_change(at, client.disassociate_vpc_from_hosted_zone(HostedZoneId=id, VPC=before[vpc]))

    def _update_tags(self, at: At, id: str, olds: State, news: State) -> None:
        put, removed = tag_changes(olds, news)
        wanted: dict[str, Any] = {"AddTags": tag_list(put)} if put else {}
        if removed:
            wanted["RemoveTagKeys"] = removed
        if wanted:
            at.client("route53").change_tags_for_resource(ResourceType="hostedzone", ResourceId=id, **wanted)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            if known.get("forceDestroy"):
                self._empty(at, id)
            await_change(at, at.client("route53").delete_hosted_zone(Id=id))

    def _empty(self, at: At, id: str) -> None:
        client = at.client("route53")
        apex = plain_name(client.get_hosted_zone(Id=id)["HostedZone"]["Name"])
        changes = [
            {"Action": "DELETE", "ResourceRecordSet": record}
            for record in record_sets(at, id)
            if not (record["Type"] in _ALWAYS_THERE and plain_name(record["Name"]) == apex)
        ]
        if changes:
            answer = client.change_resource_record_sets(HostedZoneId=id, ChangeBatch={"Changes": changes})
            await_change(at, answer)

    def find(self, at: At, inputs: State) -> list[str]:
        wanted = plain_name(inputs.get("name"))
        pages = at.client("route53").get_paginator("list_hosted_zones").paginate()
        zones = [zone for page in pages for zone in page["HostedZones"]]
        return [zone_id(zone["Id"]) for zone in zones if plain_name(zone["Name"]) == wanted]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        if super().owned(at, id, inputs):
            return True
        reference = self._reference(inputs)
        zone = at.client("route53").get_hosted_zone(Id=id)["HostedZone"]
        return bool(reference) and str(zone["CallerReference"]).startswith(reference)


class Record(Handler):
    """A record set; its id is `<zone>_<name>_<type>[_<set identifier>]`."""

    token = "aws:route53/record:Record"

    def _full_name(self, at: At, inputs: State) -> str:
        """The whole name: a short one is completed with the zone's."""
        name = plain_name(inputs["name"])
        zone = at.client("route53").get_hosted_zone(Id=zone_id(inputs["zoneId"]))["HostedZone"]
        apex = plain_name(zone["Name"])
        return name if name == apex or name.endswith(f".{apex}") else f"{name}.{apex}".lstrip(".")

    def _wanted(self, at: At, inputs: State) -> dict[str, Any]:
        record: dict[str, Any] = {"Name": self._full_name(at, inputs), "Type": inputs["type"]}
        aliases = inputs.get("aliases") or []
        if aliases:
            record["AliasTarget"] = {
                "HostedZoneId": aliases[0]["zoneId"],
                "DNSName": plain_name(aliases[0]["name"]),
                "EvaluateTargetHealth": bool(aliases[0].get("evaluateTargetHealth")),
            }
        else:
            quoted = inputs["type"] in ("TXT", "SPF")
            values = [f'"{value}"' if quoted else str(value) for value in inputs.get("records") or []]
            record |= {
                "TTL": int(inputs.get("ttl") or 0),
                "ResourceRecords": [{"Value": value} for value in values],
            }
        return record | _routing(inputs)

    def _change(self, at: At, inputs: State, *changes: tuple[str, Mapping[str, Any]]) -> None:
        batch = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
        answer = at.client("route53").change_resource_record_sets(
            HostedZoneId=zone_id(inputs["zoneId"]), ChangeBatch={"Changes": batch}
        )
        await_change(at, answer)

    def create(self, at: At, inputs: State) -> str:
        action = "UPSERT" if inputs.get("allowOverwrite") else "CREATE"
        self._change(at, inputs, (action, self._wanted(at, inputs)))
        return self._id(inputs)

    def _id(self, inputs: State) -> str:
        parts = [zone_id(inputs["zoneId"]), plain_name(inputs["name"]), inputs["type"]]
        return "_".join([*parts, *([inputs["setIdentifier"]] if inputs.get("setIdentifier") else [])])

    def _named(self, id: str, known: State) -> dict[str, Any]:
        """zoneId, name, type and setIdentifier of what is known or, on import, of the id; names may hold `_`."""
        if known.get("type") and known.get("name") and known.get("zoneId"):
            return dict(known)
        zone, _, rest = id.partition("_")
        words = rest.split("_")
        kinds = set(self.properties["type"].enum)
        at = next((i for i in range(len(words) - 1, 0, -1) if words[i] in kinds), None)
        if at is None:
            raise ValueError(f"{id}: the id of a record is ZONE_NAME_TYPE or ZONE_NAME_TYPE_IDENTIFIER")
        named = {"zoneId": zone, "name": "_".join(words[:at]), "type": words[at]}
        return named | ({"setIdentifier": "_".join(words[at + 1 :])} if words[at + 1 :] else {})

    def _found(self, at: At, named: State) -> dict[str, Any] | None:
        zone = zone_id(named["zoneId"])
        try:
            name = self._full_name(at, named)
            answer = at.client("route53").list_resource_record_sets(
                HostedZoneId=zone, StartRecordName=name, StartRecordType=named["type"]
            )
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        identifier = named.get("setIdentifier") or None
        for record in answer["ResourceRecordSets"]:
            same = plain_name(record["Name"]) == name and record["Type"] == named["type"]
            if same and record.get("SetIdentifier") == identifier:
                return dict(record)
        return None

    def read(self, at: At, id: str, known: State) -> Values | None:
        named = self._named(id, known)
        record = self._found(at, named)
        if record is None:
            return None
        name = plain_name(record["Name"])
        alias = record.get("AliasTarget")
        values = [entry["Value"] for entry in record.get("ResourceRecords", [])]
        if record["Type"] in ("TXT", "SPF"):
            values = [value.removeprefix('"').removesuffix('"') for value in values]
        return {
            "zoneId": zone_id(named["zoneId"]),
            "name": named["name"] if known.get("name") else name,
            "type": record["Type"],
            "fqdn": name,
            "ttl": None if alias else record.get("TTL"),
            "records": None if alias else values,
            "aliases": [_alias(alias, known)] if alias else None,
            **_routing_of(record),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if changed & {"type", "setIdentifier"}:
            old = self._found(at, olds)
            gone = [("DELETE", old)] if old else []
            self._change(at, news, *gone, ("CREATE", self._wanted(at, news)))
        elif changed - {"allowOverwrite"}:
            self._change(at, news, ("UPSERT", self._wanted(at, news)))

    def delete(self, at: At, id: str, known: State) -> None:
        found = self._found(at, self._named(id, known))
        if found is None:
            return
        try:
            self._change(at, self._named(id, known), ("DELETE", found))
        except ClientError as error:
            gone = code(error) == "InvalidChangeBatch" and "not found" in str(error)
            if not (gone or is_gone(error)):
                raise

    def find(self, at: At, inputs: State) -> list[str]:
        return [self._id(inputs)] if self._found(at, inputs) else []

    def owned(self, at: At, id: str, inputs: State) -> bool:
        """A record has no tags: one that says exactly what is wanted is taken for the one that was made."""
        found = self._found(at, inputs)
        return found is not None and _comparable(found) == _comparable(self._wanted(at, inputs))


def _alias(target: Mapping[str, Any], known: State) -> Values:
    given = (known.get("aliases") or [{}])[0]
    name = plain_name(target["DNSName"])
    return {
        "name": given["name"] if given.get("name") and plain_name(given["name"]) == name else name,
        "zoneId": target["HostedZoneId"],
        "evaluateTargetHealth": bool(target.get("EvaluateTargetHealth")),
    }


def _comparable(record: Mapping[str, Any]) -> tuple[Any, ...]:
    alias = record.get("AliasTarget") or {}
    values = sorted(entry["Value"] for entry in record.get("ResourceRecords", []))
    target = (alias.get("HostedZoneId"), plain_name(alias.get("DNSName", "")))
    return plain_name(record["Name"]), record["Type"], values, target, _routing_of(record)


def _routing(inputs: State) -> dict[str, Any]:
    """What of the request says which of several record sets is answered with."""
    found: dict[str, Any] = {}
    if inputs.get("setIdentifier"):
        found["SetIdentifier"] = inputs["setIdentifier"]
    if inputs.get("weightedRoutingPolicies"):
        found["Weight"] = int(inputs["weightedRoutingPolicies"][0]["weight"])
    if inputs.get("failoverRoutingPolicies"):
        found["Failover"] = inputs["failoverRoutingPolicies"][0]["type"]
    if inputs.get("latencyRoutingPolicies"):
        found["Region"] = inputs["latencyRoutingPolicies"][0]["region"]
    if inputs.get("geolocationRoutingPolicies"):
        place = inputs["geolocationRoutingPolicies"][0]
        names = {"continent": "ContinentCode", "country": "CountryCode", "subdivision": "SubdivisionCode"}
        found["GeoLocation"] = {member: place[name] for name, member in names.items() if place.get(name)}
    if inputs.get("multivalueAnswerRoutingPolicy"):
        found["MultiValueAnswer"] = True
    if inputs.get("healthCheckId"):
        found["HealthCheckId"] = inputs["healthCheckId"]
    return found


def _routing_of(record: Mapping[str, Any]) -> Values:
    place = record.get("GeoLocation") or {}
    names = {"ContinentCode": "continent", "CountryCode": "country", "SubdivisionCode": "subdivision"}
    weight = record.get("Weight")
    return {
        "setIdentifier": record.get("SetIdentifier"),
        "weightedRoutingPolicies": None if weight is None else [{"weight": weight}],
        "failoverRoutingPolicies": [{"type": record["Failover"]}] if record.get("Failover") else None,
        "latencyRoutingPolicies": [{"region": record["Region"]}] if record.get("Region") else None,
        "geolocationRoutingPolicies": [
            {name: place[member] for member, name in names.items() if place.get(member)}
        ]
        if place
        else None,
        "multivalueAnswerRoutingPolicy": record.get("MultiValueAnswer") or None,
        "healthCheckId": record.get("HealthCheckId"),
    }
