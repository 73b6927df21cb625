"""S3 bucket and the resources that configure one."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import (
    URN_TAG,
    At,
    Handler,
    State,
    code,
    is_gone,
    tag_list,
    tag_map,
    unless_gone,
)
from cygni.local_cloud.provider.schema import Property
from cygni.local_cloud.provider.wire import Values

# Route 53 zones of the S3 website endpoints, by region (AWS General Reference).
_ZONES = {
    "us-east-1": "Z3AQBSTGFYJSTF",
    "us-east-2": "Z2O1EMRO9K5GLX",
    "us-west-1": "Z2F56UZL2M1ACD",
    "us-west-2": "Z3BJ6K6RIION7M",
    "eu-central-1": "Z21DNDUVLTQW6Q",
    "eu-west-1": "Z1BKCTXD74EZPE",
}


def bucket_name(inputs: State) -> str:
    if inputs.get("bucket"):
        return str(inputs["bucket"])
    urn = (inputs.get("tagsAll") or {}).get(URN_TAG) or repr(sorted(inputs.items(), key=str))
    return f"{inputs.get('bucketPrefix', '')}{zlib.crc32(str(urn).encode()):08x}"


class Bucket(Handler):
    """A bucket. Its deprecated inline blocks (versioning, lifecycleRules, …) are refused by rules.py."""

    token = "aws:s3/bucket:Bucket"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("s3")
        name = bucket_name(inputs)
        wanted: dict[str, Any] = {"Bucket": name}
        configuration: dict[str, Any] = {}
        if at.region != "us-east-1":
            configuration["LocationConstraint"] = at.region
        if inputs.get("tagsAll"):
            # With its tags from the start, a bucket whose create was interrupted is known again.
            configuration["Tags"] = tag_list(inputs["tagsAll"])
        if configuration:
            wanted["CreateBucketConfiguration"] = configuration
        if inputs.get("objectLockEnabled"):
            wanted["ObjectLockEnabledForBucket"] = True
        if self.read(at, name, inputs) is not None:
            # us-east-1 answers a repeated create with success, so the check must come first.
            if not self.owned(at, name, inputs):
                raise RuntimeError(f"a bucket named {name} exists already")
            return name
        client.create_bucket(**wanted)
        return name

    def complete(self, at: At, id: str, inputs: State) -> None:
        self._put_tags(at, id, inputs)

    def _put_tags(self, at: At, id: str, inputs: State) -> None:
        tags = tag_list(inputs.get("tagsAll"))
        if tags:
            at.client("s3").put_bucket_tagging(Bucket=id, Tagging={"TagSet": tags})
        else:
            at.client("s3").delete_bucket_tagging(Bucket=id)

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client("s3")
        try:
            client.head_bucket(Bucket=id)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        tags: dict[str, str] = {}
        with unless_gone():
            tags = tag_map(client.get_bucket_tagging(Bucket=id)["TagSet"])
        return {
            "bucket": id,
            "arn": f"arn:aws:s3:::{id}",
            "bucketDomainName": f"{id}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{id}.s3.{at.region}.amazonaws.com",
            "bucketRegion": at.region,
            "hostedZoneId": _ZONES.get(at.region),
            "tagsAll": tags,
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if changed & {"tags", "tagsAll"}:
            self._put_tags(at, id, news)

    def delete(self, at: At, id: str, known: State) -> None:
        client = at.client("s3")
        with unless_gone():
            if known.get("forceDestroy"):
                self._empty(client, id)
            client.delete_bucket(Bucket=id)

    def _empty(self, client: Any, id: str) -> None:
        for page in client.get_paginator("list_object_versions").paginate(Bucket=id):
            found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            keys = [{"Key": item["Key"], "VersionId": item["VersionId"]} for item in found]
            if keys:
                client.delete_objects(Bucket=id, Delete={"Objects": keys, "Quiet": True})

    def find(self, at: At, inputs: State) -> list[str]:
        return [bucket_name(inputs)]


class BucketSetting(Handler):
    """One configuration of a bucket, with the bucket's name as its id.

    `verb` is the part of the client's method names: put_VERB, get_VERB, delete_VERB. `body` names the
    parameter of the put and `shape` its shape in the service model.
    """

    verb: ClassVar[str]
    body: ClassVar[str]
    shape: ClassVar[str]
    answer: ClassVar[str] = ""
    # Property -> member, where the names differ.
    rename: ClassVar[Mapping[str, str]] = {}

    def _given(self, inputs: State) -> Any:
        """What goes under `body`, in Pulumi's names."""
        raise NotImplementedError

    def _found(self, answer: Mapping[str, Any], known: State) -> Values:
        """Properties of what get_VERB answered."""
        return shapes.outputs(self.properties, answer, rename=self.rename)

    def _id(self, inputs: State) -> str:
        owner = inputs.get("expectedBucketOwner")
        return f"{inputs['bucket']},{owner}" if owner else str(inputs["bucket"])

    def _extra(self, inputs: State) -> dict[str, Any]:
        return {}

    def create(self, at: At, inputs: State) -> str:
        client = at.client("s3")
        body = shapes.value(client, self.shape, self._given(inputs), rename=self.rename)
        method = getattr(client, f"put_{self.verb}")
        method(Bucket=inputs["bucket"], **{self.body: body}, **self._extra(inputs))
        return self._id(inputs)

    def read(self, at: At, id: str, known: State) -> Values | None:
        bucket, _, owner = id.partition(",")
        try:
            answer = getattr(at.client("s3"), f"get_{self.verb}")(Bucket=bucket)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        found = self._found(answer[self.answer] if self.answer else answer, known)
        owned = {"expectedBucketOwner": owner} if owner else {}
        return found | {"bucket": bucket} | owned

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        self.create(at, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            getattr(at.client("s3"), f"delete_{self._deletion()}")(Bucket=id.partition(",")[0])

    def _deletion(self) -> str:
        return self.verb

    def find(self, at: At, inputs: State) -> list[str]:
        return [self._id(inputs)]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        return self.read(at, id, inputs) is not None


class BucketVersioning(BucketSetting):
    token = "aws:s3/bucketVersioning:BucketVersioning"
    verb, body, shape = "bucket_versioning", "VersioningConfiguration", "VersioningConfiguration"
    rename: ClassVar = {"mfaDelete": "MFADelete"}

    def _given(self, inputs: State) -> Any:
        return inputs["versioningConfiguration"]

    def create(self, at: At, inputs: State) -> str:
        # "Disabled" is what a bucket is before anybody sets it; the API has no word for it.
        if inputs["versioningConfiguration"].get("status") == "Disabled":
            return self._id(inputs)
        return super().create(at, inputs)

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        before, after = (
            (values.get("versioningConfiguration") or {}).get("status") for values in (olds, news)
        )
        if after == "Disabled" != before:
            raise RuntimeError(f"versioning cannot go from {before} to Disabled: suspend it instead")
        super().update(at, id, olds, news, changed)

    def _extra(self, inputs: State) -> dict[str, Any]:
        return {"MFA": inputs["mfa"]} if inputs.get("mfa") else {}

    def _found(self, answer: Mapping[str, Any], known: State) -> Values:
        found: Values = {"status": answer.get("Status", "Disabled")}
        if answer.get("MFADelete"):
            found["mfaDelete"] = answer["MFADelete"]
        return {"versioningConfiguration": found}

    def delete(self, at: At, id: str, known: State) -> None:
        if (known.get("versioningConfiguration") or {}).get("status") == "Disabled":
            return
        with unless_gone():
            at.client("s3").put_bucket_versioning(
                Bucket=id.partition(",")[0], VersioningConfiguration={"Status": "Suspended"}
            )


class BucketServerSideEncryptionConfiguration(BucketSetting):
    token = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
    verb, body = "bucket_encryption", "ServerSideEncryptionConfiguration"
    shape, answer = "ServerSideEncryptionConfiguration", "ServerSideEncryptionConfiguration"
    rename: ClassVar = {"sseAlgorithm": "SSEAlgorithm", "kmsMasterKeyId": "KMSMasterKeyID"}

    def _given(self, inputs: State) -> Any:
        return {"rules": inputs["rules"]}


class BucketPublicAccessBlock(BucketSetting):
    token = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
    verb, body = "public_access_block", "PublicAccessBlockConfiguration"
    shape, answer = "PublicAccessBlockConfiguration", "PublicAccessBlockConfiguration"

    def _given(self, inputs: State) -> Any:
        names = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        return {name: bool(inputs.get(name)) for name in names}

    def delete(self, at: At, id: str, known: State) -> None:
        if not known.get("skipDestroy"):
            super().delete(at, id, known)


class BucketOwnershipControls(BucketSetting):
    token = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
    verb, body = "bucket_ownership_controls", "OwnershipControls"
    shape, answer = "OwnershipControls", "OwnershipControls"

    def _given(self, inputs: State) -> Any:
        return {"rules": [inputs["rule"]]}


class BucketPolicy(BucketSetting):
    token = "aws:s3/bucketPolicy:BucketPolicy"
    verb, body, shape = "bucket_policy", "Policy", "Policy"

    def _given(self, inputs: State) -> Any:
        return inputs["policy"]


class BucketCorsConfiguration(BucketSetting):
    token = "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration"
    verb, body, shape = "bucket_cors", "CORSConfiguration", "CORSConfiguration"
    rename: ClassVar = {"id": "ID"}

    def _given(self, inputs: State) -> Any:
        return {"corsRules": inputs["corsRules"]}


class BucketReplicationConfig(BucketSetting):
    """Needs versions kept on both sides. A rule with a filter is of the second version, which must name the
    filter, a priority and what becomes of delete markers (PutBucketReplication)."""

    token = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
    verb, body, shape = "bucket_replication", "ReplicationConfiguration", "ReplicationConfiguration"
    answer = "ReplicationConfiguration"
    rename: ClassVar = {"id": "ID"}

    def create(self, at: At, inputs: State) -> str:
        client = at.client("s3")
        rules = [with_tag_lists(rule) for rule in inputs["rules"]]
        body = shapes.value(client, self.shape, {"role": inputs["role"], "rules": rules}, rename=self.rename)
        for given, rule in zip(rules, body["Rules"], strict=True):
            if given.get("filter") is None:
                rule.setdefault("Prefix", "")
            else:
                rule.setdefault("Filter", {"Prefix": ""})
                rule.setdefault("Priority", 0)
        token = {"Token": inputs["token"]} if inputs.get("token") else {}
        client.put_bucket_replication(Bucket=inputs["bucket"], ReplicationConfiguration=body, **token)
        return self._id(inputs)

    def _found(self, answer: Mapping[str, Any], known: State) -> Values:
        nested = self.properties["rules"].nested
        return {
            "role": answer.get("Role"),
            "rules": with_tag_maps(answer.get("Rules", []), nested, self.rename),
        }


class BucketLifecycleConfiguration(BucketSetting):
    token = "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration"
    verb, body = "bucket_lifecycle_configuration", "LifecycleConfiguration"
    shape = "BucketLifecycleConfiguration"
    rename: ClassVar = {"id": "ID"}

    def _given(self, inputs: State) -> Any:
        return {"rules": [with_tag_lists(rule) for rule in inputs.get("rules") or []]}

    def create(self, at: At, inputs: State) -> str:
        client = at.client("s3")
        body = shapes.value(client, self.shape, self._given(inputs), rename=self.rename)
        # A rule needs a filter or a prefix; none means the whole bucket, which the API writes as "".
        for rule in body.get("Rules", []):
            if not rule.get("Filter") and "Prefix" not in rule:
                rule["Filter"] = {"Prefix": ""}
        minimum = inputs.get("transitionDefaultMinimumObjectSize")
        extra = {"TransitionDefaultMinimumObjectSize": minimum} if minimum else {}
        client.put_bucket_lifecycle_configuration(
            Bucket=inputs["bucket"], LifecycleConfiguration=body, **extra
        )
        return self._id(inputs)

    def _found(self, answer: Mapping[str, Any], known: State) -> Values:
        return {"rules": with_tag_maps(answer.get("Rules", []), self.properties["rules"].nested, self.rename)}

    def _deletion(self) -> str:
        return "bucket_lifecycle"


def with_tag_lists(rule: State) -> Values:
    """A rule whose filter has its tags as the API takes them."""
    converted = dict(rule)
    joined = (rule.get("filter") or {}).get("and")
    if joined and joined.get("tags"):
        converted["filter"] = {"and": {**joined, "tags": tag_list(joined["tags"])}}
    return converted


def with_tag_maps(
    rules: list[Mapping[str, Any]], nested: Mapping[str, Property], rename: Mapping[str, str]
) -> list[Values]:
    """Rules as the API answers them, with the tags of their filters as a map."""
    converted = []
    for rule in rules:
        found = shapes.outputs(nested, rule, rename=rename)
        joined = (rule.get("Filter") or {}).get("And")
        if joined and joined.get("Tags"):
            found["filter"]["and"]["tags"] = tag_map(joined["Tags"])
        converted.append({name: value for name, value in found.items() if value not in ({}, [])})
    return converted


def missing(error: ClientError) -> bool:
    """Whether an object or its bucket does not exist."""
    return is_gone(error) or code(error) == "404"
