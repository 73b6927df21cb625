"""The `queues` of cygni.yaml."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field

from cygni.spec.section import Finding, Section


class Queue(Section):
    """An SQS queue: encrypted, reached by TLS alone, with a queue for what fails too often."""

    fifo: bool = Field(
        default=False,
        description=(
            "First in, first out: messages of a group are delivered in order and once. Requests cost 0.50 USD a "
            "million instead of 0.40 USD (us-east-1). It cannot change later without replacing the queue."
        ),
        examples=[True],
    )
    deduplicate_by_content: bool = Field(
        default=False,
        description=(
            "Two messages of the same content within five minutes are one. Without it, whoever sends gives each "
            "message a deduplication id. FIFO queues only."
        ),
        examples=[True],
    )
    visibility_timeout: int = Field(
        default=30,
        ge=0,
        le=43_200,
        description=(
            "Seconds a received message is hidden from other receivers. Make it longer than the work on a message "
            "takes, or two tasks do it."
        ),
        examples=[120],
    )
    retention: int = Field(
        default=4,
        ge=1,
        le=14,
        description=(
            "Days a message is kept until somebody deletes it. In the dead-letter queue it is always 14 days."
        ),
        examples=[7],
    )
    delay: int = Field(
        default=0, ge=0, le=900, description="Seconds before a new message can be received.", examples=[10]
    )
    receive_wait: int = Field(
        default=20,
        ge=0,
        le=20,
        description="Seconds a receive waits for a message (long polling). Fewer seconds are more requests to pay for.",
        examples=[5],
    )
    max_message_size: int = Field(
        default=256, ge=1, le=1024, description="Largest message in KiB.", examples=[1024]
    )
    dead_letter: bool = Field(
        default=True,
        description=(
            "Whether messages that fail too often go to a queue of their own (`NAME.dead` in plans), where they can "
            "be looked at. Without it they are received again and again until they are too old."
        ),
        examples=[False],
    )
    max_receive_count: int = Field(
        default=5,
        ge=1,
        le=1000,
        description="How often a message is received, without being deleted, before it goes to the dead-letter queue.",
        examples=[3],
    )

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        if data.get("deduplicate_by_content") is True and data.get("fifo") in (None, False):
            message = "only a FIFO queue knows two messages to be one"
            yield Finding(("deduplicate_by_content",), message, "add `fifo: true`")
        if "max_receive_count" in data and data.get("dead_letter") is False:
            message = "there is no dead-letter queue for messages to go to"
            hint = "remove the line, or `dead_letter: false`"
            yield Finding(("max_receive_count",), message, hint, related=(("dead_letter",),))
