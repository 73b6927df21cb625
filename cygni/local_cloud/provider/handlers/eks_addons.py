"""EKS add-ons, access entries and the access policies of these."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import At, Handler, State, code, is_gone, message, unless_gone
from cygni.local_cloud.provider.handlers.eks import (
    MINUTE,
    SERVICE,
    EksHandler,
    await_update,
    joined,
    parted,
    tags_of,
    update_tags,
)
from cygni.local_cloud.provider.wire import Values

_KNOWN_WITHIN = 2 * MINUTE  # IAM tells EKS of a new role a while later


class Addon(EksHandler):
    """An add-on of a cluster; its id is `cluster:name`."""

    token = "aws:eks/addon:Addon"
    made_within, gone_within = 20 * MINUTE, 40 * MINUTE

    def describe(self, at: At, id: str) -> dict[str, Any]:
        cluster, name = parted(id)
        return dict(at.client(SERVICE).describe_addon(clusterName=cluster, addonName=name)["addon"])

    def create(self, at: At, inputs: State) -> str:
        client = at.client(SERVICE)
        rename = {"resolveConflictsOnCreate": "resolveConflicts"}
        wanted = shapes.request(client, "CreateAddon", inputs, rename=rename, drop=("tags", "tagsAll"))
        client.create_addon(**wanted, tags=tags_of(inputs), clientRequestToken=at.client_token(inputs))
        return joined(inputs["clusterName"], inputs["addonName"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        addon = self.described(at, id)
        if addon is None or addon["status"] == "DELETING":
            return None
        rename = {"arn": "addonArn", "podIdentityAssociations": ""}
        clears = ("configurationValues", "serviceAccountRoleArn")
        found = shapes.outputs(self.properties, addon, rename=rename, clears=clears)
        return found | {
            "podIdentityAssociations": self._identities(at, addon),
            "tagsAll": addon.get("tags") or {},
        }

    def _identities(self, at: At, addon: State) -> list[Values]:
        found = []
        for arn in addon.get("podIdentityAssociations") or []:
            one = at.client(SERVICE).describe_pod_identity_association(
                clusterName=addon["clusterName"], associationId=arn.rpartition("/")[2]
            )["association"]
            found.append({"roleArn": one["roleArn"], "serviceAccount": one["serviceAccount"]})
        return found

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client, (cluster, name) = at.client(SERVICE), parted(id)
        settings = {"addonVersion", "configurationValues", "podIdentityAssociations", "serviceAccountRoleArn"}
        if changed & settings:
            # A role that is not sent again is taken away.
            given = {key: news.get(key) for key in settings & changed | {"serviceAccountRoleArn"}}
            wanted = shapes.request(client, "UpdateAddon", given)
            if "podIdentityAssociations" in changed:
                wanted.setdefault("podIdentityAssociations", [])
            if "configurationValues" in changed:
                wanted.setdefault("configurationValues", "{}")
            if news.get("resolveConflictsOnUpdate"):
                wanted["resolveConflicts"] = news["resolveConflictsOnUpdate"]
            answer = client.update_addon(clusterName=cluster, addonName=name, **wanted)
            await_update(at, cluster, answer["update"], seconds=20 * MINUTE, addonName=name)
        update_tags(at, str(olds["arn"]), olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        cluster, name = parted(id)
        preserve = {"preserve": True} if known.get("preserve") else {}
        with unless_gone():
            at.client(SERVICE).delete_addon(clusterName=cluster, addonName=name, **preserve)
        self.await_gone(at, id)

    def find(self, at: At, inputs: State) -> list[str]:
        return [joined(inputs["clusterName"], inputs["addonName"])]


class AccessEntry(Handler):
    """What an IAM principal is in a cluster; its id is `cluster:principal`."""

    token = "aws:eks/accessEntry:AccessEntry"

    def create(self, at: At, inputs: State) -> str:
        client = at.client(SERVICE)
        wanted = shapes.request(client, "CreateAccessEntry", inputs, drop=("tags", "tagsAll"))
        wanted |= {"tags": tags_of(inputs), "clientRequestToken": at.client_token(inputs)}

        def accepted() -> bool | None:
            try:
                client.create_access_entry(**wanted)
            except ClientError as error:
                if code(error) == "InvalidParameterException" and "principal" in message(error).lower():
                    return None
                raise
            return True

        at.cloud.await_(f"EKS to know {inputs['principalArn']}", accepted, seconds=_KNOWN_WITHIN)
        return joined(inputs["clusterName"], inputs["principalArn"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        cluster, principal = parted(id)
        try:
            answer = at.client(SERVICE).describe_access_entry(clusterName=cluster, principalArn=principal)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        entry = answer["accessEntry"]
        return shapes.outputs(self.properties, entry) | {"tagsAll": entry.get("tags") or {}}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        cluster, principal = parted(id)
        if changed & {"kubernetesGroups", "userName"}:
            user = {"username": news["userName"]} if news.get("userName") else {}
            groups = news.get("kubernetesGroups") or []
            at.client(SERVICE).update_access_entry(
                clusterName=cluster, principalArn=principal, kubernetesGroups=groups, **user
            )
        update_tags(at, str(olds["accessEntryArn"]), olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        cluster, principal = parted(id)
        with unless_gone():
            at.client(SERVICE).delete_access_entry(clusterName=cluster, principalArn=principal)

    def find(self, at: At, inputs: State) -> list[str]:
        return [joined(inputs["clusterName"], inputs["principalArn"])]


class AccessPolicyAssociation(Handler):
    """What an access entry may do; its id is `cluster#principal#policy`."""

    token = "aws:eks/accessPolicyAssociation:AccessPolicyAssociation"

    def create(self, at: At, inputs: State) -> str:
        client = at.client(SERVICE)
        wanted = shapes.request(client, "AssociateAccessPolicy", inputs)

        def accepted() -> bool | None:
            """A new entry is known a while later."""
            try:
                client.associate_access_policy(**wanted)
            except ClientError as error:
                if code(error) == "ResourceNotFoundException" and "principalArn" in message(error):
                    return None
                raise
            return True

        what = f"the access entry of {inputs['principalArn']}"
        at.cloud.await_(what, accepted, seconds=_KNOWN_WITHIN)
        return self._id(inputs)

    def _id(self, inputs: State) -> str:
        return "#".join(str(inputs[name]) for name in ("clusterName", "principalArn", "policyArn"))

    def read(self, at: At, id: str, known: State) -> Values | None:
        cluster, principal, policy = id.split("#")
        try:
            pages = at.client(SERVICE).get_paginator("list_associated_access_policies")
            listed = [
                one
                for page in pages.paginate(clusterName=cluster, principalArn=principal)
                for one in page["associatedAccessPolicies"]
            ]
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        found = next((one for one in listed if one["policyArn"] == policy), None)
        if found is None:
            return None
        return {
            "clusterName": cluster,
            "principalArn": principal,
            "policyArn": policy,
            "accessScope": shapes.outputs(self.properties["accessScope"].nested, found["accessScope"]),
            "associatedAt": _go_time(found["associatedAt"]),
            "modifiedAt": _go_time(found["modifiedAt"]),
        }

    def delete(self, at: At, id: str, known: State) -> None:
        cluster, principal, policy = id.split("#")
        with unless_gone():
            at.client(SERVICE).disassociate_access_policy(
                clusterName=cluster, principalArn=principal, policyArn=policy
            )

    def find(self, at: At, inputs: State) -> list[str]:
        return [self._id(inputs)]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        return self.read(at, id, inputs) is not None


def _go_time(moment: datetime) -> str:
    """A time as the official provider writes this one: in the form of Go's own."""
    fraction = f"{moment.microsecond:06d}".rstrip("0")
    return f"{moment:%Y-%m-%d %H:%M:%S}{'.' if fraction else ''}{fraction} +0000 UTC"
