"""SNS topics and their subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.compare import as_text
from cygni.local_cloud.provider.handlers.base import (
    At,
    Handler,
    State,
    code,
    is_gone,
    message,
    tag_changes,
    tag_list,
    tag_map,
    unless_gone,
)
from cygni.local_cloud.provider.handlers.iam import name_of
from cygni.local_cloud.provider.wire import Values

_CONFIRMED_WITHIN = 120.0  # seconds


def _without_empty(found: Mapping[str, Any]) -> Values:
    """SNS answers with "" or an empty policy for what is not set."""
    return {name: None if value in ("", "{}") else value for name, value in found.items()}


class Topic(Handler):
    """A topic; its id is the ARN."""

    token = "aws:sns/topic:Topic"

    # Each is set by a call of its own; CreateTopic takes FifoTopic alone.
    _ATTRIBUTES: ClassVar = {
        "contentBasedDeduplication": "ContentBasedDeduplication",
        "deliveryPolicy": "DeliveryPolicy",
        "displayName": "DisplayName",
        "fifoThroughputScope": "FifoThroughputScope",
        "kmsMasterKeyId": "KmsMasterKeyId",
        "policy": "Policy",
        "signatureVersion": "SignatureVersion",
        "tracingConfig": "TracingConfig",
        **{
            f"{ours}{what}": f"{theirs}{what}"
            for ours, theirs in (
                ("application", "Application"),
                ("firehose", "Firehose"),
                ("http", "HTTP"),
                ("lambda", "Lambda"),
                ("sqs", "SQS"),
            )
            for what in ("FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate")
        },
    }

    def create(self, at: At, inputs: State) -> str:
        arn = at.arn("sns", name_of(inputs))
        # SNS answers a repeated create with the topic that exists.
        if self.read(at, arn, inputs) is not None:
            if not self.owned(at, arn, inputs):
                raise RuntimeError(f"a topic named {name_of(inputs)} exists already")
            return arn
        answer = at.client("sns").create_topic(
            Name=name_of(inputs),
            Attributes={"FifoTopic": "true"} if inputs.get("fifoTopic") else {},
            Tags=tag_list(inputs.get("tagsAll")),
        )
        return str(answer["TopicArn"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        given = frozenset(name for name in self._ATTRIBUTES if inputs.get(name) not in (None, "", False))
        self._set(at, id, inputs, given)

    def _set(self, at: At, id: str, inputs: State, names: frozenset[str]) -> None:
        for name in sorted(names):
            value = inputs.get(name)
            at.client("sns").set_topic_attributes(
                TopicArn=id,
                AttributeName=self._ATTRIBUTES[name],
                AttributeValue="" if value is None else as_text(value),
            )

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client("sns")
        try:
            answer = client.get_topic_attributes(TopicArn=id)["Attributes"]
            tags = tag_map(client.list_tags_for_resource(ResourceArn=id).get("Tags"))
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        found = shapes.outputs(
            self.properties, answer, rename=self._ATTRIBUTES | {"arn": "TopicArn"}, clears=self._ATTRIBUTES
        )
        for name in ("fifoTopic", "contentBasedDeduplication"):
            found[name] = bool(found.get(name))
        return _without_empty(found) | {"name": id.rpartition(":")[2], "tagsAll": tags}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("sns")
        self._set(at, id, news, changed & self._ATTRIBUTES.keys())
        put, removed = tag_changes(olds, news)
        if removed:
            client.untag_resource(ResourceArn=id, TagKeys=removed)
        if put:
            client.tag_resource(ResourceArn=id, Tags=tag_list(put))

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("sns").delete_topic(TopicArn=id)

    def find(self, at: At, inputs: State) -> list[str]:
        return [at.arn("sns", name_of(inputs))]


class TopicSubscription(Handler):
    """A subscription; its id is the ARN. A topic has at most one of a protocol and endpoint."""

    token = "aws:sns/topicSubscription:TopicSubscription"

    _ATTRIBUTES: ClassVar = {
        "deliveryPolicy": "DeliveryPolicy",
        # The scope comes first: the policy is judged by it.
        "filterPolicyScope": "FilterPolicyScope",
        "filterPolicy": "FilterPolicy",
        "rawMessageDelivery": "RawMessageDelivery",
        "redrivePolicy": "RedrivePolicy",
        "subscriptionRoleArn": "SubscriptionRoleArn",
    }
    _NEVER_CONFIRMED_BY_ITSELF: ClassVar = ("email", "email-json")

    def create(self, at: At, inputs: State) -> str:
        attributes = {
            member: as_text(inputs[name])
            for name, member in self._ATTRIBUTES.items()
            if inputs.get(name) not in (None, "", False)
        }
        answer = at.client("sns").subscribe(
            TopicArn=inputs["topic"],
            Protocol=inputs["protocol"],
            Endpoint=inputs["endpoint"],
            Attributes=attributes,
            ReturnSubscriptionArn=True,
        )
        return str(answer["SubscriptionArn"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        protocol = inputs["protocol"]
        by_hand = protocol in self._NEVER_CONFIRMED_BY_ITSELF
        if by_hand or (protocol in ("http", "https") and not inputs.get("endpointAutoConfirms")):
            return

        def confirmed() -> bool | None:
            found = self.read(at, id, inputs)
            return True if found and found.get("pendingConfirmation") is False else None

        at.cloud.await_(f"the confirmation of {id}", confirmed, seconds=_CONFIRMED_WITHIN)

    def read(self, at: At, id: str, known: State) -> Values | None:
        try:
            answer = at.client("sns").get_subscription_attributes(SubscriptionArn=id)["Attributes"]
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        rename = self._ATTRIBUTES | {"arn": "SubscriptionArn", "ownerId": "Owner", "topic": "TopicArn"}
        return _without_empty(shapes.outputs(self.properties, answer, rename=rename, clears=self._ATTRIBUTES))

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        for name, member in self._ATTRIBUTES.items():
            if name not in changed or (name == "filterPolicyScope" and news.get(name) is None):
                continue
            value: dict[str, str] = {}
            if news.get(name) is not None:
                value = {"AttributeValue": as_text(news[name])}
            elif name == "filterPolicy":
                value = {"AttributeValue": "{}"}
            at.client("sns").set_subscription_attributes(SubscriptionArn=id, AttributeName=member, **value)

    def delete(self, at: At, id: str, known: State) -> None:
        try:
            with unless_gone():
                at.client("sns").unsubscribe(SubscriptionArn=id)
        except ClientError as error:
            # What nobody confirmed cannot be taken back; SNS forgets it after a while (Unsubscribe).
            if code(error) != "InvalidParameter" or "pending confirmation" not in message(error).lower():
                raise

    def find(self, at: At, inputs: State) -> list[str]:
        pages = at.client("sns").get_paginator("list_subscriptions_by_topic")
        with unless_gone():
            return [
                str(one["SubscriptionArn"])
                for page in pages.paginate(TopicArn=inputs["topic"])
                for one in page["Subscriptions"]
                if (one["Protocol"], one["Endpoint"]) == (inputs["protocol"], inputs["endpoint"])
            ]
        return []

    def owned(self, at: At, id: str, inputs: State) -> bool:
        return self.read(at, id, inputs) is not None
