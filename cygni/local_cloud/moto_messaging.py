"""Where moto 5.2 differs from AWS in queues and topics, put right in this process. Each with its reason."""

from __future__ import annotations

import functools
import time
from typing import Any, Final

from cygni.local_cloud.patching import after
from cygni.local_cloud.turn import TURN

_LOOK_SECONDS: Final = 0.05
"""How soon a message is received that is sent while somebody waits for it."""

# What SetTopicAttributes takes besides what moto's GetTopicAttributes answers with (SNS API reference).
_TOPIC_ATTRIBUTES = (
    "FifoThroughputScope",
    "SignatureVersion",
    "TracingConfig",
    *(
        f"{endpoint}{what}"
        for endpoint in ("Application", "Firehose", "HTTP", "Lambda", "SQS")
        for what in ("FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate")
    ),
)


def fix_sqs() -> None:
    from moto.sqs.models import Queue, SQSBackend

    _let_others_have_their_turn(SQSBackend)
    # moto keeps a queue's RedriveAllowPolicy and never shows it.
    Queue.BASE_ATTRIBUTES.append("RedriveAllowPolicy")
    Queue.redrive_allow_policy = None
    original = Queue._set_attributes  # noqa: SLF001

    def keep_policy(queue: Any, attributes: dict[str, Any], now: float | None = None) -> None:
        """SetQueueAttributes changes what it names; moto takes the policy away where it is not named."""
        if hasattr(queue, "_policy_json"):
            attributes = {"Policy": queue.policy, **attributes}
        original(queue, attributes, now)

    Queue._set_attributes = keep_policy  # noqa: SLF001


def _let_others_have_their_turn(backend_class: Any) -> None:
    """moto waits for messages within the call, so that nobody else is answered; who sends one, for example."""
    receive = backend_class.receive_message

    @functools.wraps(receive)
    def receive_message(backend: Any, queue: str, count: int, wait: int, *args: Any, **named: Any) -> Any:
        until = time.monotonic() + wait
        while True:
            found = receive(backend, queue, count, 0, *args, **named)
            if found or time.monotonic() >= until:
                return found
            with TURN:
                TURN.wait(_LOOK_SECONDS)

    backend_class.receive_message = receive_message


def fix_sns() -> None:
    from moto.core.utils import camelcase_to_underscores
    from moto.sns.responses import SNSResponse

    def with_the_rest(response: Any, answer: Any) -> None:
        """moto keeps every attribute it is given and shows some."""
        topic = response.backend.get_topic(response._get_param("TopicArn"))  # noqa: SLF001
        for name in _TOPIC_ATTRIBUTES:
            value = getattr(topic, camelcase_to_underscores(name), None)
            if value not in (None, ""):
                answer.result["Attributes"][name] = value

    after(SNSResponse, "get_topic_attributes", with_the_rest)
