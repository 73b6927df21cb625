"""What a plain comparison gets wrong: the per-type exceptions of the official provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cygni.local_cloud.provider import rules_compute, rules_databases, rules_edge, rules_eks, rules_messaging
from cygni.local_cloud.provider.compare import is_empty
from cygni.local_cloud.provider.wire import UNKNOWN

State = Mapping[str, Any]
# (property, old value, new value, old outputs, new inputs) -> verdict
Rule = Callable[[str, Any, Any, State, State], bool]

_VPC = "aws:ec2/vpc:Vpc"
_SUBNET = "aws:ec2/subnet:Subnet"
_NAT = "aws:ec2/natGateway:NatGateway"
_ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint"
_SG_RULE = "aws:ec2/securityGroupRule:SecurityGroupRule"
_INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
_ACL_RULE = "aws:ec2/networkAclRule:NetworkAclRule"
_FLOW_LOG = "aws:ec2/flowLog:FlowLog"
_LB = "aws:lb/loadBalancer:LoadBalancer"
_LISTENER = "aws:lb/listener:Listener"
_LISTENER_RULE = "aws:lb/listenerRule:ListenerRule"
_TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
_ECS_SERVICE = "aws:ecs/service:Service"
_TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
_REPOSITORY = "aws:ecr/repository:Repository"
_PARAMETER = "aws:ssm/parameter:Parameter"
_OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
_BUCKET = "aws:s3/bucket:Bucket"


def _tenancy(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return not (old == "dedicated" and new == "default")


def _subnet_ipv6(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return bool(olds.get("assignIpv6AddressOnCreation"))


def _other_source_kind(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    """A rule keeps its kind of source (CIDR, prefix list, group); another value of the kind is an update."""
    return old is None or new is None


def _not_interface(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return news.get("vpcEndpointType") != "Interface"


def _network_subnets(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    """Network load balancers only ever gain subnets; application ones change them in place."""
    if news.get("loadBalancerType") != "network" and name == "subnets":
        return False
    if not isinstance(old, list) or not isinstance(new, list):
        return new is not UNKNOWN
    return bool(any(item not in new for item in old))


def _network_groups(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return bool(news.get("loadBalancerType") == "network" and is_empty(old) != is_empty(new))


def _always(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return True


# Where the facts say "conditional": whether this change replaces.
_REPLACES: Mapping[tuple[str, str], Rule] = {
    (_VPC, "instanceTenancy"): _tenancy,
    (_SUBNET, "ipv6CidrBlock"): _subnet_ipv6,
    **{
        (token, name): _other_source_kind
        for token in (_INGRESS, _EGRESS)
        for name in ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")
    },
    (_ENDPOINT, "privateDnsEnabled"): _not_interface,
    (_LB, "subnets"): _network_subnets,
    (_LB, "subnetMappings"): _network_subnets,
    (_LB, "securityGroups"): _network_groups,
    **rules_databases.REPLACES,
    **rules_eks.REPLACES,
}


def replaces(token: str, name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    """Whether a change of a property with conditional replacement replaces."""
    return _REPLACES.get((token, name), _always)(name, old, new, olds, news)


def _removed(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return new is None


def _all_protocols(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return news.get("protocol") in ("-1", "all") and is_empty(old)


def _same_protocol(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return isinstance(old, str) and isinstance(new, str) and protocol_name(old) == protocol_name(new)


def _not_application(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return not _application(name, old, new, olds, news)


def _application(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return bool(news.get("loadBalancerType") == "application")


def _intelligent_tier(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return bool(new == "Intelligent-Tiering")


def _daemon(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return bool(news.get("schedulingStrategy") == "DAEMON")


def _not_forced(name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    return not news.get("forceNewDeployment") or is_empty(new)


# Differences that are none.
_SUPPRESSED: Mapping[tuple[str, str], Rule] = {
    (_SG_RULE, "fromPort"): _all_protocols,
    (_SG_RULE, "toPort"): _all_protocols,
    (_SG_RULE, "protocol"): _same_protocol,
    (_ACL_RULE, "protocol"): _same_protocol,
    (_INGRESS, "ipProtocol"): _same_protocol,
    (_EGRESS, "ipProtocol"): _same_protocol,
    (_LB, "idleTimeout"): _not_application,
    (_LB, "enableHttp2"): _not_application,
    (_LB, "enableCrossZoneLoadBalancing"): _application,
    (_REPOSITORY, "encryptionConfigurations"): _removed,
    (_REPOSITORY, "imageScanningConfiguration"): _removed,
    (_ECS_SERVICE, "alarms"): _removed,
    (_ECS_SERVICE, "deploymentCircuitBreaker"): _removed,
    (_ECS_SERVICE, "deploymentController"): _removed,
    (_ECS_SERVICE, "desiredCount"): _daemon,
    (_ECS_SERVICE, "deploymentMaximumPercent"): _daemon,
    (_ECS_SERVICE, "deploymentMinimumHealthyPercent"): _daemon,
    (_ECS_SERVICE, "triggers"): _not_forced,
    (_PARAMETER, "tier"): _intelligent_tier,
    **rules_databases.SUPPRESSED,
    **rules_eks.SUPPRESSED,
    **rules_edge.SUPPRESSED,
}


def is_suppressed(token: str, name: str, old: Any, new: Any, olds: State, news: State) -> bool:
    """Whether a difference of this property is to be ignored."""
    rule = _SUPPRESSED.get((token, name))
    return rule is not None and rule(name, old, new, olds, news)


# (type, output) -> inputs whose change in place makes the output unknown until applied.
_MOVED_BY: Mapping[tuple[str, str], frozenset[str]] = {
    (_VPC, "ipv6AssociationId"): frozenset({"assignGeneratedIpv6CidrBlock"}),
    (_VPC, "ipv6CidrBlock"): frozenset({"assignGeneratedIpv6CidrBlock"}),
    (_ENDPOINT, "networkInterfaceIds"): frozenset({"subnetIds"}),
    (_ENDPOINT, "subnetConfigurations"): frozenset({"subnetIds"}),
    (_PARAMETER, "version"): frozenset({"value", "insecureValue"}),
    **{
        (_OBJECT, name): frozenset(
            {"content", "contentBase64", "source", "sourceHash", "etag", "metadata", "cacheControl",
             "contentType", "storageClass", "kmsKeyId", "serverSideEncryption"}
        )
        for name in ("versionId", "etag")
    },
    **rules_databases.MOVED_BY,
    **rules_eks.MOVED_BY,
    **rules_edge.MOVED_BY,
}  # fmt: skip


def moves(token: str, output: str, changed: set[str]) -> bool:
    """Whether changing these inputs in place changes the computed `output`."""
    return not _MOVED_BY.get((token, output), frozenset()).isdisjoint(changed)


_PROTOCOLS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}


def protocol_number(protocol: str) -> str:
    """The number of an IP protocol given by name or number, as text; -1 for all."""
    name = protocol_name(protocol)
    return next((number for number, known in _PROTOCOLS.items() if known == name and number != "all"), name)


def protocol_name(protocol: str) -> str:
    """EC2's name of an IP protocol given by name or number."""
    protocol = str(protocol).lower()
    return _PROTOCOLS.get(protocol, protocol)


# Inputs that AWS has and the handlers do not apply: refused, for ignoring them would be a lie.
_NOT_APPLIED: Mapping[str, tuple[str, ...]] = {
    _SUBNET: ("customerOwnedIpv4Pool", "enableLniAtDeviceIndex", "mapCustomerOwnedIpOnLaunch"),
    _NAT: ("availabilityZoneAddresses",),
    _ENDPOINT: ("autoAccept",),
    _FLOW_LOG: ("regionalNatGatewayId", "tagFieldSpecifications"),
    _LB: (
        "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
        "minimumLoadBalancerCapacity",
        "secondaryIpsAutoAssignedPerSubnet",
    ),
    _TARGET_GROUP: ("targetFailovers", "targetGroupHealth", "targetHealthStates"),
    **rules_databases.NOT_APPLIED,
    **rules_eks.NOT_APPLIED,
    **rules_edge.NOT_APPLIED,
    **rules_compute.NOT_APPLIED,
    **rules_messaging.NOT_APPLIED,
}
# Deprecated blocks inside a bucket, each of which pulumi-aws 7 has a resource of its own for.
_BUCKET_BLOCKS = (
    "accelerationStatus", "acl", "corsRules", "grants", "lifecycleRules", "logging",
    "objectLockConfiguration", "policy", "replicationConfiguration", "requestPayer",
    "serverSideEncryptionConfiguration", "versioning", "website",
)  # fmt: skip


def violations(token: str, inputs: State) -> Iterator[tuple[str, str]]:
    """Rules between properties that the facts cannot express: (property path, reason)."""
    for name in _NOT_APPLIED.get(token, ()):
        if not is_empty(inputs.get(name)):
            yield name, "the local cloud does not serve this input: leave it out for the local target"
    yield from rules_messaging.violations(token, inputs)
    if token == _BUCKET:
        for name in _BUCKET_BLOCKS:
            if not is_empty(inputs.get(name)):
                yield name, f"use the resource for {name} (BucketVersioning, BucketPolicy, …), not this block"
    if token in (_LISTENER, _LISTENER_RULE):
        name = "defaultActions" if token == _LISTENER else "actions"
        yield from _action_violations(name, inputs.get(name))
    elif token == _TARGET_GROUP and inputs.get("targetType") != "lambda":
        for name in ("port", "protocol", "vpcId"):
            if inputs.get(name) is None:
                yield name, f"{name} is required unless targetType is lambda"
    elif token == _NAT:
        yield from _nat_violations(inputs)
    elif token == _PARAMETER:
        if inputs.get("type") == "SecureString" and inputs.get("insecureValue") is not None:
            yield "insecureValue", "a SecureString takes its value from value"
        if all(inputs.get(name) is None for name in ("value", "insecureValue", "valueWo")):
            yield "value", "one of value, insecureValue, valueWo is needed"
    elif token in (_INGRESS, _EGRESS) and inputs.get("ipProtocol") == "-1":
        for name in ("fromPort", "toPort"):
            if inputs.get(name) not in (None, -1, UNKNOWN):
                yield name, "ports must be left out when ipProtocol is -1 (all)"
    else:
        yield from rules_databases.violations(token, inputs)
        yield from rules_edge.violations(token, inputs)
        yield from rules_eks.violations(token, inputs)
        yield from rules_compute.violations(token, inputs)


def _nat_violations(inputs: State) -> Iterator[tuple[str, str]]:
    if inputs.get("connectivityType") == "private":
        if inputs.get("allocationId") is not None:
            yield "allocationId", "a private NAT gateway has no Elastic IP address"
    elif inputs.get("availabilityMode") != "regional" and inputs.get("allocationId") is None:
        yield "allocationId", "a public NAT gateway needs an Elastic IP address"
    if inputs.get("availabilityMode") != "regional" and inputs.get("subnetId") is None:
        yield "subnetId", "a zonal NAT gateway needs a subnet"


_ACTION_BLOCKS = {
    "authenticate-oidc": "authenticateOidc",
    "authenticate-cognito": "authenticateCognito",
    "redirect": "redirect",
    "fixed-response": "fixedResponse",
    "jwt-validation": "jwtValidation",
}


def _action_violations(name: str, actions: Any) -> Iterator[tuple[str, str]]:
    for index, action in enumerate(actions if isinstance(actions, list) else []):
        kind = action.get("type") if isinstance(action, Mapping) else None
        path = f"{name}[{index}]"
        block = _ACTION_BLOCKS.get(kind) if isinstance(kind, str) else None
        if block and action.get(block) is None:
            yield f"{path}.{block}", f"an action of type {kind} needs {block}"
        if kind == "forward" and action.get("forward") is None and action.get("targetGroupArn") is None:
            yield path, "a forward action needs targetGroupArn or forward"
