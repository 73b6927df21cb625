"""CloudFront distributions and origin access controls."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.cloud import partition_of
from cygni.local_cloud.provider.handlers import cloudfront_shapes
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

HOSTED_ZONE: Final = "Z2FDTNDATAQYW2"
"""The zone that holds the names of all distributions (Amazon Route 53 developer guide, alias records)."""
_DEPLOYED_WITHIN: Final = 5400.0
_UNUSED_WITHIN: Final = 600.0


class Distribution(Handler):
    token = "aws:cloudfront/distribution:Distribution"

    def _reference(self, at: At, inputs: State) -> str:
        """What makes a create that is sent twice one; it begins the same for the same resource of a program."""
        urn = str((inputs.get("tagsAll") or {}).get(URN_TAG, ""))
        return f"cygni-{hashlib.sha256(urn.encode()).hexdigest()[:32]}-{at.client_token(inputs)}"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("cloudfront")
        config = cloudfront_shapes.config(client, inputs, self._reference(at, inputs))
        tags = {"Items": tag_list(inputs.get("tagsAll"))}
        answer = client.create_distribution_with_tags(
            DistributionConfigWithTags={"DistributionConfig": config, "Tags": tags}
        )
        return str(answer["Distribution"]["Id"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        if inputs.get("waitForDeployment", True):
            self._await_deployed(at, id)

    def _await_deployed(self, at: At, id: str) -> None:
        def deployed() -> bool | None:
            status = at.client("cloudfront").get_distribution(Id=id)["Distribution"]["Status"]
            return True if status == "Deployed" else None

        at.cloud.await_(f"distribution {id} to be deployed", deployed, seconds=_DEPLOYED_WITHIN)

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client("cloudfront")
        try:
            answer = client.get_distribution(Id=id)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        found = answer["Distribution"]
        tags = client.list_tags_for_resource(Resource=found["ARN"])["Tags"].get("Items", [])
        config = found["DistributionConfig"]
        return {
            **cloudfront_shapes.properties(self.properties, config),
            "arn": found["ARN"],
            "callerReference": config["CallerReference"],
            "domainName": found["DomainName"],
            "etag": answer["ETag"],
            "hostedZoneId": HOSTED_ZONE,
            "inProgressValidationBatches": found.get("InProgressInvalidationBatches", 0),
            "lastModifiedTime": found["LastModifiedTime"].isoformat(),
            "loggingV1Enabled": bool((config.get("Logging") or {}).get("Enabled")),
            "status": found["Status"],
            "tagsAll": tag_map(tags),
        }

    def _change(self, at: At, id: str, config: Values) -> None:
        """Another change may come in between: what the answer's ETag names is what is changed."""
        client = at.client("cloudfront")
        try:
            client.update_distribution(Id=id, DistributionConfig=config, IfMatch=self._etag(at, id))
        except ClientError as error:
            if code(error) != "PreconditionFailed":
                raise
            client.update_distribution(Id=id, DistributionConfig=config, IfMatch=self._etag(at, id))

    def _etag(self, at: At, id: str) -> str:
        return str(at.client("cloudfront").get_distribution_config(Id=id)["ETag"])

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("cloudfront")
        if changed - {"tags", "tagsAll", "retainOnDelete", "waitForDeployment"}:
            self._change(at, id, cloudfront_shapes.config(client, news, olds["callerReference"]))
            if news.get("waitForDeployment", True):
                self._await_deployed(at, id)
        put, removed = tag_changes(olds, news)
        if removed:
            client.untag_resource(Resource=olds["arn"], TagKeys={"Items": removed})
        if put:
            client.tag_resource(Resource=olds["arn"], Tags={"Items": tag_list(put)})

    def delete(self, at: At, id: str, known: State) -> None:
        """Only a distribution that is disabled everywhere can be deleted."""
        client = at.client("cloudfront")
        with unless_gone():
            config = client.get_distribution_config(Id=id)["DistributionConfig"]
            if config["Enabled"]:
                self._change(at, id, {**config, "Enabled": False})
            if known.get("retainOnDelete"):
                return
            self._await_deployed(at, id)
            client.delete_distribution(Id=id, IfMatch=self._etag(at, id))

    def find(self, at: At, inputs: State) -> list[str]:
        pages = at.client("cloudfront").get_paginator("list_distributions").paginate()
        aliases = set(inputs.get("aliases") or ())
        return [
            str(found["Id"])
            for page in pages
            for found in page["DistributionList"].get("Items", [])
            if set((found.get("Aliases") or {}).get("Items") or ()) == aliases
        ]


class OriginAccessControl(Handler):
    """How CloudFront signs what it asks of an origin. It has no tags; its name is its own in an account."""

    token = "aws:cloudfront/originAccessControl:OriginAccessControl"

    def _wanted(self, at: At, inputs: State) -> dict[str, Any]:
        return dict(shapes.value(at.client("cloudfront"), "OriginAccessControlConfig", inputs))

    def create(self, at: At, inputs: State) -> str:
        try:
            answer = at.client("cloudfront").create_origin_access_control(
                OriginAccessControlConfig=self._wanted(at, inputs)
            )
        except ClientError as error:
            found = self.find(at, inputs) if code(error) == "OriginAccessControlAlreadyExists" else []
            if not found or not self.owned(at, found[0], inputs):
                raise
            return found[0]
        return str(answer["OriginAccessControl"]["Id"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        try:
            answer = at.client("cloudfront").get_origin_access_control(Id=id)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        config = answer["OriginAccessControl"]["OriginAccessControlConfig"]
        account = at.cloud.account_id()
        arn = f"arn:{partition_of(at.region)}:cloudfront::{account}:origin-access-control/{id}"
        return {
            "name": config["Name"],
            "description": config.get("Description", ""),
            "signingProtocol": config["SigningProtocol"],
            "signingBehavior": config["SigningBehavior"],
            "originAccessControlOriginType": config["OriginAccessControlOriginType"],
            "etag": answer["ETag"],
            "arn": arn,
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("cloudfront")
        client.update_origin_access_control(
            Id=id,
            OriginAccessControlConfig=self._wanted(at, news),
            IfMatch=client.get_origin_access_control(Id=id)["ETag"],
        )

    def delete(self, at: At, id: str, known: State) -> None:
        client = at.client("cloudfront")

        def deleted() -> bool | None:
            """A distribution lets go of it a while after it was told to."""
            etag = client.get_origin_access_control(Id=id)["ETag"]
            with ignoring("OriginAccessControlInUse"):
                client.delete_origin_access_control(Id=id, IfMatch=etag)
                return True
            return None

        with unless_gone():
            at.cloud.await_(f"origin access control {id} to be used no more", deleted, seconds=_UNUSED_WITHIN)

    def find(self, at: At, inputs: State) -> list[str]:
        pages = at.client("cloudfront").get_paginator("list_origin_access_controls").paginate()
        return [
            str(found["Id"])
            for page in pages
            for found in page["OriginAccessControlList"].get("Items", [])
            if found["Name"] == inputs.get("name")
        ]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        """It has no tags: one of the same name and settings is taken for the one that was made."""
        found = self.read(at, id, inputs)
        wanted = ("name", "signingProtocol", "signingBehavior", "originAccessControlOriginType")
        return found is not None and all(found[name] == inputs.get(name) for name in wanted)
