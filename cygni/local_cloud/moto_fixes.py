"""Where moto 5.2 differs from AWS in a way that the stacks meet, put right in this process. Each with its reason."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

from cygni.local_cloud import (
    moto_account,
    moto_buckets,
    moto_cdn,
    moto_cloudwatch,
    moto_compute,
    moto_edge,
    moto_eks,
    moto_elasticache,
    moto_elbv2,
    moto_iam,
    moto_iam_simulation,
    moto_images,
    moto_kms,
    moto_launch_templates,
    moto_logs,
    moto_messaging,
    moto_network,
    moto_quotas,
    moto_rds,
    moto_regions,
    sdk_models,
)
from cygni.local_cloud.ecs.moto_ecs import fix_ecs
from cygni.local_cloud.patching import after, before
from cygni.local_cloud.registry.section import fix_ecr as fix_ecr_registry

_HOSTS = 1000
"""More than moto's services in the regions that anybody uses at once."""


def apply() -> None:
    """Put right what concerns every service; calling it again changes nothing."""
    sdk_models.remember()
    _remember_method_names()
    _remember_backends()


def apply_to(service: str) -> None:
    """Put right what concerns one service of moto's, once its modules are loaded, and first of those in which it makes
    something of its own."""
    for other in _MAKES_IN.get(service, ()):
        apply_to(other)
    fix = _FIXES.get(service)
    if fix is not None and service not in _applied:
        _applied.add(service)
        fix()


def _remember_method_names() -> None:
    """moto inspects the whole class of a service at each call (about 2 ms for EC2); a class does not change."""
    from moto.core import responses

    if not hasattr(responses.method_names_from_class, "cache_info"):
        responses.method_names_from_class = functools.cache(responses.method_names_from_class)


def _remember_backends() -> None:
    """moto looks through the folder of its modules at each call for the one that serves a host (nearly 1 ms)."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication as Dispatcher

    if not hasattr(Dispatcher.get_backend_for_host, "cache_info"):
        Dispatcher.get_backend_for_host = functools.lru_cache(_HOSTS)(Dispatcher.get_backend_for_host)


def _fix_ec2() -> None:
    """moto deletes a VPC below an attached internet gateway, security groups and endpoints, and leaves its default
    network ACL behind; it deletes a security group that rules of others refer to: what is done in the wrong order
    would pass here and fail on AWS. It leaves an endpoint without
    a type, which is a gateway's, and then cannot delete it; and says of a gateway that it has private DNS. It keeps
    the network interfaces of deleted NAT gateways and terminated instances. Of a rule's
    description it tells only that of an address range, not that of a group or
    a prefix list."""
    from moto.ec2.exceptions import DependencyViolationError
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.instances import Instance
    from moto.ec2.models.security_groups import SecurityGroupRule

    def refuse_when_used(backend: Any, vpc_id: str) -> None:
        for kind, resource_id in _inside_vpc(backend, vpc_id):
            raise DependencyViolationError(
                f"The vpc '{vpc_id}' has dependencies and cannot be deleted ({kind} {resource_id})."
            )

    def refuse_when_referred_to(backend: Any, name: str | None = None, group_id: str | None = None) -> None:
        group = backend.get_security_group_by_name_or_id(group_id or name)
        for other in _referring_to(backend, group) if group else []:
            raise DependencyViolationError(
                f"resource {group.id} has a dependent object (a rule of {other.id} refers to it)"
            )

    def remove_default_acl(backend: Any, answer: Any, vpc_id: str) -> None:
        for acl_id, acl in list(backend.network_acls.items()):
            if acl.vpc_id == vpc_id:
                del backend.network_acls[acl_id]

    def default_to_gateway(backend: Any, endpoint: Any, *args: Any, **named: Any) -> None:
        endpoint.vpc_endpoint_type = endpoint.vpc_endpoint_type or "Gateway"
        if endpoint.vpc_endpoint_type == "Gateway":
            endpoint.private_dns_enabled = False

    def let_go_of_primary_interface(instance: Any) -> None:
        for interface in instance.nics.values():
            if interface.description == "Primary network interface":
                interface.delete_on_termination = True

    def remove_interface(backend: Any, gateway: Any, *args: Any, **named: Any) -> None:
        backend.enis.pop(gateway._eni.id, None)  # noqa: SLF001

    def keep_prefix_list(rule: Any, *given: Any, prefix_list_id: Any = None, **named: Any) -> None:
        rule.prefix_list = (
            given[8] if len(given) > 8 else prefix_list_id
        )  # given[0] is the answer of __init__

    def description(rule: Any) -> str | None:
        sources = (rule.ip_range, rule.source_group, rule.prefix_list or {})
        return next((source["Description"] for source in sources if source.get("Description")), None)

    moto_network.fix_flow_logs()
    moto_network.fix_network_interfaces()
    moto_network.fix_network_acls()
    moto_regions.fix_ec2()
    moto_images.fix_ec2()
    after(SecurityGroupRule, "__init__", keep_prefix_list)
    SecurityGroupRule.description = property(description)
    before(EC2Backend, "delete_vpc", refuse_when_used)
    before(EC2Backend, "delete_security_group", refuse_when_referred_to)
    after(EC2Backend, "delete_vpc", remove_default_acl)
    after(EC2Backend, "create_vpc_endpoint", default_to_gateway)
    after(EC2Backend, "delete_nat_gateway", remove_interface)
    before(Instance, "terminate", let_go_of_primary_interface)
    moto_launch_templates.fix()


def _fix_iam() -> None:
    moto_iam.fix()
    moto_iam_simulation.fix()


def _fix_ecr() -> None:
    """moto holds repository names to an older pattern; today's, with `__` and `--`, is in the model and was checked
    before (limits.py)."""
    from moto.ecr import models

    models.ECR_REPOSITORY_NAME_PATTERN = ".*"
    fix_ecr_registry()


def _fix_s3() -> None:
    """moto leaves out conditions it does not know, so a bucket that refuses plain HTTP would refuse everything.
    The local cloud stands in for an endpoint with TLS: such a statement never applies here. It leaves out the tags
    that a bucket is to be made with."""
    from moto.iam.access_control import IAMPolicyStatement, PermissionResult
    from moto.s3.responses import S3Response

    judged = IAMPolicyStatement.is_action_permitted

    @functools.wraps(judged)
    def judge(statement: Any, *args: Any, **named: Any) -> Any:
        condition = statement._statement.get("Condition") or {}  # noqa: SLF001  # moto has no other way in
        wanted = {**condition.get("Bool", {}), **condition.get("BoolIfExists", {})}.get("aws:SecureTransport")
        if str(wanted).lower() == "false":
            return PermissionResult.NEUTRAL
        return judged(statement, *args, **named)

    def tag(response: Any, answer: Any, request: Any, bucket_name: str, querystring: Any) -> None:
        tags = _tags_of_new_bucket(response.body) if not querystring else {}
        if tags:
            response.backend.put_bucket_tagging(bucket_name, tags)

    moto_buckets.fix_replication()
    IAMPolicyStatement.is_action_permitted = judge
    after(S3Response, "_bucket_response_put", tag)


def _tags_of_new_bucket(body: bytes | str) -> dict[str, str]:
    """The tags in the XML of a CreateBucket."""
    if not body:
        return {}
    # Entities are expanded by moto's own parser before; the server listens to this machine alone.
    tags = ET.fromstring(body).iterfind("{*}Tags/{*}Tag")  # noqa: S314
    return {tag.findtext("{*}Key", ""): tag.findtext("{*}Value", "") for tag in tags}


def _inside_vpc(backend: Any, vpc_id: str) -> list[tuple[str, str]]:
    """What keeps AWS from deleting a VPC, beyond what moto looks at itself (subnets, route tables, gateways of
    VPNs)."""
    gateways = [g for g in backend.internet_gateways.values() if g.vpc and g.vpc.id == vpc_id]
    groups = [g for g in backend.groups.get(vpc_id, {}).values() if g.name != "default"]
    acls = [a for a in backend.network_acls.values() if a.vpc_id == vpc_id and not a.default]
    endpoints = [e for e in backend.vpc_end_points.values() if e.vpc_id == vpc_id and e.state != "deleted"]
    found = [("internet gateway", gateways), ("security group", groups)]
    found += [("network ACL", acls), ("VPC endpoint", endpoints)]
    return [(kind, str(resource.id)) for kind, resources in found for resource in resources]


def _referring_to(backend: Any, group: Any) -> list[Any]:
    """The other security groups with a rule that names `group`."""
    others = [one for groups in backend.groups.values() for one in groups.values() if one.id != group.id]
    return [
        other
        for other in others
        if any(
            rule.source_group.get("GroupId") == group.id for rule in other.ingress_rules + other.egress_rules
        )
    ]


_FIXES: dict[str, Callable[[], None]] = {
    "account": moto_regions.fix_account,
    "acm": moto_edge.fix_acm,
    "applicationautoscaling": moto_compute.fix_application_autoscaling,
    "cloudfront": moto_cdn.fix_cloudfront,
    "cloudwatch": moto_cloudwatch.fix_cloudwatch,
    "cloudtrail": moto_account.fix_cloudtrail,
    "ec2": _fix_ec2,
    "ecr": _fix_ecr,
    "ecs": fix_ecs,
    "eks": moto_eks.fix,
    "elasticache": moto_elasticache.fix,
    "elb": moto_elbv2.fix_elbv2,  # moto serves both generations under the name of the first
    "guardduty": moto_account.fix_guardduty,
    "iam": _fix_iam,
    "kms": moto_kms.fix,
    "logs": moto_logs.fix,
    "rds": moto_rds.fix,
    "route53": moto_edge.fix_route53,
    "s3": _fix_s3,
    "servicequotas": moto_quotas.fix,
    "securityhub": moto_account.fix_securityhub,
    "wafv2": moto_cdn.fix_wafv2,
    "scheduler": moto_compute.fix_scheduler,
    "servicediscovery": moto_compute.fix_servicediscovery,
    "sns": moto_messaging.fix_sns,
    "sqs": moto_messaging.fix_sqs,
}
_MAKES_IN = {"applicationautoscaling": ("cloudwatch",), "servicediscovery": ("route53",)}
_applied: set[str] = set()
