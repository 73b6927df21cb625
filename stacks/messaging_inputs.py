"""What the data stack is given of queues and topics, and how it follows from the specification (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from cygni.spec import ProjectSpec


@dataclass(frozen=True)
class QueueInputs:
    """One queue. `visibility_timeout`, `delay` and `receive_wait` are in seconds, `retention` in days,
    `max_message_size` in KiB; no `max_receive_count` is no dead-letter queue."""

    name: str
    fifo: bool
    deduplicate_by_content: bool
    visibility_timeout: int
    retention: int
    delay: int
    receive_wait: int
    max_message_size: int
    max_receive_count: int | None


@dataclass(frozen=True)
class SubscriptionInputs:
    queue: str
    raw_delivery: bool
    filter: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class TopicInputs:
    name: str
    fifo: bool
    deduplicate_by_content: bool
    subscriptions: tuple[SubscriptionInputs, ...] = ()


def queue_inputs(spec: ProjectSpec) -> tuple[QueueInputs, ...]:
    return tuple(
        QueueInputs(
            name=name,
            fifo=queue.fifo,
            deduplicate_by_content=queue.deduplicate_by_content,
            visibility_timeout=queue.visibility_timeout,
            retention=queue.retention,
            delay=queue.delay,
            receive_wait=queue.receive_wait,
            max_message_size=queue.max_message_size,
            max_receive_count=queue.max_receive_count if queue.dead_letter else None,
        )
        for name, queue in sorted(spec.queues.items())
    )


def topic_inputs(spec: ProjectSpec) -> tuple[TopicInputs, ...]:
    return tuple(
        TopicInputs(
            name=name,
            fifo=topic.fifo,
            deduplicate_by_content=topic.deduplicate_by_content,
            subscriptions=tuple(
                SubscriptionInputs(queue, wanted.raw_delivery, tuple(sorted(wanted.filter.items())))
                for queue, wanted in sorted(topic.subscriptions.items())
            ),
        )
        for name, topic in sorted(spec.topics.items())
    )
