"""SQS queues and their policies."""

from __future__ import annotations

from typing import ClassVar

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.compare import as_text
from cygni.local_cloud.provider.handlers.base import (
    At,
    Handler,
    State,
    code,
    is_gone,
    tag_changes,
    unless_gone,
)
from cygni.local_cloud.provider.handlers.iam import name_of
from cygni.local_cloud.provider.wire import Values


class Queue(Handler):
    """A queue; its id is the URL."""

    token = "aws:sqs/queue:Queue"

    _ATTRIBUTES: ClassVar = {
        "contentBasedDeduplication": "ContentBasedDeduplication",
        "deduplicationScope": "DeduplicationScope",
        "delaySeconds": "DelaySeconds",
        "fifoQueue": "FifoQueue",
        "fifoThroughputLimit": "FifoThroughputLimit",
        "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds",
        "kmsMasterKeyId": "KmsMasterKeyId",
        "maxMessageSize": "MaximumMessageSize",
        "messageRetentionSeconds": "MessageRetentionPeriod",
        "policy": "Policy",
        "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
        "redriveAllowPolicy": "RedriveAllowPolicy",
        "redrivePolicy": "RedrivePolicy",
        "sqsManagedSseEnabled": "SqsManagedSseEnabled",
        "visibilityTimeoutSeconds": "VisibilityTimeout",
    }
    # SQS refuses these on a standard queue even when they are false.
    _ONLY_FIFO: ClassVar = (
        "fifoQueue",
        "contentBasedDeduplication",
        "deduplicationScope",
        "fifoThroughputLimit",
    )

    def _wanted(self, inputs: State) -> dict[str, str]:
        return {
            member: as_text(inputs[name])
            for name, member in self._ATTRIBUTES.items()
            if inputs.get(name) not in (None, "") and (inputs.get("fifoQueue") or name not in self._ONLY_FIFO)
        }

    def create(self, at: At, inputs: State) -> str:
        client = at.client("sqs")
        there = self.find(at, inputs)
        # SQS answers a repeated create of equal attributes with the queue that exists.
        if there and not self.owned(at, there[0], inputs):
            raise RuntimeError(f"a queue named {name_of(inputs)} exists already")
        if there:
            return there[0]
        answer = client.create_queue(
            QueueName=name_of(inputs),
            Attributes=self._wanted(inputs),
            tags=dict(inputs.get("tagsAll") or {}),
        )
        return str(answer["QueueUrl"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client("sqs")
        try:
            answer = client.get_queue_attributes(QueueUrl=id, AttributeNames=["All"])["Attributes"]
            tags = client.list_queue_tags(QueueUrl=id).get("Tags", {})
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        found = shapes.outputs(self.properties, answer, rename=self._ATTRIBUTES | {"arn": "QueueArn"})
        for name in ("fifoQueue", "contentBasedDeduplication"):
            found.setdefault(name, False)
        for name in ("policy", "redrivePolicy", "redriveAllowPolicy", "kmsMasterKeyId"):
            found.setdefault(name, None)
        return found | {"url": id, "name": id.rpartition("/")[2], "tagsAll": tags}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("sqs")
        wanted = self._wanted(news)
        attributes = {
            member: wanted.get(member, "") for name, member in self._ATTRIBUTES.items() if name in changed
        }
        if attributes:
            client.set_queue_attributes(QueueUrl=id, Attributes=attributes)
        put, removed = tag_changes(olds, news)
        if removed:
            client.untag_queue(QueueUrl=id, TagKeys=removed)
        if put:
            client.tag_queue(QueueUrl=id, Tags=put)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("sqs").delete_queue(QueueUrl=id)

    def find(self, at: At, inputs: State) -> list[str]:
        try:
            return [str(at.client("sqs").get_queue_url(QueueName=name_of(inputs))["QueueUrl"])]
        except ClientError as error:
            if is_gone(error) or code(error) == "AWS.SimpleQueueService.NonExistentQueue":
                return []
            raise


class QueuePolicy(Handler):
    """A queue's policy; its id is the queue's URL. A queue has one: who writes last wins, as in AWS."""

    token = "aws:sqs/queuePolicy:QueuePolicy"

    def create(self, at: At, inputs: State) -> str:
        url = str(inputs["queueUrl"])
        at.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": inputs["policy"]})
        return url

    def read(self, at: At, id: str, known: State) -> Values | None:
        found: Values = {}
        with unless_gone():
            answer = at.client("sqs").get_queue_attributes(QueueUrl=id, AttributeNames=["Policy"])
            found = answer.get("Attributes", {})
        return {"queueUrl": id, "policy": found["Policy"]} if found.get("Policy") else None

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        self.create(at, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("sqs").set_queue_attributes(QueueUrl=id, Attributes={"Policy": ""})

    def find(self, at: At, inputs: State) -> list[str]:
        return [str(inputs["queueUrl"])]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        return self.read(at, id, inputs) is not None
