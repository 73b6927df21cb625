"""IAM role, inline policy, managed policy and attachment."""

from __future__ import annotations

import json
import zlib
from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import (
    URN_TAG,
    At,
    Handler,
    State,
    code,
    ignoring,
    is_gone,
    tag_changes,
    tag_list,
    tag_map,
    unless_gone,
)
from cygni.local_cloud.provider.wire import Values

_MANAGED_VERSIONS = 5  # IAM keeps this many versions of a managed policy


def document(found: Any) -> str:
    """A policy as text; botocore parses those it knows."""
    return found if isinstance(found, str) else json.dumps(found)


def name_of(inputs: State) -> str:
    """The name, or the prefix with something that is the same for the same resource."""
    if inputs.get("name"):
        return str(inputs["name"])
    urn = (inputs.get("tagsAll") or {}).get(URN_TAG) or repr(sorted(inputs.items(), key=str))
    return f"{inputs.get('namePrefix', '')}{zlib.crc32(str(urn).encode()):08x}"


class Role(Handler):
    token = "aws:iam/role:Role"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("iam")
        rename = {"assumeRolePolicy": "AssumeRolePolicyDocument"}
        wanted = shapes.request(client, "CreateRole", inputs, rename=rename, drop=("tags", "tagsAll", "name"))
        name = name_of(inputs)
        try:
            client.create_role(RoleName=name, **wanted, Tags=tag_list(inputs.get("tagsAll")))
        except ClientError as error:
            if code(error) != "EntityAlreadyExists" or not self.owned(at, name, inputs):
                raise
        return name

    def complete(self, at: At, id: str, inputs: State) -> None:
        self._put_inline(at, id, [], inputs.get("inlinePolicies") or [])
        for arn in inputs.get("managedPolicyArns") or []:
            at.client("iam").attach_role_policy(RoleName=id, PolicyArn=arn)

    def _put_inline(self, at: At, id: str, olds: list[State], news: list[State]) -> None:
        client = at.client("iam")
        kept = {policy.get("name") for policy in news}
        for policy in olds:
            if policy.get("name") and policy["name"] not in kept:
                with unless_gone():
                    client.delete_role_policy(RoleName=id, PolicyName=policy["name"])
        for policy in news:
            if policy.get("policy"):
                name = policy["name"]
                client.put_role_policy(RoleName=id, PolicyName=name, PolicyDocument=policy["policy"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client("iam")
        try:
            role = client.get_role(RoleName=id)["Role"]
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        rename = {"name": "RoleName", "assumeRolePolicy": "", "uniqueId": "RoleId", "permissionsBoundary": ""}
        found = shapes.outputs(self.properties, role, rename=rename)
        found["description"] = role.get("Description")
        found["assumeRolePolicy"] = document(role["AssumeRolePolicyDocument"])
        found["permissionsBoundary"] = role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        if known.get("managedPolicyArns"):
            attached = client.list_attached_role_policies(RoleName=id)["AttachedPolicies"]
            found["managedPolicyArns"] = [policy["PolicyArn"] for policy in attached]
        if known.get("inlinePolicies"):
            found["inlinePolicies"] = [
                {"name": name, "policy": document(self._inline(client, id, name))}
                for name in client.list_role_policies(RoleName=id)["PolicyNames"]
            ]
        return found | {"tagsAll": tag_map(role.get("Tags"))}

    def _inline(self, client: Any, role: str, name: str) -> Any:
        return client.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("iam")
        if "assumeRolePolicy" in changed:
            client.update_assume_role_policy(RoleName=id, PolicyDocument=news["assumeRolePolicy"])
        if changed & {"description", "maxSessionDuration"}:
            description = news.get("description") or ""
            seconds = news.get("maxSessionDuration", 3600)
            client.update_role(RoleName=id, Description=description, MaxSessionDuration=seconds)
        if "permissionsBoundary" in changed:
            if news.get("permissionsBoundary"):
                boundary = news["permissionsBoundary"]
                client.put_role_permissions_boundary(RoleName=id, PermissionsBoundary=boundary)
            else:
                client.delete_role_permissions_boundary(RoleName=id)
        if "inlinePolicies" in changed:
            self._put_inline(at, id, olds.get("inlinePolicies") or [], news.get("inlinePolicies") or [])
        if "managedPolicyArns" in changed:
            before = set(olds.get("managedPolicyArns") or [])
            after = set(news.get("managedPolicyArns") or [])
            for arn in sorted(before - after):
                with unless_gone():
                    client.detach_role_policy(RoleName=id, PolicyArn=arn)
            for arn in sorted(after - before):
                client.attach_role_policy(RoleName=id, PolicyArn=arn)
        put, removed = tag_changes(olds, news)
        if removed:
            client.untag_role(RoleName=id, TagKeys=removed)
        if put:
            client.tag_role(RoleName=id, Tags=tag_list(put))

    def delete(self, at: At, id: str, known: State) -> None:
        client = at.client("iam")
        try:
            inline = client.list_role_policies(RoleName=id)["PolicyNames"]
            attached = client.list_attached_role_policies(RoleName=id)["AttachedPolicies"]
        except ClientError as error:
            if is_gone(error):
                return
            raise
        own = {policy.get("name") for policy in known.get("inlinePolicies") or []}
        managed = set(known.get("managedPolicyArns") or [])
        everything = bool(known.get("forceDetachPolicies"))
        for name in inline:
            if everything or name in own:
                client.delete_role_policy(RoleName=id, PolicyName=name)
        for policy in attached:
            if everything or policy["PolicyArn"] in managed:
                client.detach_role_policy(RoleName=id, PolicyArn=policy["PolicyArn"])
        with unless_gone():
            client.delete_role(RoleName=id)

    def find(self, at: At, inputs: State) -> list[str]:
        return [name_of(inputs)]


class RolePolicy(Handler):
    """An inline policy; its id is `role:policy`."""

    token = "aws:iam/rolePolicy:RolePolicy"

    def create(self, at: At, inputs: State) -> str:
        name = name_of(inputs)
        at.client("iam").put_role_policy(
            RoleName=inputs["role"], PolicyName=name, PolicyDocument=inputs["policy"]
        )
        return f"{inputs['role']}:{name}"

    def read(self, at: At, id: str, known: State) -> Values | None:
        role, _, name = id.partition(":")
        try:
            found = at.client("iam").get_role_policy(RoleName=role, PolicyName=name)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        return {"role": role, "name": name, "policy": document(found["PolicyDocument"])}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        self.create(at, {**news, "name": id.partition(":")[2]})

    def delete(self, at: At, id: str, known: State) -> None:
        role, _, name = id.partition(":")
        with unless_gone():
            at.client("iam").delete_role_policy(RoleName=role, PolicyName=name)

    def find(self, at: At, inputs: State) -> list[str]:
        return [f"{inputs['role']}:{name_of(inputs)}"]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        return self.read(at, id, inputs) is not None


class RolePolicyAttachment(Handler):
    """A managed policy attached to a role; its id is `role/policy ARN`."""

    token = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"

    def create(self, at: At, inputs: State) -> str:
        role, arn = inputs["role"], inputs["policyArn"]
        at.client("iam").attach_role_policy(RoleName=role, PolicyArn=arn)
        return f"{role}/{arn}"

    def read(self, at: At, id: str, known: State) -> Values | None:
        role, _, arn = id.partition("/")
        client = at.client("iam")
        try:
            pages = client.get_paginator("list_attached_role_policies").paginate(RoleName=role)
            attached = {policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]}
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        return {"role": role, "policyArn": arn} if arn in attached else None

    def delete(self, at: At, id: str, known: State) -> None:
        role, _, arn = id.partition("/")
        with unless_gone():
            at.client("iam").detach_role_policy(RoleName=role, PolicyArn=arn)

    def find(self, at: At, inputs: State) -> list[str]:
        return [f"{inputs['role']}/{inputs['policyArn']}"]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        return self.read(at, id, inputs) is not None


class Policy(Handler):
    token = "aws:iam/policy:Policy"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("iam")
        wanted = shapes.request(
            client,
            "CreatePolicy",
            inputs,
            rename={"policy": "PolicyDocument"},
            drop=("tags", "tagsAll", "name"),
        )
        tags = tag_list(inputs.get("tagsAll"))
        try:
            answer = client.create_policy(PolicyName=name_of(inputs), **wanted, Tags=tags)
        except ClientError as error:
            found = self.find(at, inputs) if code(error) == "EntityAlreadyExists" else []
            if not found or not self.owned(at, found[0], inputs):
                raise
            return found[0]
        return str(answer["Policy"]["Arn"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client("iam")
        try:
            policy = client.get_policy(PolicyArn=id)["Policy"]
            version = client.get_policy_version(PolicyArn=id, VersionId=policy["DefaultVersionId"])
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        found = shapes.outputs(self.properties, policy, rename={"name": "PolicyName", "policy": ""})
        found["description"] = policy.get("Description")
        found["policy"] = document(version["PolicyVersion"]["Document"])
        return found | {"tagsAll": tag_map(client.list_policy_tags(PolicyArn=id)["Tags"])}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("iam")
        if "policy" in changed:
            versions = client.list_policy_versions(PolicyArn=id)["Versions"]
            old = sorted((v["CreateDate"], v["VersionId"]) for v in versions if not v["IsDefaultVersion"])
            if len(versions) >= _MANAGED_VERSIONS:
                client.delete_policy_version(PolicyArn=id, VersionId=old[0][1])
            client.create_policy_version(PolicyArn=id, PolicyDocument=news["policy"], SetAsDefault=True)
        put, removed = tag_changes(olds, news)
        if removed:
            client.untag_policy(PolicyArn=id, TagKeys=removed)
        if put:
            client.tag_policy(PolicyArn=id, Tags=tag_list(put))

    def delete(self, at: At, id: str, known: State) -> None:
        client = at.client("iam")
        with unless_gone():
            for version in client.list_policy_versions(PolicyArn=id)["Versions"]:
                if not version["IsDefaultVersion"]:
                    with ignoring("NoSuchEntity"):
                        client.delete_policy_version(PolicyArn=id, VersionId=version["VersionId"])
            client.delete_policy(PolicyArn=id)

    def find(self, at: At, inputs: State) -> list[str]:
        path = inputs.get("path") or "/"
        return [f"arn:aws:iam::{at.cloud.account_id()}:policy{path}{name_of(inputs)}"]
