"""Where moto's EventBridge Scheduler, Application Auto Scaling and Cloud Map differ from AWS in a way that the stacks
meet; applied by moto_fixes.py. Each with its reason."""

from __future__ import annotations

import json
from typing import Any

from cygni.local_cloud.patching import after, before


def fix_scheduler() -> None:
    """moto makes a schedule group anew where one of the name is, and fails with a KeyError of its own where a group
    is missing. Of tags to take away it reads only those of the query's older spelling."""
    from moto.core.exceptions import JsonRESTError
    from moto.scheduler.exceptions import ScheduleGroupNotFound
    from moto.scheduler.models import EventBridgeSchedulerBackend
    from moto.scheduler.responses import EventBridgeSchedulerResponse

    def refuse_twin(backend: Any, name: str, tags: Any) -> None:
        if name in backend.schedule_groups:
            raise JsonRESTError("ConflictException", f"Schedule group {name} already exists.")

    def need_group(backend: Any, *args: Any, **named: Any) -> None:
        name = named["group_name"] if "group_name" in named else args[0]
        if (name or "default") not in backend.schedule_groups:
            raise ScheduleGroupNotFound(name)

    def untag(response: Any) -> str:
        from urllib.parse import unquote

        arn = unquote(response.uri.split("?")[0].split("/tags/")[-1])
        keys = response.querystring.get("TagKeys") or response.querystring.get("tagKeys") or []
        response.scheduler_backend.untag_resource(arn, keys)
        return "{}"

    before(EventBridgeSchedulerBackend, "create_schedule_group", refuse_twin)
    before(EventBridgeSchedulerBackend, "create_schedule", need_group)
    before(EventBridgeSchedulerBackend, "delete_schedule_group", need_group)
    EventBridgeSchedulerResponse.untag_resource = untag


_DIMENSION_ROLE = "AWSServiceRoleForApplicationAutoScaling_ECSService"
_NOT_SUSPENDED = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}


def fix_application_autoscaling() -> None:
    """moto knows no tags of targets (whoever asks for them gets an error that SDKs try again for ever), no role and
    no state of suspension. It takes a policy for a target that is not there, gives a policy that is put again
    another ARN and leaves its old alarms behind, keeps the policies of a target that is gone, takes the policies of
    a resource for those of another whose name begins alike, and calls what is missing invalid."""
    from moto.applicationautoscaling.models import ApplicationAutoscalingBackend, FakeScalableTarget
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
    from moto.core.exceptions import JsonRESTError
    from moto.utilities.utils import get_partition

    def missing(what: str) -> Any:
        return JsonRESTError("ObjectNotFoundException", f"No {what} found.")

    def complete(target: Any, *args: Any, **named: Any) -> None:
        target.suspended_state = _NOT_SUSPENDED | (target.suspended_state or {})
        backend = target.applicationautoscaling_backend
        if target.service_namespace == "ecs":
            target.role_arn = (
                f"arn:{get_partition(backend.region_name)}:iam::{backend.account_id}:role/aws-service-role/"
                f"ecs.application-autoscaling.amazonaws.com/{_DIMENSION_ROLE}"
            )

    def need_target(backend: Any, namespace: str, r_id: str, dimension: str) -> None:
        if r_id not in backend.targets.get(dimension, {}):
            raise missing("scalable target")
        for policy in list(backend.policies.values()):
            if (policy.resource_id, policy.scalable_dimension) == (r_id, dimension):
                backend.delete_scaling_policy(policy.policy_name, namespace, r_id, dimension)

    after(FakeScalableTarget, "__init__", complete)
    after(FakeScalableTarget, "update", complete)
    before(ApplicationAutoscalingBackend, "deregister_scalable_target", need_target)
    _fix_policies(ApplicationAutoscalingBackend, missing)
    _add_tags(ApplicationAutoScalingResponse)


def _fix_policies(backends: Any, missing: Any) -> None:
    from moto.applicationautoscaling.models import FakeApplicationAutoscalingPolicy

    put, describe = backends.put_scaling_policy, backends.describe_scaling_policies
    key = FakeApplicationAutoscalingPolicy.formulate_key

    def put_again(backend: Any, **named: Any) -> Any:
        place = [named[name] for name in ("service_namespace", "resource_id", "scalable_dimension")]
        if named["resource_id"] not in backend.targets.get(named["scalable_dimension"], {}):
            raise missing("scalable target")
        old = backend.policies.get(key(*place, named["policy_name"]))
        policy = put(backend, **named)
        if old is not None:
            old.delete_alarms(backend.account_id, backend.region_name)
            policy.policy_arn, policy.creation_time = old.policy_arn, old.creation_time
        return policy

    def describe_exactly(backend: Any, resource_id: str, **named: Any) -> Any:
        token, found = describe(backend, resource_id=resource_id, **named)
        return token, [one for one in found if resource_id in (None, one.resource_id)]

    def need_policy(
        backend: Any, policy_name: str, service_namespace: str, resource_id: str, scalable_dimension: str
    ) -> None:
        if key(service_namespace, resource_id, scalable_dimension, policy_name) not in backend.policies:
            raise missing("scaling policy")

    backends.put_scaling_policy = put_again
    backends.describe_scaling_policies = describe_exactly
    before(backends, "delete_scaling_policy", need_policy)


def _add_tags(responses: Any) -> None:
    """ListTagsForResource, TagResource and UntagResource, and the tags a target is registered with."""
    from moto.core.exceptions import JsonRESTError
    from moto.utilities.tagging_service import TaggingService

    def tagger_of(backend: Any) -> Any:
        # Another service of moto's may have made the backend before it was put right.
        return vars(backend).setdefault("tagger", TaggingService())

    def target_of(response: Any) -> tuple[Any, str]:
        backend, arn = response.applicationautoscaling_backend, response._get_param("ResourceARN")  # noqa: SLF001
        if not any(target.arn == arn for targets in backend.targets.values() for target in targets.values()):
            raise JsonRESTError("ResourceNotFoundException", f"The resource {arn} is not found.")
        return backend, arn

    def list_tags_for_resource(response: Any) -> str:
        backend, arn = target_of(response)
        return json.dumps({"Tags": tagger_of(backend).get_tag_dict_for_resource(arn)})

    def tag_resource(response: Any) -> str:
        backend, arn = target_of(response)
        tags = response._get_param("Tags")  # noqa: SLF001
        tagger_of(backend).tag_resource(arn, [{"Key": key, "Value": tags[key]} for key in tags])
        return "{}"

    def untag_resource(response: Any) -> str:
        backend, arn = target_of(response)
        tagger_of(backend).untag_resource_using_names(arn, response._get_param("TagKeys"))  # noqa: SLF001
        return "{}"

    register = responses.register_scalable_target

    def register_with_tags(response: Any) -> str:
        answer: str = register(response)
        tags = response._get_param("Tags") or {}  # noqa: SLF001
        arn = json.loads(answer)["ScalableTargetARN"]
        tagger = tagger_of(response.applicationautoscaling_backend)
        tagger.tag_resource(arn, [{"Key": key, "Value": tags[key]} for key in tags])
        return answer

    responses.register_scalable_target = register_with_tags
    responses.list_tags_for_resource = list_tags_for_resource
    responses.tag_resource = tag_resource
    responses.untag_resource = untag_resource


def fix_servicediscovery() -> None:
    """moto names the hosted zone of a private namespace otherwise than AWS, joins it to no VPC, keeps it when the
    namespace is deleted, and allows one namespace in a VPC. It deletes a namespace that has services, and a service
    that has instances, and makes two services of one name."""
    from moto.core.exceptions import JsonRESTError
    from moto.route53.models import route53_backends
    from moto.servicediscovery.models import Namespace, ServiceDiscoveryBackend
    from moto.utilities.utils import get_partition

    def zones(backend: Any) -> Any:
        return route53_backends[backend.account_id][get_partition(backend.region_name)]

    def create(
        backend: Any,
        name: str,
        creator_request_id: str,
        description: str,
        vpc: str,
        tags: Any,
        properties: Any,
    ) -> str:
        for there in backend.namespaces.values():
            if (there.name, there.vpc) == (name, vpc):
                raise JsonRESTError("NamespaceAlreadyExists", f"{name} exists in {vpc} already")
        zone = zones(backend).create_hosted_zone(
            f"{name}.", private_zone=True, vpcid=vpc, vpcregion=backend.region_name, comment=description
        )
        dns = {
            **(properties or {}).get("DnsProperties", {}),
            "HostedZoneId": zone.id.removeprefix("/hostedzone/"),
        }
        namespace = Namespace(
            account_id=backend.account_id, region=backend.region_name, name=name, ns_type="DNS_PRIVATE",
            creator_request_id=creator_request_id, description=description, dns_properties=dns,
            http_properties={"HttpName": name}, vpc=vpc,
        )  # fmt: skip
        backend.namespaces[namespace.id] = namespace
        backend.tagger.tag_resource(namespace.arn, tags or [])
        operation: str = backend._create_operation("CREATE_NAMESPACE", targets={"NAMESPACE": namespace.id})  # noqa: SLF001
        return operation

    def let_go_of_zone(backend: Any, namespace_id: str) -> None:
        namespace = backend.get_namespace(namespace_id)
        if any(_namespace_of(service) == namespace_id for service in backend.services.values()):
            raise JsonRESTError("ResourceInUse", f"Namespace {namespace_id} has services")
        zone = (namespace.dns_properties or {}).get("HostedZoneId")
        if zone:
            zones(backend).zones.pop(zone, None)

    def refuse_with_instances(backend: Any, service_id: str) -> None:
        if backend.get_service(service_id).instances:
            raise JsonRESTError("ResourceInUse", f"Service {service_id} has registered instances")

    def refuse_twin(
        backend: Any, name: str, namespace_id: Any = None, dns_config: Any = None, **named: Any
    ) -> None:
        wanted = namespace_id or (dns_config or {}).get("NamespaceId")
        if any((one.name, _namespace_of(one)) == (name, wanted) for one in backend.services.values()):
            raise JsonRESTError("ServiceAlreadyExists", f"Service {name} already exists.")

    ServiceDiscoveryBackend.create_private_dns_namespace = create
    before(ServiceDiscoveryBackend, "delete_namespace", let_go_of_zone)
    before(ServiceDiscoveryBackend, "delete_service", refuse_with_instances)
    before(ServiceDiscoveryBackend, "create_service", refuse_twin)


def _namespace_of(service: Any) -> str | None:
    return service.namespace_id or (service.dns_config or {}).get("NamespaceId")
