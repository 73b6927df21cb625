"""Objects in S3 buckets."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import At, Handler, State, is_gone, tag_map, unless_gone
from cygni.local_cloud.provider.wire import Values

_BODY = frozenset({"content", "contentBase64", "source"})
_SEPARATE = frozenset({"tags", "tagsAll", "acl"})


class BucketObjectv2(Handler):
    """An object; its id is `bucket/key`."""

    token = "aws:s3/bucketObjectv2:BucketObjectv2"

    _RENAME: ClassVar = {
        "acl": "ACL",
        "kmsKeyId": "SSEKMSKeyId",
        "websiteRedirect": "WebsiteRedirectLocation",
        "objectLockLegalHoldStatus": "ObjectLockLegalHoldStatus",
    }

    def create(self, at: At, inputs: State) -> str:
        client = at.client("s3")
        drop = ("tags", "tagsAll", "etag", "contentBase64", "content", "source", "metadata")
        wanted = shapes.request(client, "PutObject", inputs, rename=self._RENAME, drop=drop)
        wanted |= {"Key": key_of(inputs), "Body": body_of(inputs)}
        if inputs.get("metadata"):
            wanted["Metadata"] = dict(inputs["metadata"])
        if inputs.get("kmsKeyId"):
            wanted["ServerSideEncryption"] = "aws:kms"
        if inputs.get("tagsAll"):
            wanted["Tagging"] = urlencode(inputs["tagsAll"])
        client.put_object(**wanted)
        return f"{inputs['bucket']}/{wanted['Key']}"

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client("s3")
        bucket, _, key = id.removeprefix("s3://").partition("/")
        try:
            head = client.head_object(Bucket=bucket, Key=key)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        found = shapes.outputs(self.properties, head, rename=self._RENAME)
        with unless_gone():
            found["tagsAll"] = tag_map(client.get_object_tagging(Bucket=bucket, Key=key)["TagSet"])
        return found | {
            "id": f"{bucket}/{key}",
            "bucket": bucket,
            "key": known.get("key", key) if key_of({"key": known.get("key", key)}) == key else key,
            "arn": f"arn:aws:s3:::{bucket}/{key}",
            "etag": str(head.get("ETag", "")).strip('"'),
            "storageClass": head.get("StorageClass", "STANDARD"),
            "metadata": head.get("Metadata") or ({} if "metadata" in known else None),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("s3")
        bucket, _, key = id.partition("/")
        if changed - _SEPARATE - {"forceDestroy"}:
            self.create(at, news)
            return
        if "acl" in changed:
            client.put_object_acl(Bucket=bucket, Key=key, ACL=news.get("acl", "private"))
        if changed & {"tags", "tagsAll"}:
            tags = [{"Key": name, "Value": value} for name, value in (news.get("tagsAll") or {}).items()]
            client.put_object_tagging(Bucket=bucket, Key=key, Tagging={"TagSet": tags})

    def delete(self, at: At, id: str, known: State) -> None:
        client = at.client("s3")
        bucket, _, key = id.partition("/")
        with unless_gone():
            for version in self._versions(client, bucket, key):
                client.delete_object(Bucket=bucket, Key=key, VersionId=version)
            client.delete_object(Bucket=bucket, Key=key)

    def _versions(self, client: Any, bucket: str, key: str) -> list[str]:
        """Ids of all versions and delete markers; none in a bucket that keeps no versions."""
        found = []
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key):
            items = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            found += [item["VersionId"] for item in items if item["Key"] == key]
        return [version for version in found if version != "null"]

    def find(self, at: At, inputs: State) -> list[str]:
        return [f"{inputs['bucket']}/{key_of(inputs)}"]


def key_of(inputs: State) -> str:
    """The key as it is sent: without leading `./` and `/`, and without runs of slashes."""
    key = str(inputs["key"]).removeprefix("./")
    while "//" in key:
        key = key.replace("//", "/")
    return key.lstrip("/")


def body_of(inputs: State) -> bytes:
    """The content, from text, base64 or a file asset. Raises OSError when the file cannot be read."""
    if inputs.get("contentBase64"):
        return base64.b64decode(inputs["contentBase64"])
    source = inputs.get("source")
    if isinstance(source, dict):
        if source.get("path"):
            return Path(source["path"]).read_bytes()
        return str(source.get("text", "")).encode()
    return str(inputs.get("content") or "").encode()
