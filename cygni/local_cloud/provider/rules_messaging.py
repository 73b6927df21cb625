"""Rules between the properties of queues and topics; joined into the tables of rules.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cygni.local_cloud.provider.compare import is_empty
from cygni.local_cloud.provider.wire import UNKNOWN

State = Mapping[str, Any]

_TOPIC = "aws:sns/topic:Topic"
_SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"

NOT_APPLIED: Mapping[str, tuple[str, ...]] = {
    _TOPIC: ("archivePolicy", "maximumMessageSize"),
    _SUBSCRIPTION: ("replayPolicy",),
}


def violations(token: str, inputs: State) -> Iterator[tuple[str, str]]:
    """Rules between properties that the facts cannot express: (property path, reason)."""
    match token:
        case "aws:sqs/queue:Queue":
            if inputs.get("contentBasedDeduplication") is True and not inputs.get("fifoQueue"):
                yield "contentBasedDeduplication", "only FIFO queues (fifoQueue) deduplicate by content"
        case "aws:sns/topic:Topic":
            for name in ("contentBasedDeduplication", "fifoThroughputScope"):
                if not is_empty(inputs.get(name)) and not inputs.get("fifoTopic"):
                    yield name, "only FIFO topics (fifoTopic) have it"
        case "aws:sns/topicSubscription:TopicSubscription":
            scope, policy = inputs.get("filterPolicyScope"), inputs.get("filterPolicy")
            if scope not in (None, UNKNOWN) and is_empty(policy):
                yield "filterPolicyScope", "a scope needs a filterPolicy"
