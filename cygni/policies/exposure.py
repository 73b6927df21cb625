"""What the whole internet can reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from cygni.policies.addresses import is_everybody
from cygni.policies.documents import allowing, principals_everybody
from cygni.policies.reading import entries, is_on, texts
from cygni.policies.rule import Level, Levels, ResourceRule, Scene
from cygni.pricing.charges import Gap
from cygni.pricing.inputs import text, whole
from cygni.resources import Resource

_MULTI_ZONE_CLUSTER: Final = "aws:rds/cluster:Cluster"


def _public_database(resource: Resource, scene: Scene) -> Iterator[str]:
    if is_on(resource.inputs, "publiclyAccessible"):
        yield "has an address on the internet (publiclyAccessible)"


NO_PUBLIC_DATABASE = ResourceRule(
    name="no-public-database",
    checks="Databases and message brokers have no address on the internet.",
    why="A database on the internet is found within hours and attacked for ever; one weak password is enough.",
    fix="Set publiclyAccessible to false, put it into private subnets, and reach it through the VPC.",
    levels=Levels.everywhere(Level.MANDATORY),
    types=frozenset(
        {
            "aws:rds/instance:Instance",
            "aws:rds/clusterInstance:ClusterInstance",
            _MULTI_ZONE_CLUSTER,
            "aws:neptune/clusterInstance:ClusterInstance",
            "aws:redshift/cluster:Cluster",
            "aws:redshiftserverless/workgroup:Workgroup",
            "aws:dms/replicationInstance:ReplicationInstance",
            "aws:mq/broker:Broker",
        }
    ),
    problems=_public_database,
)

_BUCKET_ACLS: Final = frozenset(
    {"aws:s3/bucketAcl:BucketAcl", "aws:s3/bucketAclV2:BucketAclV2"}  # the latter is its name of before
)
_WITH_ACL: Final = frozenset(
    {
        "aws:s3/bucket:Bucket",
        "aws:s3/bucketV2:BucketV2",
        "aws:s3/bucketObject:BucketObject",
        "aws:s3/bucketObjectv2:BucketObjectv2",
        "aws:s3/objectCopy:ObjectCopy",
        *_BUCKET_ACLS,
    }
)
_BUCKET_POLICY: Final = "aws:s3/bucketPolicy:BucketPolicy"
_BLOCKS: Final = frozenset(
    {
        "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
        "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock",
    }
)
_BLOCKING: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_PUBLIC_ACLS: Final = ("public-read", "public-read-write", "authenticated-read")
_EVERYBODY: Final = ("global/AllUsers", "global/AuthenticatedUsers")


def _public_bucket(resource: Resource, scene: Scene) -> Iterator[str]:
    inputs = resource.inputs
    if resource.type in _BLOCKS:
        open_doors = [key for key in _BLOCKING if inputs.get(key) is None or inputs.get(key) is False]
        if open_doors:
            yield f"does not block all public access ({', '.join(open_doors)})"
        return
    if text(inputs, "acl") in _PUBLIC_ACLS:
        yield f"gives objects to everybody (acl: {inputs['acl']})"
    if resource.type in _BUCKET_ACLS and _grants_everybody(inputs):
        yield "gives objects to everybody (accessControlPolicy.grants)"
    if any(principals_everybody(statement) for statement in allowing(inputs.get("policy"))):
        yield 'lets everybody in (policy with Principal "*" and no Condition)'


def _grants_everybody(inputs: Mapping[str, Any]) -> bool:
    grants = (
        grant
        for given in entries(inputs.get("accessControlPolicy"))
        for grant in entries(given.get("grants"))
    )
    grantees = (grantee for grant in grants for grantee in entries(grant.get("grantee")))
    return any(str(grantee.get("uri", "")).endswith(_EVERYBODY) for grantee in grantees)


NO_PUBLIC_BUCKET = ResourceRule(
    name="no-public-bucket",
    checks="Buckets are closed to the public: no public ACL, no policy for everybody, all access blocks on.",
    why="Strangers list and copy what is in a public bucket, and what they copied cannot be called back.",
    fix="Block public access and give objects out through CloudFront or signed URLs.",
    levels=Levels.everywhere(Level.MANDATORY),
    types=frozenset({_BUCKET_POLICY, *_WITH_ACL, *_BLOCKS}),
    problems=_public_bucket,
)

_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
_DEFAULT_GROUP: Final = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
_INGRESS_RULE: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
_LOAD_BALANCERS: Final = frozenset(
    {
        "aws:lb/loadBalancer:LoadBalancer",
        "aws:alb/loadBalancer:LoadBalancer",
        "aws:elb/loadBalancer:LoadBalancer",
    }
)
_WEB_PORTS: Final = (80, 443)
_WEB_PROTOCOLS: Final = ("tcp", "udp", "6", "17")  # HTTP/3 is UDP


def _open_ingress(resource: Resource, scene: Scene) -> Iterator[str]:
    inputs = resource.inputs
    if resource.type == _RULE and text(inputs, "type") != "ingress":
        return
    for rule in _ingress_of(resource):
        sources = [one for key in _SOURCES for one in texts(rule.get(key)) if is_everybody(one)]
        if sources and not _is_web_entrance(resource, rule, scene):
            yield f"lets {sources[0]} in on {_ports(rule)}"


_SOURCES: Final = ("cidrIpv4", "cidrIpv6", "cidrBlocks", "ipv6CidrBlocks")


def _ingress_of(resource: Resource) -> Iterator[Mapping[str, Any]]:
    if resource.type in (_GROUP, _DEFAULT_GROUP):
        yield from entries(resource.inputs.get("ingress"))
    else:
        yield resource.inputs


def _protocol(rule: Mapping[str, Any]) -> str | Gap:
    return text(rule, "ipProtocol" if rule.get("ipProtocol") is not None else "protocol")


def _ports(rule: Mapping[str, Any]) -> str:
    first, last, protocol = whole(rule, "fromPort"), whole(rule, "toPort"), _protocol(rule)
    if isinstance(protocol, Gap):
        return "ports that are known only after the deploy"
    if protocol in ("-1", "all") or isinstance(first, Gap) or isinstance(last, Gap):
        return "every port" if protocol in ("-1", "all") else f"{protocol}"
    return f"{protocol} {first}" if first == last else f"{protocol} {first}-{last}"


def _is_web_entrance(resource: Resource, rule: Mapping[str, Any], scene: Scene) -> bool:
    """Whether it is, or may turn out to be, HTTP or HTTPS to a load balancer."""
    protocol = _protocol(rule)
    if isinstance(protocol, str) and protocol not in _WEB_PROTOCOLS:
        return False
    if rule.get("fromPort") is None or rule.get("toPort") is None:
        return False
    ports = {port for key in ("fromPort", "toPort") if not isinstance(port := whole(rule, key), Gap)}
    if len(ports) > 1 or not ports <= set(_WEB_PORTS):
        return False
    return _may_be_of_load_balancer(resource, scene)


def _may_be_of_load_balancer(resource: Resource, scene: Scene) -> bool:
    """A group that is not among the resources may be anybody's, a load balancer's too."""
    group: Resource | None = resource
    if resource.type not in (_GROUP, _DEFAULT_GROUP):
        group = scene.resources.referred(resource, "securityGroupId", _GROUP)
    if group is None:
        return True
    return any(user.type in _LOAD_BALANCERS for user in scene.resources.users_of(group.urn))


NO_OPEN_INGRESS = ResourceRule(
    name="no-open-ingress",
    checks="Security groups let the whole internet in on nothing but ports 80 and 443 of a load balancer. A range "
    "wider than /8 (IPv4) or /16 (IPv6) counts as the whole internet.",
    why="Every open port is scanned within minutes. Behind a load balancer only HTTP reaches what runs.",
    fix="Name the security group or the range of addresses that needs it; let people in through the load balancer.",
    levels=Levels.everywhere(Level.MANDATORY),
    types=frozenset({_GROUP, _DEFAULT_GROUP, _RULE, _INGRESS_RULE}),
    problems=_open_ingress,
    looks_around=True,
)
