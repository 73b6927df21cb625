"""KMS keys and aliases."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import (
    URN_TAG,
    At,
    Handler,
    State,
    ignoring,
    is_gone,
    tag_changes,
    tag_map,
    unless_gone,
)
from cygni.local_cloud.provider.handlers.iam import name_of
from cygni.local_cloud.provider.wire import Values

_POLICY = "default"  # the only name KMS has for a key's policy
_LONGEST_WINDOW = 30  # days, KMS's own default


def _tags(tags: State) -> list[dict[str, str]]:
    return [{"TagKey": key, "TagValue": str(value)} for key, value in tags.items()]


class Key(Handler):
    token = "aws:kms/key:Key"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("kms")
        rename = {"customerMasterKeySpec": "KeySpec"}
        wanted = shapes.request(client, "CreateKey", inputs, rename=rename, drop=("tags", "tagsAll"))
        wanted["Tags"] = _tags(inputs.get("tagsAll") or {})
        return str(client.create_key(**wanted)["KeyMetadata"]["KeyId"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        if inputs.get("enableKeyRotation"):
            self._rotate(at, id, inputs)
        if inputs.get("isEnabled") is False:
            at.client("kms").disable_key(KeyId=id)

    def _rotate(self, at: At, id: str, inputs: State) -> None:
        days = inputs.get("rotationPeriodInDays")
        period = {"RotationPeriodInDays": int(days)} if days else {}
        at.client("kms").enable_key_rotation(KeyId=id, **period)

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client("kms")
        try:
            key = client.describe_key(KeyId=id)["KeyMetadata"]
            if key["KeyState"] in ("PendingDeletion", "PendingReplicaDeletion"):
                return None
            policy = client.get_key_policy(KeyId=id, PolicyName=_POLICY)["Policy"]
            tags = client.list_resource_tags(KeyId=id).get("Tags", [])
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        return {
            "arn": key["Arn"],
            "keyId": key["KeyId"],
            "description": key.get("Description", ""),
            "isEnabled": key["Enabled"],
            "keyUsage": key["KeyUsage"],
            "customerMasterKeySpec": key.get("KeySpec") or key["CustomerMasterKeySpec"],
            "multiRegion": key.get("MultiRegion", False),
            "policy": policy,
            "tagsAll": tag_map(tags, "TagKey", "TagValue"),
            **self._rotation(at, id, key, known),
        }

    def _rotation(self, at: At, id: str, key: State, known: State) -> Values:
        """Only symmetric keys of KMS's own material rotate; moto does not tell how often."""
        if (
            key.get("Origin") != "AWS_KMS"
            or (key.get("KeySpec") or "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT"
        ):
            return {}
        status = at.client("kms").get_key_rotation_status(KeyId=id)
        days = status.get("RotationPeriodInDays") or known.get("rotationPeriodInDays")
        found = {"rotationPeriodInDays": days} if days and status["KeyRotationEnabled"] else {}
        return {"enableKeyRotation": status["KeyRotationEnabled"], **found}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        """A disabled key takes no change: it is enabled first and disabled last."""
        client = at.client("kms")
        if "isEnabled" in changed and news.get("isEnabled"):
            client.enable_key(KeyId=id)
        if changed & {"enableKeyRotation", "rotationPeriodInDays"}:
            if news.get("enableKeyRotation"):
                self._rotate(at, id, news)
            else:
                client.disable_key_rotation(KeyId=id)
        if "description" in changed:
            client.update_key_description(KeyId=id, Description=news.get("description") or "")
        if "policy" in changed and news.get("policy"):
            bypass = bool(news.get("bypassPolicyLockoutSafetyCheck"))
            client.put_key_policy(
                KeyId=id, PolicyName=_POLICY, Policy=news["policy"], BypassPolicyLockoutSafetyCheck=bypass
            )
        put, removed = tag_changes(olds, news)
        if removed:
            client.untag_resource(KeyId=id, TagKeys=removed)
        if put:
            client.tag_resource(KeyId=id, Tags=_tags(put))
        if "isEnabled" in changed and not news.get("isEnabled"):
            client.disable_key(KeyId=id)

    def delete(self, at: At, id: str, known: State) -> None:
        days = int(known.get("deletionWindowInDays") or _LONGEST_WINDOW)
        with unless_gone(), ignoring("KMSInvalidStateException"):
            at.client("kms").schedule_key_deletion(KeyId=id, PendingWindowInDays=days)

    def find(self, at: At, inputs: State) -> list[str]:
        """By the tag: keys have no names. KMS lets nobody read the tags of AWS's own keys."""
        urn = (inputs.get("tagsAll") or {}).get(URN_TAG)
        client, found = at.client("kms"), []
        for page in client.get_paginator("list_keys").paginate() if urn else ():
            for key in page["Keys"]:
                with ignoring("AccessDeniedException"):
                    tags = client.list_resource_tags(KeyId=key["KeyId"]).get("Tags", [])
                    if tag_map(tags, "TagKey", "TagValue").get(URN_TAG) == urn:
                        found.append(key["KeyId"])
        return found


class Alias(Handler):
    """A key's name; its id is that name."""

    token = "aws:kms/alias:Alias"

    def create(self, at: At, inputs: State) -> str:
        name = name_of(inputs)
        at.client("kms").create_alias(AliasName=name, TargetKeyId=inputs["targetKeyId"])
        return name

    def _alias(self, at: At, id: str) -> dict[str, Any] | None:
        pages = at.client("kms").get_paginator("list_aliases").paginate()
        aliases = (alias for page in pages for alias in page["Aliases"])
        return next((dict(alias) for alias in aliases if alias["AliasName"] == id), None)

    def read(self, at: At, id: str, known: State) -> Values | None:
        alias = self._alias(at, id)
        if alias is None or not alias.get("TargetKeyId"):
            return None
        key = alias["TargetKeyId"]
        given = str(known.get("targetKeyId") or key)
        return {
            "name": id,
            "arn": alias["AliasArn"],
            "targetKeyId": given if given.rpartition("/")[2] == key else key,
            "targetKeyArn": at.client("kms").describe_key(KeyId=key)["KeyMetadata"]["Arn"],
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        at.client("kms").update_alias(AliasName=id, TargetKeyId=news["targetKeyId"])

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("kms").delete_alias(AliasName=id)

    def find(self, at: At, inputs: State) -> list[str]:
        return [name_of(inputs)]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        """Aliases have no tags: one of this name for the same key is what the create would have made."""
        found = self.read(at, id, inputs)
        return found is not None and found["targetKeyId"] == inputs.get("targetKeyId")
