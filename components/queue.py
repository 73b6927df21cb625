"""An encrypted SQS queue, and one for what fails too often."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_aws import sqs

from components.binding import Statement
from components.component import Component
from cygni.naming import arn

_DEAD_LETTER_DAYS = 14
"""Days a dead letter is kept: as long as SQS keeps any message."""

_DAY = 86_400
_KIB = 1_024


@dataclass(frozen=True)
class QueueArgs:
    """`queue` is the queue's own name without `.fifo` (at most 70 characters). `visibility_timeout`, `delay` and
    `receive_wait` are in seconds, `retention` in days, `max_message_size` in KiB. After `max_receive_count` receives
    a message goes to the dead-letter queue; None makes none. `topics` are the ARNs of SNS topics that may send."""

    queue: str
    region: str
    account: str
    fifo: bool = False
    deduplicate_by_content: bool = False
    visibility_timeout: int = 30
    retention: int = 4
    delay: int = 0
    receive_wait: int = 20
    max_message_size: int = 256
    max_receive_count: int | None = 5
    topics: Sequence[str] = ()

    def name_of(self, suffix: str = "") -> str:
        return f"{self.queue}{suffix}{'.fifo' if self.fifo else ''}"

    def arn_of(self, suffix: str = "") -> str:
        return arn("sqs", self.region, self.account, self.name_of(suffix))


class Queue(Component):
    """SQS queue with SSE-SQS encryption, reached by TLS alone, with a dead-letter queue that takes from it alone.

    Outputs: `queue`, `dead_letters` (None without one).
    """

    token = "cygni:data:Queue"

    def __init__(self, name: str, args: QueueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        self.dead_letters = self._dead_letters(name, args) if args.max_receive_count is not None else None
        redrive: dict[str, Any] = {}
        if self.dead_letters is not None:
            redrive["redrive_policy"] = self.dead_letters.arn.apply(
                lambda target: json.dumps(
                    {"deadLetterTargetArn": target, "maxReceiveCount": args.max_receive_count}
                )
            )
        self.queue = sqs.Queue(
            name,
            name=args.name_of(),
            **_fifo(args),
            sqs_managed_sse_enabled=True,
            visibility_timeout_seconds=args.visibility_timeout,
            message_retention_seconds=args.retention * _DAY,
            delay_seconds=args.delay,
            receive_wait_time_seconds=args.receive_wait,
            max_message_size=args.max_message_size * _KIB,
            **redrive,
            opts=self.child(),
        )
        self._policy(name, self.queue, [_tls_only(args.arn_of()), *_from_topics(args)])
        self.register_outputs({"queueArn": self.queue.arn})

    def _dead_letters(self, name: str, args: QueueArgs) -> sqs.Queue:
        queue = sqs.Queue(
            f"{name}.dead",
            name=args.name_of("_dead"),
            **_fifo(args),
            sqs_managed_sse_enabled=True,
            message_retention_seconds=_DEAD_LETTER_DAYS * _DAY,
            max_message_size=args.max_message_size * _KIB,
            redrive_allow_policy=json.dumps(
                {"redrivePermission": "byQueue", "sourceQueueArns": [args.arn_of()]}
            ),
            opts=self.child(),
        )
        self._policy(f"{name}.dead", queue, [_tls_only(args.arn_of("_dead"))])
        return queue

    def _policy(self, name: str, queue: sqs.Queue, statements: Sequence[Statement]) -> None:
        sqs.QueuePolicy(
            name,
            queue_url=queue.url,
            policy=json.dumps({"Version": "2012-10-17", "Statement": statements}),
            opts=self.child(),
        )


def _fifo(args: QueueArgs) -> dict[str, Any]:
    return (
        {"fifo_queue": True, "content_based_deduplication": args.deduplicate_by_content} if args.fifo else {}
    )


def _tls_only(queue: str) -> Statement:
    return {
        "Sid": "DenyPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": queue,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _from_topics(args: QueueArgs) -> list[Statement]:
    """SNS may send, and only for these topics: without the condition anybody's topic could."""
    if not args.topics:
        return []
    return [
        {
            "Sid": "SendFromTopics",
            "Effect": "Allow",
            "Principal": {"Service": "sns.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": args.arn_of(),
            "Condition": {"ArnEquals": {"aws:SourceArn": sorted(args.topics)}},
        }
    ]
