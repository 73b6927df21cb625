"""Samples of queues and topics."""

from __future__ import annotations

import json

from cygni.local_cloud.provider.operations import Kept
from tests.cygni.local_cloud.provider.samples import RETAGGED, Sample, tags
from tests.cygni.local_cloud.provider.samples_core import allow


def redrive(dead_letters: Kept, count: int) -> str:
    return json.dumps({"deadLetterTargetArn": dead_letters.outputs["arn"], "maxReceiveCount": count})


MESSAGING: dict[str, Sample] = {
    "queue": Sample(
        "aws:sqs/queue:Queue",
        lambda make: {"name": "sample", "visibilityTimeoutSeconds": 60, **tags()},
        lambda make: {
            "visibilityTimeoutSeconds": 90,
            "delaySeconds": 5,
            "redriveAllowPolicy": json.dumps({"redrivePermission": "denyAll"}),
            **RETAGGED,
        },
    ),
    "queue with dead letters": Sample(
        "aws:sqs/queue:Queue",
        lambda make: {
            "name": "sample.fifo",
            "fifoQueue": True,
            "contentBasedDeduplication": True,
            "sqsManagedSseEnabled": True,
            "redrivePolicy": redrive(make("dead letters"), 3),
            **tags(),
        },
        lambda make: {"redrivePolicy": redrive(make("dead letters"), 5), "contentBasedDeduplication": False},
    ),
    "dead letters": Sample(
        "aws:sqs/queue:Queue", lambda make: {"name": "dead.fifo", "fifoQueue": True, **tags()}
    ),
    "queue policy": Sample(
        "aws:sqs/queuePolicy:QueuePolicy",
        lambda make: {"queueUrl": make("queue").id, "policy": allow("sqs:SendMessage", Principal="*")},
        lambda make: {"policy": allow("sqs:ReceiveMessage", Principal="*")},
    ),
    "topic": Sample(
        "aws:sns/topic:Topic",
        lambda make: {"name": "sample", "kmsMasterKeyId": "alias/aws/sns", "displayName": "one", **tags()},
        lambda make: {
            "displayName": None,
            "signatureVersion": 2,
            "tracingConfig": "Active",
            "sqsSuccessFeedbackSampleRate": 50,
            "policy": allow("sns:Publish", Principal="*"),
            **RETAGGED,
        },
    ),
    "ordered topic": Sample(
        "aws:sns/topic:Topic",
        lambda make: {"name": "sample.fifo", "fifoTopic": True, "contentBasedDeduplication": True, **tags()},
        lambda make: {"contentBasedDeduplication": False, "fifoThroughputScope": "MessageGroup"},
    ),
    "subscription": Sample(
        "aws:sns/topicSubscription:TopicSubscription",
        lambda make: {
            "topic": make("topic").id,
            "protocol": "sqs",
            "endpoint": make("queue").outputs["arn"],
            "rawMessageDelivery": True,
            "filterPolicy": json.dumps({"event": ["created"]}),
        },
        lambda make: {
            "rawMessageDelivery": False,
            "filterPolicy": json.dumps({"event": ["deleted"]}),
            "filterPolicyScope": "MessageBody",
        },
        unreadable=("confirmationTimeoutInMinutes",),
    ),
    "subscription to all": Sample(
        "aws:sns/topicSubscription:TopicSubscription",
        lambda make: {
            "topic": make("ordered topic").id,
            "protocol": "sqs",
            "endpoint": make("queue with dead letters").outputs["arn"],
            "filterPolicy": json.dumps({"event": ["created"]}),
            "redrivePolicy": json.dumps({"deadLetterTargetArn": make("dead letters").outputs["arn"]}),
        },
        lambda make: {"filterPolicy": None, "redrivePolicy": None},
        unreadable=("confirmationTimeoutInMinutes",),
    ),
}
