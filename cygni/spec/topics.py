"""The `topics` of cygni.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field

from cygni.spec.fields import Name
from cygni.spec.queues import Queue
from cygni.spec.section import Finding, Section, Text
from cygni.wording import did_you_mean, one_of, quoted

# SNS message filtering: up to five attributes a policy; a message attribute's name has up to 256 characters.
AttributeName = Annotated[str, Text(r"[A-Za-z0-9_.-]+", "letters, digits, `_`, `.` and `-`", 256)]
AttributeValue = Annotated[str, Text(r".+", "some text", 256)]


class Subscription(Section):
    """A queue that gets what is published to a topic."""

    raw_delivery: bool = Field(
        default=True,
        description=(
            "Whether a message arrives in the queue as it was published. Otherwise it arrives inside a JSON document "
            "that names the topic and the time."
        ),
        examples=[False],
    )
    filter: Annotated[
        Mapping[
            AttributeName,
            Annotated[tuple[AttributeValue, ...], Field(min_length=1, max_length=50, strict=False)],
        ],
        Field(max_length=5),
    ] = Field(
        default_factory=dict,
        description=(
            "Only messages whose attributes have one of these values arrive, by the attribute's name. Nothing written "
            "lets everything through."
        ),
        examples=[{"event": ["created", "paid"]}],
    )


class Topic(Section):
    """An SNS topic: encrypted, delivered to the queues that subscribe to it."""

    fifo: bool = Field(
        default=False,
        description=(
            "First in, first out: messages of a group are delivered in order and once, to FIFO queues that subscribe. "
            "It cannot change later without replacing the topic."
        ),
        examples=[True],
    )
    deduplicate_by_content: bool = Field(
        default=False,
        description="Two messages of the same content within five minutes are one. FIFO topics only.",
        examples=[True],
    )
    subscriptions: Annotated[Mapping[Name, Subscription], Field(max_length=100)] = Field(
        default_factory=dict, description="Queues that get every message, by their names under `queues`."
    )

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        if data.get("deduplicate_by_content") is True and data.get("fifo") in (None, False):
            message = "only a FIFO topic knows two messages to be one"
            yield Finding(("deduplicate_by_content",), message, "add `fifo: true`")


def subscription_findings(topics: Any, queues: Any) -> Iterator[Finding]:
    """What is wrong between `topics` and `queues`, both as written: any value may have any type."""
    known = queues if isinstance(queues, Mapping) else {}
    for topic, written in topics.items() if isinstance(topics, Mapping) else ():
        for queue in _subscribed(written):
            path = ("topics", topic, "subscriptions", queue)
            if queue not in known:
                message = f"there is no queue of this name{did_you_mean(str(queue), map(str, known))}"
                hint = f"the queues are {one_of(map(quoted, known))}" if known else "add it under `queues`"
                yield Finding(path, message, hint, at_key=True)
            elif _is_fifo(known[queue]) and not _is_fifo(written):
                message = (
                    f"{quoted(queue)} is a FIFO queue, which takes no messages of a standard topic (SNS)"
                )
                hint = f"add `fifo: true` to the topic {quoted(topic)}, or subscribe a standard queue"
                yield Finding(path, message, hint, related=(("queues", queue),), at_key=True)


def _subscribed(topic: Any) -> Iterable[Any]:
    if isinstance(topic, Topic):
        return topic.subscriptions
    subscriptions = topic.get("subscriptions") if isinstance(topic, Mapping) else None
    return subscriptions if isinstance(subscriptions, Mapping) else ()


def _is_fifo(written: Any) -> bool:
    if isinstance(written, Queue | Topic):
        return written.fifo
    return isinstance(written, Mapping) and written.get("fifo") is True
