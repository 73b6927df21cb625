"""Add-ons of the local cloud's EKS clusters, which moto does not have, and the pod identities they are given."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cygni.local_cloud.moto_eks_parts import body_of, fail, given, now, updated

_VERSION = "v1.0.0-eksbuild.1"  # stands for what EKS chooses where no version is asked for


@dataclass
class Addon:
    """An add-on; `identities` are its pod identity associations by their id."""

    name: str
    cluster_name: str
    arn: str
    version: str
    configuration: str | None
    role: str | None
    tags: dict[str, str]
    created: datetime
    modified: datetime
    identities: dict[str, dict[str, Any]] = field(default_factory=dict)


Addon.__module__ = "moto.eks.models"  # so that the inventory takes it for a resource of moto's


def add_to(responses: Any) -> None:
    for operation in (
        create_addon,
        describe_addon,
        list_addons,
        update_addon,
        delete_addon,
        describe_pod_identity_association,
    ):
        setattr(responses, operation.__name__, operation)


def _named(response: Any) -> Addon:
    addons, name = given(response).addons, response.uri_match["addonName"]
    if name not in addons:
        raise fail("ResourceNotFound", f"No addon: {name} found in cluster: {response.uri_match['name']}")
    found: Addon = addons[name]
    return found


def _answer(addon: Addon) -> Any:
    from moto.core.responses import ActionResult

    described = {
        "addonName": addon.name,
        "clusterName": addon.cluster_name,
        "status": "ACTIVE",
        "addonVersion": addon.version,
        "health": {"issues": []},
        "addonArn": addon.arn,
        "createdAt": addon.created,
        "modifiedAt": addon.modified,
        "tags": addon.tags,
        "podIdentityAssociations": [one["associationArn"] for one in addon.identities.values()],
        **({"configurationValues": addon.configuration} if addon.configuration else {}),
        **({"serviceAccountRoleArn": addon.role} if addon.role else {}),
    }
    return ActionResult({"addon": described})


def _arn(response: Any, kind: str, *path: str) -> str:
    backend = response.eks_backend
    return f"arn:{backend.partition}:eks:{backend.region_name}:{backend.account_id}:{'/'.join((kind, *path))}"


def _identities(response: Any, addon: Addon, wanted: list[dict[str, str]]) -> dict[str, dict[str, Any]]:
    """One association for each service account; one that stays as it was keeps its id."""
    kept = {(one["serviceAccount"], one["roleArn"]): one for one in addon.identities.values()}
    found = {}
    for each in wanted:
        made = kept.get((each["serviceAccount"], each["roleArn"])) or _identity(response, addon, each)
        found[made["associationId"]] = made
    return found


def _identity(response: Any, addon: Addon, wanted: dict[str, str]) -> dict[str, Any]:
    id = f"a-{uuid.uuid4().hex[:17]}"
    return {
        "associationId": id,
        "associationArn": _arn(response, "podidentityassociation", addon.cluster_name, id),
        "clusterName": addon.cluster_name,
        "namespace": "kube-system",
        "serviceAccount": wanted["serviceAccount"],
        "roleArn": wanted["roleArn"],
        "ownerArn": addon.arn,
        "tags": {},
        "createdAt": now(),
        "modifiedAt": now(),
    }


def create_addon(response: Any) -> Any:
    cluster, wanted = given(response), body_of(response)
    name = wanted["addonName"]
    if name in cluster.addons:
        raise fail("ResourceInUse", "Addon already exists.")
    addon = Addon(
        name=name,
        cluster_name=cluster.name,
        arn=_arn(response, "addon", cluster.name, name, str(uuid.uuid4())),
        version=wanted.get("addonVersion") or _VERSION,
        configuration=wanted.get("configurationValues"),
        role=wanted.get("serviceAccountRoleArn"),
        tags=dict(wanted.get("tags") or {}),
        created=now(),
        modified=now(),
    )
    addon.identities = _identities(response, addon, wanted.get("podIdentityAssociations") or [])
    cluster.addons[name] = addon
    return _answer(addon)


def describe_addon(response: Any) -> Any:
    return _answer(_named(response))


def list_addons(response: Any) -> Any:
    from moto.core.responses import ActionResult

    return ActionResult({"addons": sorted(given(response).addons)})


def update_addon(response: Any) -> Any:
    """What a change does not name stays, but the pod identities are those that it lists."""
    addon, wanted = _named(response), body_of(response)
    addon.version = wanted.get("addonVersion") or addon.version
    addon.configuration = wanted.get("configurationValues", addon.configuration)
    addon.role = wanted.get("serviceAccountRoleArn") or addon.role
    if wanted.get("podIdentityAssociations") is not None:
        addon.identities = _identities(response, addon, wanted["podIdentityAssociations"])
    addon.modified = now()
    return updated(given(response), "AddonUpdate")


def delete_addon(response: Any) -> Any:
    addon = _named(response)
    del given(response).addons[addon.name]
    return _answer(addon)


def describe_pod_identity_association(response: Any) -> Any:
    from moto.core.responses import ActionResult

    wanted = response.uri_match["associationId"]
    for addon in given(response).addons.values():
        if wanted in addon.identities:
            return ActionResult({"association": addon.identities[wanted]})
    raise fail("ResourceNotFound", f"No pod identity association found for ID: {wanted}")
