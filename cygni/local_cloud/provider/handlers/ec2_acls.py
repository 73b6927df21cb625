"""Network ACLs and single rules of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from cygni.local_cloud.provider.handlers.base import At, Handler, State, unless_gone
from cygni.local_cloud.provider.handlers.ec2 import (
    Ec2Handler,
    all_tags,
    first,
    retry_dependency,
    update_tags,
)
from cygni.local_cloud.provider.rules import protocol_number
from cygni.local_cloud.provider.wire import Values

_LAST_RULE = 32766
"""Rules after it are EC2's own (deny the rest), which nobody can change."""

_DIRECTIONS = {"egress": True, "ingress": False}
_ICMP = ("1", "58")


def _acl(at: At, id: str) -> dict[str, Any] | None:
    return first(at, "describe_network_acls", "NetworkAcls", NetworkAclIds=[id])


def _entries(acl: Mapping[str, Any], *, egress: bool) -> list[Mapping[str, Any]]:
    return [
        entry
        for entry in acl.get("Entries", [])
        if bool(entry["Egress"]) is egress and entry["RuleNumber"] <= _LAST_RULE
    ]


def _request(
    protocol: str, action: str, ports: tuple[Any, Any], icmp: tuple[Any, Any], rule: State
) -> dict[str, Any]:
    """What CreateNetworkAclEntry takes of a rule besides its ACL, number and direction."""
    number = protocol_number(protocol)
    wanted: dict[str, Any] = {"Protocol": number, "RuleAction": str(action).lower()}
    if rule.get("cidrBlock"):
        wanted["CidrBlock"] = rule["cidrBlock"]
    if rule.get("ipv6CidrBlock"):
        wanted["Ipv6CidrBlock"] = rule["ipv6CidrBlock"]
    if number in _ICMP:
        wanted["IcmpTypeCode"] = {"Type": int(icmp[0] or 0), "Code": int(icmp[1] or 0)}
    elif number != "-1":
        wanted["PortRange"] = {"From": int(ports[0] or 0), "To": int(ports[1] or 0)}
    return wanted


class NetworkAcl(Ec2Handler):
    """An ACL with its rules inside and the subnets it is of."""

    token = "aws:ec2/networkAcl:NetworkAcl"
    describe, listed, by_id = "describe_network_acls", "NetworkAcls", "NetworkAclIds"
    tag_kind, id_member = "network-acl", "NetworkAclId"

    def create(self, at: At, inputs: State) -> str:
        answer = at.client("ec2").create_network_acl(
            VpcId=inputs["vpcId"], ClientToken=at.client_token(inputs), TagSpecifications=self.tagged(inputs)
        )
        return str(answer["NetworkAcl"]["NetworkAclId"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        for direction in _DIRECTIONS:
            if inputs.get(direction) is not None:
                self._settle_rules(at, id, direction, inputs[direction])
        if inputs.get("subnetIds"):
            self._take(at, id, inputs["subnetIds"])

    def _settle_rules(self, at: At, id: str, direction: str, rules: Iterable[State]) -> None:
        """Makes a direction's rules what they shall be: what is there and is not one of them goes first."""
        egress = _DIRECTIONS[direction]
        wanted = {
            int(rule["ruleNo"]): _request(
                rule["protocol"],
                rule["action"],
                (rule.get("fromPort"), rule.get("toPort")),
                (rule.get("icmpType"), rule.get("icmpCode")),
                rule,
            )
            for rule in rules
        }
        there = {int(entry["RuleNumber"]): entry for entry in _entries(_acl(at, id) or {}, egress=egress)}
        client = at.client("ec2")
        where = {"NetworkAclId": id, "Egress": egress}
        for number, entry in there.items():
            if wanted.get(number) != _written(entry):
                client.delete_network_acl_entry(**where, RuleNumber=number)
        for number, rule in wanted.items():
            if number not in there or _written(there[number]) != rule:
                client.create_network_acl_entry(**where, RuleNumber=number, **rule)

    def _take(self, at: At, id: str, subnets: Iterable[str]) -> None:
        """Every subnet has one ACL, so an association is never made, only moved."""
        for subnet in subnets:
            filters = [{"Name": "association.subnet-id", "Values": [subnet]}]
            acl = first(at, "describe_network_acls", "NetworkAcls", Filters=filters)
            if acl is None or acl["NetworkAclId"] == id:
                continue
            [association] = [
                one["NetworkAclAssociationId"] for one in acl["Associations"] if one["SubnetId"] == subnet
            ]
            at.client("ec2").replace_network_acl_association(AssociationId=association, NetworkAclId=id)

    def _let_go(self, at: At, vpc: str, subnets: Iterable[str]) -> None:
        """Gives subnets back to the default ACL of their VPC."""
        filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "default", "Values": ["true"]}]
        default = first(at, "describe_network_acls", "NetworkAcls", Filters=filters)
        if default is not None:
            self._take(at, str(default["NetworkAclId"]), subnets)

    def read(self, at: At, id: str, known: State) -> Values | None:
        acl = self.described(at, id)
        if acl is None:
            return None
        rules = {
            direction: [_rule(entry, known.get(direction) or []) for entry in _entries(acl, egress=egress)]
            for direction, egress in _DIRECTIONS.items()
        }
        return {
            **rules,
            "vpcId": acl["VpcId"],
            "subnetIds": sorted(one["SubnetId"] for one in acl.get("Associations", [])),
            "ownerId": acl.get("OwnerId") or at.cloud.account_id(),
            "arn": at.arn("ec2", f"network-acl/{id}"),
            "tagsAll": all_tags(acl),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        for direction in _DIRECTIONS:
            if direction in changed:
                self._settle_rules(at, id, direction, news.get(direction) or [])
        if "subnetIds" in changed:
            wanted = news.get("subnetIds") or []
            self._take(at, id, wanted)
            self._let_go(at, news["vpcId"], [one for one in olds.get("subnetIds") or [] if one not in wanted])
        update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        acl = self.described(at, id)
        if acl is None:
            return
        self._let_go(at, acl["VpcId"], [one["SubnetId"] for one in acl.get("Associations", [])])
        client = at.client("ec2")
        retry_dependency(
            at, f"the deletion of network ACL {id}", lambda: client.delete_network_acl(NetworkAclId=id)
        )


def _written(entry: Mapping[str, Any]) -> dict[str, Any]:
    """An entry as `_request` writes it."""
    ports, icmp = entry.get("PortRange") or {}, entry.get("IcmpTypeCode") or {}
    rule = {"cidrBlock": entry.get("CidrBlock"), "ipv6CidrBlock": entry.get("Ipv6CidrBlock")}
    pair, kind = (ports.get("From"), ports.get("To")), (icmp.get("Type"), icmp.get("Code"))
    return _request(str(entry["Protocol"]), entry["RuleAction"], pair, kind, rule)


def _rule(entry: Mapping[str, Any], known: Iterable[State]) -> Values:
    """An entry in Pulumi's words; its protocol as the program wrote it where it means the same."""
    ports, icmp = entry.get("PortRange") or {}, entry.get("IcmpTypeCode") or {}
    found: Values = {
        "ruleNo": entry["RuleNumber"],
        "action": entry["RuleAction"],
        "protocol": str(entry["Protocol"]),
        "fromPort": ports.get("From") or 0,
        "toPort": ports.get("To") or 0,
    }
    for name, value in (
        ("cidrBlock", entry.get("CidrBlock")),
        ("ipv6CidrBlock", entry.get("Ipv6CidrBlock")),
        ("icmpType", icmp.get("Type")),
        ("icmpCode", icmp.get("Code")),
    ):
        if value is not None:
            found[name] = value
    for rule in known:
        same = protocol_number(str(rule.get("protocol"))) == found["protocol"]
        if int(rule.get("ruleNo", 0)) == found["ruleNo"] and same:
            found["protocol"] = rule["protocol"]
    return found


class NetworkAclRule(Handler):
    """One rule of an ACL that has none inside; everything about it replaces."""

    token = "aws:ec2/networkAclRule:NetworkAclRule"

    def _id(self, inputs: State) -> str:
        egress = "true" if inputs.get("egress") else "false"
        identity = f"{inputs['networkAclId']}-{inputs['ruleNumber']}-{egress}-{inputs['protocol']}-"
        return f"nacl-{zlib.crc32(identity.encode())}"

    def _entry(self, at: At, inputs: State) -> Mapping[str, Any] | None:
        acl = _acl(at, inputs["networkAclId"]) or {}
        found = _entries(acl, egress=bool(inputs.get("egress")))
        return next((one for one in found if one["RuleNumber"] == int(inputs["ruleNumber"])), None)

    def _wanted(self, inputs: State) -> dict[str, Any]:
        return _request(
            inputs["protocol"],
            inputs["ruleAction"],
            (inputs.get("fromPort"), inputs.get("toPort")),
            (inputs.get("icmpType"), inputs.get("icmpCode")),
            inputs,
        )

    def create(self, at: At, inputs: State) -> str:
        at.client("ec2").create_network_acl_entry(
            NetworkAclId=inputs["networkAclId"],
            RuleNumber=int(inputs["ruleNumber"]),
            Egress=bool(inputs.get("egress")),
            **self._wanted(inputs),
        )
        return self._id(inputs)

    def read(self, at: At, id: str, known: State) -> Values | None:
        if not known:
            acl, number, protocol, egress = id.split(":")
            known = {
                "networkAclId": acl,
                "ruleNumber": int(number),
                "protocol": protocol,
                "egress": egress == "true",
            }
        entry = self._entry(at, known)
        if entry is None:
            return None
        rule = _rule(entry, [{"ruleNo": known["ruleNumber"], "protocol": known["protocol"]}])
        found = {
            "networkAclId": known["networkAclId"],
            "egress": bool(entry["Egress"]),
            "ruleNumber": rule.pop("ruleNo"),
            "ruleAction": rule.pop("action"),
            **rule,
        }
        for name in ("fromPort", "toPort"):
            if not entry.get("PortRange") and known.get(name) is None:
                del found[name]
        return {**found, "id": self._id(found)}

    def delete(self, at: At, id: str, known: State) -> None:
        if self._entry(at, known) is None:
            return
        with unless_gone():
            at.client("ec2").delete_network_acl_entry(
                NetworkAclId=known["networkAclId"],
                RuleNumber=int(known["ruleNumber"]),
                Egress=bool(known.get("egress")),
            )

    def find(self, at: At, inputs: State) -> list[str]:
        return [self._id(inputs)]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        entry = self._entry(at, inputs)
        return entry is not None and _written(entry) == self._wanted(inputs)
