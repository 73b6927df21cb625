"""Security groups and their rules, in the three forms Pulumi has for them."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from cygni.local_cloud.provider.handlers.base import URN_TAG, At, Handler, State, code, unless_gone
from cygni.local_cloud.provider.handlers.ec2 import (
    Ec2Handler,
    all_tags,
    first,
    retry_dependency,
    update_tags,
)
from cygni.local_cloud.provider.rules import protocol_name
from cygni.local_cloud.provider.wire import Values


def permission(block: State) -> dict[str, Any]:
    """The IpPermission of an inline block or a SecurityGroupRule."""
    protocol = protocol_name(block["protocol"])
    result: dict[str, Any] = {"IpProtocol": protocol}
    if protocol != "-1":
        result |= {"FromPort": block.get("fromPort", 0), "ToPort": block.get("toPort", 0)}
    said = {"Description": block["description"]} if block.get("description") else {}
    ranges = {
        "IpRanges": [{"CidrIp": cidr, **said} for cidr in block.get("cidrBlocks") or []],
        "Ipv6Ranges": [{"CidrIpv6": cidr, **said} for cidr in block.get("ipv6CidrBlocks") or []],
        "PrefixListIds": [{"PrefixListId": pl, **said} for pl in block.get("prefixListIds") or []],
        "UserIdGroupPairs": [_pair(group) | said for group in block.get("securityGroups") or []],
    }
    return result | {name: items for name, items in ranges.items() if items}


def _pair(group: str) -> dict[str, str]:
    """A group of another account is written owner/sg-id."""
    owner, slash, name = group.partition("/")
    return {"UserId": owner, "GroupId": name} if slash else {"GroupId": group}


def _with_self(block: State, group: str) -> State:
    groups = list(block.get("securityGroups") or [])
    return {**block, "securityGroups": [*groups, group]} if block.get("self") else block


# (protocol, from, to, kind of source, source, description): one flat rule of a group
Flat = tuple[str, int, int, str, str, str]

_SOURCES = {
    "IpRanges": ("cidrBlocks", "CidrIp"),
    "Ipv6Ranges": ("ipv6CidrBlocks", "CidrIpv6"),
    "PrefixListIds": ("prefixListIds", "PrefixListId"),
    "UserIdGroupPairs": ("securityGroups", "GroupId"),
}


def flatten(permissions: Iterable[Mapping[str, Any]], group: str) -> list[Flat]:
    """The single rules of a group's IpPermissions; a reference to the group itself has the kind `self`."""
    found: list[Flat] = []
    for item in permissions:
        ports = (item.get("FromPort", 0) or 0, item.get("ToPort", 0) or 0)
        protocol = str(item["IpProtocol"])
        ports = (0, 0) if protocol == "-1" else ports
        for member, (kind, key) in _SOURCES.items():
            for source in item.get(member, []):
                itself = kind == "securityGroups" and source[key] == group
                value = "" if itself else source[key]
                said = source.get("Description", "") or ""
                found.append((protocol, *ports, "self" if itself else kind, value, said))
    return found


def regroup(flats: list[Flat], blocks: Iterable[State], group: str) -> list[Values]:
    """Flat rules as blocks: first in the program's shape where all its rules exist, then what is left."""
    left = list(flats)
    result: list[Values] = []
    for block in blocks:
        wanted = flatten([permission(_with_self(block, group))], group)
        if wanted and all(flat in left for flat in wanted):
            for flat in wanted:
                left.remove(flat)
            result.append(dict(block))
    grouped: dict[tuple[str, int, int, str], Values] = {}
    for protocol, low, high, kind, value, said in left:
        key = (protocol, low, high, said)
        block = grouped.setdefault(
            key, {"protocol": protocol, "fromPort": low, "toPort": high, "self": False}
        )
        if said:
            block["description"] = said
        if kind == "self":
            block["self"] = True
        else:
            block.setdefault(kind, []).append(value)
    return result + list(grouped.values())


class SecurityGroup(Ec2Handler):
    token = "aws:ec2/securityGroup:SecurityGroup"
    describe, listed, by_id = "describe_security_groups", "SecurityGroups", "GroupIds"
    tag_kind, id_member = "security-group", "GroupId"

    _MEMBERS: ClassVar = {"ingress": "IpPermissions", "egress": "IpPermissionsEgress"}

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ec2")
        vpc = {"VpcId": inputs["vpcId"]} if inputs.get("vpcId") else {}
        name = inputs.get("name") or _prefixed(inputs)
        try:
            answer = client.create_security_group(
                GroupName=name,
                Description=inputs.get("description") or "Managed by Pulumi",
                TagSpecifications=self.tagged(inputs),
                **vpc,
            )
        except ClientError as error:
            found = self.find(at, inputs) if code(error) == "InvalidGroup.Duplicate" else []
            if len(found) != 1:
                raise
            return found[0]
        return str(answer["GroupId"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        group = self.described(at, id) or {}
        # EC2 lets a new group send anywhere; the official provider never leaves that rule behind.
        for item in group.get("IpPermissionsEgress", []):
            kept = {key: value for key, value in item.items() if value not in ([], None)}
            with unless_gone():
                at.client("ec2").revoke_security_group_egress(GroupId=id, IpPermissions=[kept])
        for way in self._MEMBERS:
            self._authorize(at, id, way, inputs.get(way) or [])

    def _authorize(self, at: At, id: str, way: str, blocks: Iterable[State]) -> None:
        method = getattr(at.client("ec2"), f"authorize_security_group_{way}")
        for block in blocks:
            method(GroupId=id, IpPermissions=[permission(_with_self(block, id))])

    def _revoke(self, at: At, id: str, way: str, blocks: Iterable[State]) -> None:
        method = getattr(at.client("ec2"), f"revoke_security_group_{way}")
        for block in blocks:
            with unless_gone():
                method(GroupId=id, IpPermissions=[permission(_with_self(block, id))])

    def read(self, at: At, id: str, known: State) -> Values | None:
        group = self.described(at, id)
        if group is None:
            return None
        rules = {
            way: regroup(flatten(group.get(member, []), id), known.get(way) or [], id)
            for way, member in self._MEMBERS.items()
        }
        return {
            **rules,
            "name": group["GroupName"],
            "description": group.get("Description"),
            "vpcId": group.get("VpcId"),
            "ownerId": group.get("OwnerId"),
            "arn": at.arn("ec2", f"security-group/{id}"),
            "tagsAll": all_tags(group),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        for way in self._MEMBERS:
            if way in changed:
                before, after = olds.get(way) or [], news.get(way) or []
                self._revoke(at, id, way, [block for block in before if block not in after])
                self._authorize(at, id, way, [block for block in after if block not in before])
        update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        if known.get("revokeRulesOnDelete"):
            for way in self._MEMBERS:
                self._revoke(at, id, way, known.get(way) or [])
        delete = at.client("ec2").delete_security_group
        retry_dependency(at, f"deletion of security group {id}", lambda: delete(GroupId=id))


def _prefixed(inputs: State) -> str:
    """`namePrefix` and something unique, the same for the same resource."""
    urn = (inputs.get("tagsAll") or {}).get(URN_TAG) or repr(sorted(inputs))
    return f"{inputs.get('namePrefix', 'pulumi-')}{zlib.crc32(str(urn).encode()):08x}"


class VpcRule(Ec2Handler):
    """A rule with an id of its own, as EC2 has them: SecurityGroupIngressRule and its egress twin."""

    describe, listed = "describe_security_group_rules", "SecurityGroupRules"
    by_id, tag_kind, id_member = "SecurityGroupRuleIds", "security-group-rule", "SecurityGroupRuleId"
    has_twins = False  # a group takes no rule twice
    way: ClassVar[str]

    def _request(self, inputs: State) -> dict[str, Any]:
        """The rule in the words of ModifySecurityGroupRules."""
        protocol = protocol_name(inputs["ipProtocol"])
        rule: dict[str, Any] = {"IpProtocol": protocol}
        if protocol != "-1":
            rule |= {"FromPort": inputs.get("fromPort", -1), "ToPort": inputs.get("toPort", -1)}
        for name, member in self._MEMBERS.items():
            if inputs.get(name):
                rule[member] = inputs[name]
        return rule

    _MEMBERS: ClassVar = {
        "cidrIpv4": "CidrIpv4",
        "cidrIpv6": "CidrIpv6",
        "prefixListId": "PrefixListId",
        "referencedSecurityGroupId": "ReferencedGroupId",
        "description": "Description",
    }

    def _block(self, inputs: State) -> Values:
        names = {
            "cidrIpv4": "cidrBlocks",
            "cidrIpv6": "ipv6CidrBlocks",
            "prefixListId": "prefixListIds",
            "referencedSecurityGroupId": "securityGroups",
        }
        block = {name: [inputs[own]] for own, name in names.items() if inputs.get(own)}
        rest = {name: inputs.get(name) for name in ("fromPort", "toPort", "description")}
        given = {name: value for name, value in rest.items() if value is not None}
        return {"protocol": inputs["ipProtocol"], **given, **block}

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ec2")
        group = inputs["securityGroupId"]
        method = getattr(client, f"authorize_security_group_{self.way}")
        try:
            with at.cloud.exclusively(group):
                answer = method(
                    GroupId=group,
                    IpPermissions=[permission(self._block(inputs))],
                    TagSpecifications=self.tagged(inputs),
                )
        except ClientError as error:
            if code(error) != "InvalidPermission.Duplicate":
                raise
            found = self.find(at, inputs)
            if len(found) != 1:
                raise
            return found[0]
        return str(answer["SecurityGroupRules"][0]["SecurityGroupRuleId"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        update_tags(at, id, {}, inputs)

    def read(self, at: At, id: str, known: State) -> Values | None:
        rule = self.described(at, id)
        if rule is None or bool(rule.get("IsEgress")) != (self.way == "egress"):
            return None
        found: Values = {name: rule.get(member) for name, member in self._MEMBERS.items()}
        reference = rule.get("ReferencedGroupInfo") or {}
        found["referencedSecurityGroupId"] = reference.get("GroupId")
        for name, member in (("fromPort", "FromPort"), ("toPort", "ToPort")):
            port = rule.get(member)
            found[name] = None if port == -1 and known.get(name) is None else port
        return found | {
            "ipProtocol": rule["IpProtocol"],
            "securityGroupId": rule["GroupId"],
            "securityGroupRuleId": id,
            "arn": at.arn("ec2", f"security-group-rule/{id}"),
            "tagsAll": all_tags(rule),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if changed - {"tags", "tagsAll"}:
            rule = {"SecurityGroupRuleId": id, "SecurityGroupRule": self._request(news)}
            at.client("ec2").modify_security_group_rules(
                GroupId=news["securityGroupId"], SecurityGroupRules=[rule]
            )
        update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        group = known["securityGroupId"]
        method = getattr(at.client("ec2"), f"revoke_security_group_{self.way}")
        with at.cloud.exclusively(group), unless_gone():
            method(GroupId=group, SecurityGroupRuleIds=[id])


class SecurityGroupIngressRule(VpcRule):
    token = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
    way = "ingress"


class SecurityGroupEgressRule(VpcRule):
    token = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
    way = "egress"


class SecurityGroupRule(Handler):
    """One or several API rules under an id made from what they say."""

    token = "aws:ec2/securityGroupRule:SecurityGroupRule"

    def id_of(self, inputs: State) -> str:
        parts = [inputs["securityGroupId"]]
        parts += [str(inputs[name]) for name in ("fromPort", "toPort") if (inputs.get(name) or 0) > 0]
        parts += [protocol_name(inputs["protocol"]), inputs["type"]]
        for name in ("cidrBlocks", "ipv6CidrBlocks", "prefixListIds"):
            parts += sorted(inputs.get(name) or [])
        if inputs.get("self"):
            parts.append(inputs["securityGroupId"])
        if inputs.get("sourceSecurityGroupId") and not inputs.get("self"):
            parts.append(inputs["sourceSecurityGroupId"])
        text = "".join(f"{part}-" for part in parts)
        return f"sgrule-{zlib.crc32(text.encode())}"

    def _block(self, inputs: State) -> Values:
        source = inputs.get("sourceSecurityGroupId")
        block = {**inputs, "securityGroups": [source] if source and not inputs.get("self") else []}
        return dict(_with_self(block, inputs["securityGroupId"]))

    def create(self, at: At, inputs: State) -> str:
        group = inputs["securityGroupId"]
        method = getattr(at.client("ec2"), f"authorize_security_group_{inputs['type']}")
        with at.cloud.exclusively(group):
            method(GroupId=group, IpPermissions=[permission(self._block(inputs))])
        return self.id_of(inputs)

    def _flats(self, at: At, inputs: State) -> tuple[list[Flat], list[Flat]]:
        """The rules wanted, and those the group has."""
        group = inputs["securityGroupId"]
        item = first(at, "describe_security_groups", "SecurityGroups", GroupIds=[group]) or {}
        member = "IpPermissions" if inputs["type"] == "ingress" else "IpPermissionsEgress"
        return flatten([permission(self._block(inputs))], group), flatten(item.get(member, []), group)

    def read(self, at: At, id: str, known: State) -> Values | None:
        if not known:
            known = self._imported(id)
        wanted, has = self._flats(at, known)
        sources = {flat[:5]: flat[5] for flat in has}
        if not all(flat[:5] in sources for flat in wanted):
            return None
        found = {name: value for name, value in known.items() if name in self.properties}
        said = {sources[flat[:5]] for flat in wanted}
        found["description"] = said.pop() or None if len(said) == 1 else known.get("description")
        return found | {"id": self.id_of(known), "region": at.region}

    def _imported(self, id: str) -> Values:
        parts = id.split("_")
        if len(parts) < 6:
            raise ValueError(
                f"import a rule as SECURITYGROUPID_TYPE_PROTOCOL_FROMPORT_TOPORT_SOURCE, not {id!r}"
            )
        group, way, protocol, low, high, *sources = parts
        found: Values = {"securityGroupId": group, "type": way, "protocol": protocol}
        found |= {"fromPort": int(low), "toPort": int(high)}
        for source in sources:
            if source == "self":
                found["self"] = True
            elif source.startswith("sg-"):
                found["sourceSecurityGroupId"] = source
            else:
                kind = "prefixListIds" if source.startswith("pl-") else "cidrBlocks"
                found.setdefault("ipv6CidrBlocks" if ":" in source else kind, []).append(source)
        return found

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if "description" in changed:
            client = at.client("ec2")
            method = getattr(client, f"update_security_group_rule_descriptions_{news['type']}")
            method(GroupId=news["securityGroupId"], IpPermissions=[permission(self._block(news))])

    def delete(self, at: At, id: str, known: State) -> None:
        group = known["securityGroupId"]
        method = getattr(at.client("ec2"), f"revoke_security_group_{known['type']}")
        with at.cloud.exclusively(group), unless_gone():
            method(GroupId=group, IpPermissions=[permission(self._block(known))])

    def find(self, at: At, inputs: State) -> list[str]:
        wanted, has = self._flats(at, inputs)
        return [self.id_of(inputs)] if set(wanted) <= set(has) else []

    def owned(self, at: At, id: str, inputs: State) -> bool:
        return bool(self.find(at, inputs))
