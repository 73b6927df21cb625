"""Where moto 5.2 differs from AWS in queues and topics, put right in this process. Each with its reason."""

from __future__ import annotations

from typing import Any

from cygni.local_cloud.patching import after

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
    from moto.sqs.models import Queue

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
