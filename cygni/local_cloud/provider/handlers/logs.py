"""CloudWatch log groups."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import At, Handler, State, code, tag_changes, unless_gone
from cygni.local_cloud.provider.handlers.iam import name_of
from cygni.local_cloud.provider.wire import Values


class LogGroup(Handler):
    token = "aws:cloudwatch/logGroup:LogGroup"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("logs")
        rename = {"name": "logGroupName"}
        wanted = shapes.request(client, "CreateLogGroup", inputs, rename=rename, drop=("tags", "tagsAll"))
        wanted["logGroupName"] = name = name_of(inputs)
        if inputs.get("tagsAll"):
            wanted["tags"] = dict(inputs["tagsAll"])
        try:
            client.create_log_group(**wanted)
        except ClientError as error:
            if code(error) != "ResourceAlreadyExistsException" or not self.owned(at, name, inputs):
                raise
        return name

    def complete(self, at: At, id: str, inputs: State) -> None:
        days = inputs.get("retentionInDays")
        if days:
            at.client("logs").put_retention_policy(logGroupName=id, retentionInDays=days)

    def _group(self, at: At, id: str) -> dict[str, Any] | None:
        pages = at.client("logs").get_paginator("describe_log_groups").paginate(logGroupNamePrefix=id)
        groups = (group for page in pages for group in page["logGroups"])
        return next((dict(group) for group in groups if group["logGroupName"] == id), None)

    def read(self, at: At, id: str, known: State) -> Values | None:
        group = self._group(at, id)
        if group is None:
            return None
        found = shapes.outputs(self.properties, group, rename={"name": "logGroupName"}, clears=("kmsKeyId",))
        arn = str(group["arn"]).removesuffix(":*")
        tags = at.client("logs").list_tags_for_resource(resourceArn=arn)["tags"]
        return found | {"arn": arn, "retentionInDays": group.get("retentionInDays", 0), "tagsAll": tags}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("logs")
        if "retentionInDays" in changed:
            days = news.get("retentionInDays")
            if days:
                client.put_retention_policy(logGroupName=id, retentionInDays=days)
            else:
                client.delete_retention_policy(logGroupName=id)
        if "kmsKeyId" in changed:
            if news.get("kmsKeyId"):
                client.associate_kms_key(logGroupName=id, kmsKeyId=news["kmsKeyId"])
            else:
                client.disassociate_kms_key(logGroupName=id)
        if "deletionProtectionEnabled" in changed:
            wanted = bool(news.get("deletionProtectionEnabled"))
            client.put_log_group_deletion_protection(logGroupIdentifier=id, deletionProtectionEnabled=wanted)
        put, removed = tag_changes(olds, news)
        arn = at.arn("logs", f"log-group:{id}")
        if removed:
            client.untag_resource(resourceArn=arn, tagKeys=removed)
        if put:
            client.tag_resource(resourceArn=arn, tags=put)

    def delete(self, at: At, id: str, known: State) -> None:
        if not known.get("skipDestroy"):
            with unless_gone():
                at.client("logs").delete_log_group(logGroupName=id)

    def find(self, at: At, inputs: State) -> list[str]:
        return [name_of(inputs)]
