"""The queues and topics of the data stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pulumi

from components.queue import Queue, QueueArgs
from components.topic import SubscriptionArgs, Topic, TopicArgs
from cygni.naming import messaging_name
from stacks.inputs import DataInputs
from stacks.messaging_inputs import QueueInputs, TopicInputs


def messaging(inputs: DataInputs, account: str, region: str) -> None:
    """Declares them. Outputs, where there are any: queueUrls, queueArns and topicArns, by the name each has in the
    specification."""
    wanted = {topic.name: _topic_args(inputs, topic, account, region) for topic in inputs.topics}
    queues: dict[str, Queue] = {}
    for queue in inputs.queues:
        publishers = [wanted[topic.name].arn for topic in inputs.topics if _sends_to(topic, queue)]
        args = _queue_args(inputs, queue, account, region, publishers)
        queues[queue.name] = Queue(f"{inputs.project}-{inputs.environment}-{queue.name}", args)
    topics = {
        topic.name: Topic(
            f"{inputs.project}-{inputs.environment}-{topic.name}",
            replace(wanted[topic.name], subscriptions=_subscriptions(topic, queues)),
        )
        for topic in inputs.topics
    }
    if queues:
        pulumi.export("queueUrls", {name: made.queue.url for name, made in queues.items()})
        pulumi.export("queueArns", {name: made.queue.arn for name, made in queues.items()})
    if topics:
        pulumi.export("topicArns", {name: made.topic.arn for name, made in topics.items()})


def _sends_to(topic: TopicInputs, queue: QueueInputs) -> bool:
    return any(subscription.queue == queue.name for subscription in topic.subscriptions)


def _queue_args(
    inputs: DataInputs, queue: QueueInputs, account: str, region: str, topics: Sequence[str]
) -> QueueArgs:
    return QueueArgs(
        queue=messaging_name(inputs.project, inputs.environment, queue.name),
        region=region,
        account=account,
        fifo=queue.fifo,
        deduplicate_by_content=queue.deduplicate_by_content,
        visibility_timeout=queue.visibility_timeout,
        retention=queue.retention,
        delay=queue.delay,
        receive_wait=queue.receive_wait,
        max_message_size=queue.max_message_size,
        max_receive_count=queue.max_receive_count,
        topics=topics,
    )


def _topic_args(inputs: DataInputs, topic: TopicInputs, account: str, region: str) -> TopicArgs:
    return TopicArgs(
        topic=messaging_name(inputs.project, inputs.environment, topic.name),
        region=region,
        account=account,
        fifo=topic.fifo,
        deduplicate_by_content=topic.deduplicate_by_content,
    )


def _subscriptions(topic: TopicInputs, queues: Mapping[str, Queue]) -> list[SubscriptionArgs]:
    return [
        SubscriptionArgs(wanted.queue, queues[wanted.queue], wanted.raw_delivery, dict(wanted.filter))
        for wanted in topic.subscriptions
    ]
