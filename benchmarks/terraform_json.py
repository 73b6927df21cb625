"""The same resources for Terraform: its JSON syntax, from the state that a Cygni deployment left (pure).

Ids, ARNs and names that came from another resource become references, so that Terraform finds the same graph.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

STACK_REFERENCE = "pulumi:pulumi:StackReference"
_REFERRED = ("id", "arn", "name")
_NEVER = frozenset({"__defaults", "region", "tagsAll"})


class NotTranslated(ValueError):
    """A resource type that the table below does not know."""


@dataclass(frozen=True)
class TerraformType:
    """`name` is the type in Terraform's AWS provider; `blocks` are properties whose name is singular there."""

    name: str
    blocks: Mapping[str, str] = field(default_factory=dict)


TYPES: Mapping[str, TerraformType] = {
    "aws:cloudwatch/logGroup:LogGroup": TerraformType("aws_cloudwatch_log_group"),
    "aws:ec2/internetGateway:InternetGateway": TerraformType("aws_internet_gateway"),
    "aws:ec2/route:Route": TerraformType("aws_route"),
    "aws:ec2/routeTable:RouteTable": TerraformType("aws_route_table"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": TerraformType("aws_route_table_association"),
    "aws:ec2/securityGroup:SecurityGroup": TerraformType("aws_security_group"),
    "aws:ec2/subnet:Subnet": TerraformType("aws_subnet"),
    "aws:ec2/vpc:Vpc": TerraformType("aws_vpc"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": TerraformType("aws_vpc_endpoint"),
    "aws:ecs/cluster:Cluster": TerraformType("aws_ecs_cluster"),
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": TerraformType(
        "aws_ecs_cluster_capacity_providers"
    ),
    "aws:ecs/service:Service": TerraformType("aws_ecs_service"),
    "aws:ecs/taskDefinition:TaskDefinition": TerraformType("aws_ecs_task_definition"),
    "aws:iam/role:Role": TerraformType("aws_iam_role"),
    "aws:iam/rolePolicy:RolePolicy": TerraformType("aws_iam_role_policy"),
    "aws:s3/bucket:Bucket": TerraformType("aws_s3_bucket"),
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": TerraformType(
        "aws_s3_bucket_ownership_controls"
    ),
    "aws:s3/bucketPolicy:BucketPolicy": TerraformType("aws_s3_bucket_policy"),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": TerraformType(
        "aws_s3_bucket_public_access_block"
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": TerraformType(
        "aws_s3_bucket_server_side_encryption_configuration", {"rules": "rule"}
    ),
    "aws:s3/bucketVersioning:BucketVersioning": TerraformType("aws_s3_bucket_versioning"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": TerraformType(
        "aws_vpc_security_group_egress_rule"
    ),
}


def configuration(stacks: Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """The `resource` section for the resources of several stacks' states, in the order the stacks depend.

    Raises NotTranslated for a type that is not in `TYPES`.
    """
    written: dict[str, dict[str, Any]] = {}
    known: dict[str, Mapping[str, str]] = {}
    earlier: list[str] = []
    for resources in stacks:
        cloud = [one for one in resources if one["type"].startswith("aws:")]
        known |= {one["urn"]: _expressions(one) for one in cloud}
        for one in cloud:
            section = written.setdefault(_type(one).name, {})
            section[_label(one)] = _block(one, known, earlier)
        earlier += [one["urn"] for one in cloud]
    return written


def count(resources: Mapping[str, Mapping[str, Any]]) -> int:
    """How many resources a `resource` section declares."""
    return sum(len(named) for named in resources.values())


def _type(resource: Mapping[str, Any]) -> TerraformType:
    try:
        return TYPES[resource["type"]]
    except KeyError:
        raise NotTranslated(f"{resource['type']} has no translation for Terraform") from None


def _label(resource: Mapping[str, Any]) -> str:
    name: str = resource["urn"].split("::")[-1]
    return name.replace(".", "_")


def _address(resource: Mapping[str, Any]) -> str:
    return f"{_type(resource).name}.{_label(resource)}"


def _expressions(resource: Mapping[str, Any]) -> Mapping[str, str]:
    """What a resource is known by once it exists, and how Terraform says it."""
    values = {"id": resource.get("id"), **(resource.get("outputs") or {})}
    found: dict[str, str] = {}
    for attribute in _REFERRED:
        if values.get(attribute):
            found.setdefault(str(values[attribute]), f"${{{_address(resource)}.{attribute}}}")
    return found


def _block(
    resource: Mapping[str, Any], known: Mapping[str, Mapping[str, str]], earlier: Iterable[str]
) -> dict[str, Any]:
    inputs = resource.get("inputs") or {}
    defaults = set(inputs.get("__defaults") or ()) - {"name"}
    sources = resource.get("propertyDependencies") or {}
    block: dict[str, Any] = {}
    for key, value in inputs.items():
        if key in _NEVER or key in defaults:
            continue
        known_here = _known_to(sources.get(key) or (), known, earlier)
        name = _type(resource).blocks.get(key) or snake_case(key)
        block[name] = _value(value, known_here, free=key == "tags")
    through_properties = {urn for urns in sources.values() for urn in urns or ()}
    waits = [
        urn for urn in resource.get("dependencies") or () if urn in known and urn not in through_properties
    ]
    if waits:
        addresses = {text[2:-1].rpartition(".")[0] for urn in waits for text in known[urn].values()}
        block["depends_on"] = sorted(addresses)
    return block


def _known_to(
    urns: Iterable[str], known: Mapping[str, Mapping[str, str]], earlier: Iterable[str]
) -> dict[str, str]:
    """The texts that may be references here: of the resources it depends on, behind a stack reference of all."""
    wanted: list[str] = []
    for urn in urns:
        wanted += earlier if f"{STACK_REFERENCE}::" in urn else [urn]
    found: dict[str, str] = {}
    for urn in wanted:  # the first to bear a text owns it: a bucket's policy has its bucket's name for an id
        for text, said in known.get(urn, {}).items():
            found.setdefault(text, said)
    return found


def _value(value: Any, known: Mapping[str, str], *, free: bool) -> Any:
    """A value in Terraform's spelling; the keys of a `free` mapping are somebody's own words."""
    if isinstance(value, str):
        return _text(value, known)
    if isinstance(value, Mapping):
        return {
            key if free else snake_case(key): _value(inner, known, free=free) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_value(inner, known, free=free) for inner in value]
    return value


def _text(text: str, known: Mapping[str, str]) -> str:
    found = [one for one in known if one in text]
    if not found:
        return _literal(text)
    longest_first = sorted(found, key=len, reverse=True)
    # A reference ends where its text does: w1 is not the beginning of w10.
    pattern = re.compile("|".join(f"{re.escape(one)}(?![A-Za-z0-9-])" for one in longest_first))
    pieces, position = [], 0
    for match in pattern.finditer(text):
        pieces += [_literal(text[position : match.start()]), known[match[0]]]
        position = match.end()
    return "".join([*pieces, _literal(text[position:])])


def _literal(text: str) -> str:
    return text.replace("${", "$${").replace("%{", "%%{")


def snake_case(name: str) -> str:
    """`cidrIpv4` as Terraform has it: `cidr_ipv4`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
