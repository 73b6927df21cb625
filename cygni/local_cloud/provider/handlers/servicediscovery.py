"""Cloud Map: private DNS namespaces and the services in them."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import (
    At,
    Handler,
    State,
    is_gone,
    tag_changes,
    tag_list,
    tag_map,
    unless_gone,
)
from cygni.local_cloud.provider.wire import Values

_SERVICE = "servicediscovery"
_MINUTE = 60.0


def _await(at: At, operation: str, what: str) -> dict[str, str]:
    """The targets of an operation once it is done. Raises RuntimeError if it failed."""

    def done() -> dict[str, Any] | None:
        found = at.client(_SERVICE).get_operation(OperationId=operation)["Operation"]
        if found["Status"] == "FAIL":
            raise RuntimeError(f"{what}: {found.get('ErrorCode')}: {found.get('ErrorMessage')}")
        return dict(found) if found["Status"] == "SUCCESS" else None

    return dict(at.cloud.await_(what, done, seconds=5 * _MINUTE).get("Targets", {}))


def _tags(at: At, arn: str) -> dict[str, str]:
    return tag_map(at.client(_SERVICE).list_tags_for_resource(ResourceARN=arn)["Tags"])


def _update_tags(at: At, olds: State, news: State) -> None:
    put, removed = tag_changes(olds, news)
    if removed:
        at.client(_SERVICE).untag_resource(ResourceARN=olds["arn"], TagKeys=removed)
    if put:
        at.client(_SERVICE).tag_resource(ResourceARN=olds["arn"], Tags=tag_list(put))


class PrivateDnsNamespace(Handler):
    """A namespace and its hosted zone; its id is the namespace's, an import names its VPC too (`ns-1:vpc-1`)."""

    token = "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace"
    # Names are of a VPC, and the tags may come later than the namespace: see `find`.
    has_twins = True

    def create(self, at: At, inputs: State) -> str:
        client = at.client(_SERVICE)
        drop = ("region", "tags", "tagsAll")
        wanted = shapes.request(client, "CreatePrivateDnsNamespace", inputs, drop=drop)
        answer = client.create_private_dns_namespace(
            **wanted, CreatorRequestId=at.client_token(inputs), Tags=tag_list(inputs.get("tagsAll"))
        )
        return _await(at, answer["OperationId"], f"namespace {inputs['name']}")["NAMESPACE"]

    def read(self, at: At, id: str, known: State) -> Values | None:
        id, _, vpc = id.partition(":")
        try:
            namespace = at.client(_SERVICE).get_namespace(Id=id)["Namespace"]
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        found = shapes.outputs(self.properties, namespace, clears=("description",))
        dns = (namespace.get("Properties") or {}).get("DnsProperties") or {}
        found |= {"hostedZone": dns.get("HostedZoneId"), "vpc": vpc or known.get("vpc")}
        return found | {"id": id, "tagsAll": _tags(at, namespace["Arn"])}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if "description" in changed:
            answer = at.client(_SERVICE).update_private_dns_namespace(
                Id=id, Namespace={"Description": news.get("description") or ""}
            )
            _await(at, answer["OperationId"], f"update of namespace {id}")
        _update_tags(at, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            answer = at.client(_SERVICE).delete_namespace(Id=id)
            _await(at, answer["OperationId"], f"deletion of namespace {id}")

    def find(self, at: At, inputs: State) -> list[str]:
        pages = at.client(_SERVICE).get_paginator("list_namespaces").paginate()
        return [
            one["Id"]
            for page in pages
            for one in page["Namespaces"]
            if one["Name"] == inputs.get("name") and one["Type"] == "DNS_PRIVATE"
        ]


class Service(Handler):
    """A name in a namespace; its id is the service's."""

    token = "aws:servicediscovery/service:Service"

    def create(self, at: At, inputs: State) -> str:
        client = at.client(_SERVICE)
        drop = ("region", "tags", "tagsAll", "forceDestroy")
        wanted = shapes.request(client, "CreateService", inputs, drop=drop)
        if inputs.get("healthCheckCustomConfig") is not None:
            wanted.setdefault("HealthCheckCustomConfig", {})  # it may be empty, and means something then
        answer = client.create_service(
            **wanted, CreatorRequestId=at.client_token(inputs), Tags=tag_list(inputs.get("tagsAll"))
        )
        return str(answer["Service"]["Id"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        try:
            service = at.client(_SERVICE).get_service(Id=id)["Service"]
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        found = shapes.outputs(self.properties, service, clears=("description",))
        return found | {"tagsAll": _tags(at, service["Arn"])}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client(_SERVICE)
        if changed & {"description", "dnsConfig", "healthCheckConfig"}:
            change = shapes.value(client, "ServiceChange", news)
            answer = client.update_service(Id=id, Service=change)
            _await(at, answer["OperationId"], f"update of {id}")
        _update_tags(at, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        client = at.client(_SERVICE)
        with unless_gone():
            if known.get("forceDestroy"):
                for page in client.get_paginator("list_instances").paginate(ServiceId=id):
                    for instance in page["Instances"]:
                        client.deregister_instance(ServiceId=id, InstanceId=instance["Id"])
            client.delete_service(Id=id)

    def find(self, at: At, inputs: State) -> list[str]:
        namespace = (inputs.get("dnsConfig") or {}).get("namespaceId") or inputs.get("namespaceId")
        pages = at.client(_SERVICE).get_paginator("list_services").paginate()
        named = [one for page in pages for one in page["Services"] if one["Name"] == inputs.get("name")]
        return [one["Id"] for one in named if self._is_in(at, one["Id"], namespace)]

    def _is_in(self, at: At, id: str, namespace: Any) -> bool:
        """Names are of a namespace, and the list does not tell which."""
        found = at.client(_SERVICE).get_service(Id=id)["Service"]
        dns = found.get("DnsConfig") or {}
        return namespace in (found.get("NamespaceId"), dns.get("NamespaceId"))
