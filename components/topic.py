"""An encrypted SNS topic, delivered to queues."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi_aws import sns

from components.component import Component
from components.queue import Queue
from cygni.naming import arn


@dataclass(frozen=True)
class SubscriptionArgs:
    """`queue` must allow the topic to send to it. `raw_delivery` delivers messages as they were published. `filter`
    lets through what has one of the values in each of these attributes; empty lets everything through."""

    name: str
    queue: Queue
    raw_delivery: bool = True
    filter: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class TopicArgs:
    """`topic` is the topic's own name without `.fifo` (at most 70 characters)."""

    topic: str
    region: str
    account: str
    fifo: bool = False
    deduplicate_by_content: bool = False
    subscriptions: Sequence[SubscriptionArgs] = ()

    @property
    def name(self) -> str:
        return f"{self.topic}{'.fifo' if self.fifo else ''}"

    @property
    def arn(self) -> str:
        """What the topic's ARN will be, for the policies of queues, which are there before it."""
        return arn("sns", self.region, self.account, self.name)


class Topic(Component):
    """SNS topic, encrypted with the account's key for SNS (`alias/aws/sns`), published to by TLS alone, with a
    subscription for each queue. Output: `topic`."""

    token = "cygni:data:Topic"

    def __init__(self, name: str, args: TopicArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        fifo = (
            {"fifo_topic": True, "content_based_deduplication": args.deduplicate_by_content}
            if args.fifo
            else {}
        )
        self.topic = sns.Topic(
            name,
            name=args.name,
            **fifo,
            kms_master_key_id="alias/aws/sns",
            policy=json.dumps(_tls_only(args.arn)),
            opts=self.child(),
        )
        for wanted in args.subscriptions:
            filtered = {key: list(values) for key, values in sorted(wanted.filter.items())}
            sns.TopicSubscription(
                f"{name}.{wanted.name}",
                topic=self.topic.arn,
                protocol="sqs",
                endpoint=wanted.queue.queue.arn,
                raw_message_delivery=wanted.raw_delivery,
                filter_policy=json.dumps(filtered) if filtered else None,
                opts=self.child(depends_on=[wanted.queue]),
            )
        self.register_outputs({"topicArn": self.topic.arn})


def _tls_only(topic: str) -> dict[str, object]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "DenyPlainHttp",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sns:Publish",
                "Resource": topic,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            }
        ],
    }
