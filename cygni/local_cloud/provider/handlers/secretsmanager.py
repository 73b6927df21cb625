"""Secrets, their versions, rotation and policies."""

from __future__ import annotations

import base64
from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import documents, shapes
from cygni.local_cloud.provider.handlers.base import (
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
from cygni.local_cloud.provider.handlers.iam import name_of
from cygni.local_cloud.provider.wire import Values

_SERVICE = "secretsmanager"
_CURRENT = "AWSCURRENT"


def _described(at: At, id: str) -> dict[str, Any] | None:
    """The description of a secret; None when it is gone or will be."""
    try:
        found = dict(at.client(_SERVICE).describe_secret(SecretId=id))
    except ClientError as error:
        if is_gone(error):
            return None
        raise
    return None if found.get("DeletedDate") else found


def _policy(at: At, id: str) -> str | None:
    try:
        found = at.client(_SERVICE).get_resource_policy(SecretId=id).get("ResourcePolicy")
    except ClientError as error:
        if is_gone(error):
            return None
        raise
    return str(found) if found else None


def _put_policy(at: At, id: str, policy: str, **more: Any) -> None:
    if documents.parse(policy):
        at.client(_SERVICE).put_resource_policy(SecretId=id, ResourcePolicy=policy, **more)
    else:
        at.client(_SERVICE).delete_resource_policy(SecretId=id)


class Secret(Handler):
    """A secret, which holds no value until it has a version; its id is the ARN."""

    token = "aws:secretsmanager/secret:Secret"

    def create(self, at: At, inputs: State) -> str:
        client = at.client(_SERVICE)
        rename = {"replicas": "AddReplicaRegions"}
        wanted = shapes.request(
            client, "CreateSecret", inputs, rename=rename, drop=("tags", "tagsAll", "type")
        )
        wanted["Name"] = name_of(inputs)
        wanted["Tags"] = tag_list(inputs.get("tagsAll"))
        return str(client.create_secret(**wanted)["ARN"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        if inputs.get("policy"):
            _put_policy(at, id, inputs["policy"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        secret = _described(at, id)
        if secret is None:
            return None
        importing = {} if known else {"recoveryWindowInDays": 30, "forceOverwriteReplicaSecret": False}
        return {
            "id": secret["ARN"],
            "arn": secret["ARN"],
            "name": secret["Name"],
            "description": secret.get("Description") or None,
            "kmsKeyId": secret.get("KmsKeyId"),
            "policy": _policy(at, id) or None,
            "replicas": shapes.outputs(
                {"replicas": self.properties["replicas"]}, {"Replicas": secret.get("ReplicationStatus") or []}
            )["replicas"],
            "tagsAll": tag_map(secret.get("Tags")),
            **importing,
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client(_SERVICE)
        if changed & {"description", "kmsKeyId"}:
            key = {"KmsKeyId": news["kmsKeyId"]} if news.get("kmsKeyId") else {}
            client.update_secret(SecretId=id, Description=news.get("description") or "", **key)
        if "replicas" in changed:
            self._replicate(at, id, olds.get("replicas") or [], news)
        if "policy" in changed:
            _put_policy(at, id, news.get("policy") or "")
        put, removed = tag_changes(olds, news)
        if removed:
            client.untag_resource(SecretId=id, TagKeys=removed)
        if put:
            client.tag_resource(SecretId=id, Tags=tag_list(put))

    def _replicate(self, at: At, id: str, olds: list[State], news: State) -> None:
        client = at.client(_SERVICE)
        before = {replica["region"] for replica in olds}
        after = {replica["region"]: replica for replica in news.get("replicas") or []}
        gone = sorted(before - after.keys())
        added = [
            shapes.value(client, "ReplicaRegionType", after[each]) for each in sorted(after.keys() - before)
        ]
        if gone:
            client.remove_regions_from_replication(SecretId=id, RemoveReplicaRegions=gone)
        if added:
            force = bool(news.get("forceOverwriteReplicaSecret"))
            client.replicate_secret_to_regions(
                SecretId=id, AddReplicaRegions=added, ForceOverwriteReplicaSecret=force
            )

    def delete(self, at: At, id: str, known: State) -> None:
        client = at.client(_SERVICE)
        regions = [replica["region"] for replica in known.get("replicas") or []]
        days = known.get("recoveryWindowInDays")
        how: dict[str, Any] = {"ForceDeleteWithoutRecovery": True}
        if days != 0:
            how = {"RecoveryWindowInDays": int(days or 30)}
        with unless_gone(), ignoring("InvalidRequestException"):
            if regions:
                client.remove_regions_from_replication(SecretId=id, RemoveReplicaRegions=regions)
            client.delete_secret(SecretId=id, **how)

    def find(self, at: At, inputs: State) -> list[str]:
        secret = _described(at, name_of(inputs))
        return [secret["ARN"]] if secret else []


class SecretVersion(Handler):
    """A value of a secret; its id is `SECRET|VERSION`. A new value is a new version."""

    token = "aws:secretsmanager/secretVersion:SecretVersion"

    def create(self, at: At, inputs: State) -> str:
        stages = {"VersionStages": inputs["versionStages"]} if inputs.get("versionStages") else {}
        made = at.client(_SERVICE).put_secret_value(
            SecretId=inputs["secretId"], **self._value(inputs), **stages
        )
        return f"{inputs['secretId']}|{made['VersionId']}"

    def _value(self, inputs: State) -> dict[str, Any]:
        if inputs.get("secretBinary") is not None:
            return {"SecretBinary": base64.b64decode(inputs["secretBinary"])}
        text = inputs.get("secretString")
        return {"SecretString": inputs.get("secretStringWo", "") if text is None else text}

    def _found(self, at: At, secret: str, version: str) -> dict[str, Any] | None:
        try:
            return dict(at.client(_SERVICE).get_secret_value(SecretId=secret, VersionId=version))
        except ClientError as error:
            if is_gone(error) or code(error) == "InvalidRequestException":  # a secret that is being deleted
                return None
            raise

    def read(self, at: At, id: str, known: State) -> Values | None:
        secret, _, version = id.rpartition("|")
        found = self._found(at, secret, version)
        if found is None:
            return None
        values: Values = {
            "secretId": secret,
            "versionId": version,
            "arn": found["ARN"],
            "secretArn": found["ARN"],
            "versionStages": found.get("VersionStages", []),
            "hasSecretStringWo": known.get("secretStringWo") is not None,
        }
        if found.get("SecretBinary") is not None:
            values["secretBinary"] = base64.b64encode(found["SecretBinary"]).decode()
        elif known.get("secretStringWo") is None:
            values["secretString"] = found.get("SecretString")
        return values

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if "versionStages" not in changed:
            return
        client = at.client(_SERVICE)
        secret, _, version = id.rpartition("|")
        before, after = set(olds.get("versionStages") or []), set(news.get("versionStages") or [])
        for stage in sorted(after - before):
            moved = self._holder(at, secret, stage)
            away = {"RemoveFromVersionId": moved} if moved else {}
            client.update_secret_version_stage(
                SecretId=secret, VersionStage=stage, MoveToVersionId=version, **away
            )
        for stage in sorted(before - after - {_CURRENT}):
            client.update_secret_version_stage(
                SecretId=secret, VersionStage=stage, RemoveFromVersionId=version
            )

    def _holder(self, at: At, secret: str, stage: str) -> str | None:
        versions = (_described(at, secret) or {}).get("VersionIdsToStages") or {}
        return next((version for version, stages in versions.items() if stage in stages), None)

    def delete(self, at: At, id: str, known: State) -> None:
        """Only labels go, and the current one stays: the value is the secret's until the secret is deleted."""
        secret, _, version = id.rpartition("|")
        stages = ((_described(at, secret) or {}).get("VersionIdsToStages") or {}).get(version, [])
        for stage in stages:
            if stage != _CURRENT:
                with unless_gone():
                    at.client(_SERVICE).update_secret_version_stage(
                        SecretId=secret, VersionStage=stage, RemoveFromVersionId=version
                    )

    def find(self, at: At, inputs: State) -> list[str]:
        secret = str(inputs.get("secretId", ""))
        version = self._holder(at, secret, _CURRENT) if secret else None
        return [f"{secret}|{version}"] if version else []

    def owned(self, at: At, id: str, inputs: State) -> bool:
        """The current version with the same value is what the create would have made."""
        secret, _, version = id.rpartition("|")
        found = self._found(at, secret, version)
        wanted = self._value(inputs)
        return found is not None and all(found.get(name) == value for name, value in wanted.items())


class SecretRotation(Handler):
    """When a secret is renewed, and by which function; its id is the secret's ARN."""

    token = "aws:secretsmanager/secretRotation:SecretRotation"

    def create(self, at: At, inputs: State) -> str:
        self._rotate(at, str(inputs["secretId"]), inputs)
        secret = _described(at, str(inputs["secretId"]))
        return str(secret["ARN"] if secret else inputs["secretId"])

    def _rotate(self, at: At, id: str, inputs: State) -> None:
        client = at.client(_SERVICE)
        if inputs.get("rotationEnabled") is False:
            client.cancel_rotate_secret(SecretId=id)
            return
        wanted = shapes.request(
            client, "RotateSecret", inputs, rename={"rotationLambdaArn": "RotationLambdaARN"}
        )
        wanted |= {"SecretId": id, "RotateImmediately": bool(inputs.get("rotateImmediately", True))}
        client.rotate_secret(**wanted)

    def read(self, at: At, id: str, known: State) -> Values | None:
        secret = _described(at, id)
        if secret is None:
            return None
        enabled = bool(secret.get("RotationEnabled"))
        rules = secret.get("RotationRules") or {}
        if not enabled and known.get("rotationEnabled") is not False:
            return (
                None if known else {"id": secret["ARN"], "secretId": secret["ARN"], "rotationEnabled": False}
            )
        given = str(known.get("secretId") or secret["ARN"])
        kept = {
            "automaticallyAfterDays": None
            if rules.get("ScheduleExpression")
            else rules.get("AutomaticallyAfterDays"),
            "duration": rules.get("Duration"),
            "scheduleExpression": rules.get("ScheduleExpression"),
        }
        return {
            "id": secret["ARN"],
            "secretId": given,
            "rotationEnabled": enabled,
            "rotationLambdaArn": secret.get("RotationLambdaARN") or None,
            "rotationRules": {name: value for name, value in kept.items() if value} if enabled else None,
            **({} if known else {"rotateImmediately": True}),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if changed & {"rotationEnabled", "rotationLambdaArn", "rotationRules"}:
            self._rotate(at, id, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone(), ignoring("InvalidRequestException"):
            at.client(_SERVICE).cancel_rotate_secret(SecretId=id)

    def find(self, at: At, inputs: State) -> list[str]:
        secret = _described(at, str(inputs.get("secretId", "")))
        return [secret["ARN"]] if secret and secret.get("RotationEnabled") else []

    def owned(self, at: At, id: str, inputs: State) -> bool:
        """A secret has one rotation: the same rules are what the create would have set."""
        found = self.read(at, id, inputs)
        return found is not None and found["rotationLambdaArn"] == inputs.get("rotationLambdaArn")


class SecretPolicy(Handler):
    """Who else may use a secret; its id is the secret's ARN."""

    token = "aws:secretsmanager/secretPolicy:SecretPolicy"

    def create(self, at: At, inputs: State) -> str:
        self._put(at, inputs)
        return str(inputs["secretArn"])

    def _put(self, at: At, inputs: State) -> None:
        block = inputs.get("blockPublicPolicy")
        more = {} if block is None else {"BlockPublicPolicy": bool(block)}
        _put_policy(at, str(inputs["secretArn"]), str(inputs["policy"]), **more)

    def read(self, at: At, id: str, known: State) -> Values | None:
        policy = _policy(at, id) if _described(at, id) else None
        return {"secretArn": id, "policy": policy} if policy else None

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        self._put(at, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone(), ignoring("InvalidRequestException"):
            at.client(_SERVICE).delete_resource_policy(SecretId=id)

    def find(self, at: At, inputs: State) -> list[str]:
        return [str(inputs["secretArn"])] if inputs.get("secretArn") else []

    def owned(self, at: At, id: str, inputs: State) -> bool:
        found = self.read(at, id, inputs)
        return found is not None and documents.equivalent(found["policy"], inputs["policy"], "policy")
