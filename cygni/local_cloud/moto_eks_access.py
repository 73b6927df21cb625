"""Access entries of the local cloud's EKS clusters, which moto does not have: who may use the Kubernetes API."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cygni.local_cloud.moto_eks_parts import body_of, fail, given, now

_POLICY = re.compile(r"arn:[\w-]+:eks::aws:cluster-access-policy/\w+")


@dataclass
class AccessEntry:
    """What an IAM principal is in a cluster; `policies` are the access policies it has, by their ARN."""

    principal: str
    cluster_name: str
    arn: str
    kind: str
    user: str
    groups: list[str]
    tags: dict[str, str]
    created: datetime
    modified: datetime
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)


AccessEntry.__module__ = "moto.eks.models"  # so that the inventory takes it for a resource of moto's


def add_to(responses: Any) -> None:
    for operation in (
        create_access_entry,
        describe_access_entry,
        list_access_entries,
        update_access_entry,
        delete_access_entry,
        associate_access_policy,
        disassociate_access_policy,
        list_associated_access_policies,
    ):
        setattr(responses, operation.__name__, operation)


def _cluster(response: Any) -> Any:
    """Raises InvalidRequestException where the cluster asks its configuration map instead."""
    cluster = given(response)
    if cluster.access_config["authenticationMode"] == "CONFIG_MAP":
        modes = "[API, API_AND_CONFIG_MAP]"
        message = (
            f"The cluster's authentication mode must be set to one of {modes} to perform this operation."
        )
        raise fail("InvalidRequest", message)
    return cluster


def _named(response: Any) -> AccessEntry:
    entries, principal = _cluster(response).access_entries, response.uri_match["principalArn"]
    if principal not in entries:
        message = f"The specified principalArn could not be found: {principal}"
        raise fail("ResourceNotFound", message)
    found: AccessEntry = entries[principal]
    return found


def _answer(entry: AccessEntry) -> Any:
    from moto.core.responses import ActionResult

    described = {
        "clusterName": entry.cluster_name,
        "principalArn": entry.principal,
        "kubernetesGroups": entry.groups,
        "accessEntryArn": entry.arn,
        "createdAt": entry.created,
        "modifiedAt": entry.modified,
        "tags": entry.tags,
        "username": entry.user,
        "type": entry.kind,
    }
    return ActionResult({"accessEntry": described})


def create_access_entry(response: Any) -> Any:
    cluster, wanted, backend = _cluster(response), body_of(response), response.eks_backend
    principal = wanted["principalArn"]
    if principal in cluster.access_entries:
        raise fail("ResourceInUse", "The specified access entry resource is already in use on this cluster.")
    kind, _, name = principal.rpartition(":")[2].partition("/")
    arn = (
        f"arn:{backend.partition}:eks:{backend.region_name}:{backend.account_id}:access-entry/{cluster.name}/"
        f"{kind}/{backend.account_id}/{name}/{uuid.uuid4()}"
    )
    entry = AccessEntry(
        principal=principal,
        cluster_name=cluster.name,
        arn=arn,
        kind=wanted.get("type") or "STANDARD",
        user=wanted.get("username") or principal,
        groups=list(wanted.get("kubernetesGroups") or []),
        tags=dict(wanted.get("tags") or {}),
        created=now(),
        modified=now(),
    )
    cluster.access_entries[principal] = entry
    return _answer(entry)


def describe_access_entry(response: Any) -> Any:
    return _answer(_named(response))


def list_access_entries(response: Any) -> Any:
    from moto.core.responses import ActionResult

    return ActionResult({"accessEntries": sorted(_cluster(response).access_entries)})


def update_access_entry(response: Any) -> Any:
    entry, wanted = _named(response), body_of(response)
    entry.groups = list(wanted.get("kubernetesGroups", entry.groups))
    entry.user = wanted.get("username") or entry.user
    entry.modified = now()
    return _answer(entry)


def delete_access_entry(response: Any) -> Any:
    from moto.core.responses import EmptyResult

    entry = _named(response)
    del _cluster(response).access_entries[entry.principal]
    return EmptyResult()


def associate_access_policy(response: Any) -> Any:
    from moto.core.responses import ActionResult

    entry, wanted = _named(response), body_of(response)
    policy = wanted["policyArn"]
    if not _POLICY.fullmatch(policy):
        raise fail("InvalidParameter", "The policyArn parameter format is not valid")
    if wanted["accessScope"].get("type") == "namespace" and not wanted["accessScope"].get("namespaces"):
        raise fail("InvalidParameter", "The accessScope of type namespace needs namespaces")
    since = entry.policies.get(policy, {}).get("associatedAt", now())
    scope = {"namespaces": [], **wanted["accessScope"]}
    found = {"policyArn": policy, "accessScope": scope, "associatedAt": since, "modifiedAt": now()}
    entry.policies[policy] = found
    answer = {"clusterName": entry.cluster_name, "principalArn": entry.principal}
    return ActionResult({**answer, "associatedAccessPolicy": found})


def disassociate_access_policy(response: Any) -> Any:
    from moto.core.responses import EmptyResult

    entry, policy = _named(response), response.uri_match["policyArn"]
    if policy not in entry.policies:
        raise fail("ResourceNotFound", f"No association found for policyArn {policy}")
    del entry.policies[policy]
    return EmptyResult()


def list_associated_access_policies(response: Any) -> Any:
    from moto.core.responses import ActionResult

    entry = _named(response)
    answer = {"clusterName": entry.cluster_name, "principalArn": entry.principal}
    return ActionResult({**answer, "associatedAccessPolicies": list(entry.policies.values())})
