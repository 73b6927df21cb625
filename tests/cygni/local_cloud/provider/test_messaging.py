"""Queues and topics, where they are more than settings that read back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cygni.local_cloud.provider import handlers
from cygni.local_cloud.provider.handlers.base import At
from cygni.local_cloud.provider.operations import resource_type
from cygni.local_cloud.provider.rules_messaging import violations
from cygni.local_cloud.provider.wire import UNKNOWN

World = Any  # the fixture's class, see conftest.py

QUEUE = "aws:sqs/queue:Queue"
POLICY = "aws:sqs/queuePolicy:QueuePolicy"
TOPIC = "aws:sns/topic:Topic"
SUBSCRIPTION = "aws:sns/topicSubscription:TopicSubscription"
ANYBODY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}],
    }
)


def tagged(urn: str) -> dict[str, Any]:
    return {"tags": {"cygni:urn": urn}}


def at(world: World) -> At:
    return At(world.operations.cloud, "us-east-1")


class TestQueues:
    def test_keep_their_policy_when_something_else_changes(self, world: World) -> None:
        queue = world.create(QUEUE, {"name": "jobs"})
        policy = world.create(POLICY, {"queueUrl": queue.id, "policy": ANYBODY})

        news = world.check(QUEUE, {"name": "jobs", "delaySeconds": 9}, queue.inputs)
        world.operations.update(resource_type(QUEUE), queue.id, queue.outputs, news, ["delaySeconds"])

        again = world.operations.read(resource_type(POLICY), policy.id, policy.inputs, policy.outputs)
        assert again is not None
        assert again.outputs == policy.outputs

    def test_hand_what_fails_too_often_to_their_dead_letter_queue(self, world: World) -> None:
        dead = world.create(QUEUE, {"name": "dead"})
        redrive = json.dumps({"deadLetterTargetArn": dead.outputs["arn"], "maxReceiveCount": 2})
        jobs = world.create(QUEUE, {"name": "jobs", "redrivePolicy": redrive, "visibilityTimeoutSeconds": 0})
        client = at(world).client("sqs")
        client.send_message(QueueUrl=jobs.id, MessageBody="broken")

        received = [client.receive_message(QueueUrl=jobs.id).get("Messages", []) for _ in range(3)]

        assert [len(messages) for messages in received] == [1, 1, 0]
        [message] = client.receive_message(QueueUrl=dead.id)["Messages"]
        assert message["Body"] == "broken"


class TestTopics:
    def test_are_not_taken_from_somebody_else(self, world: World) -> None:
        world.create(TOPIC, {"name": "orders", **tagged("theirs")})
        with pytest.raises(RuntimeError, match="a topic named orders exists already"):
            world.create(TOPIC, {"name": "orders", **tagged("mine")})

    def test_are_made_once(self, world: World) -> None:
        first = world.create(TOPIC, {"name": "orders", **tagged("mine")})
        assert world.create(TOPIC, {"name": "orders", **tagged("mine")}).id == first.id

    @pytest.mark.parametrize("raw", [True, False])
    def test_send_to_subscribed_queues(self, raw: bool, world: World) -> None:
        topic, queue = world.create(TOPIC, {"name": "orders"}), world.create(QUEUE, {"name": "jobs"})
        inputs = {"topic": topic.id, "protocol": "sqs", "endpoint": queue.outputs["arn"]}
        subscription = world.create(SUBSCRIPTION, {**inputs, "rawMessageDelivery": raw})
        at(world).client("sns").publish(TopicArn=topic.id, Message="order 1")

        [message] = at(world).client("sqs").receive_message(QueueUrl=queue.id)["Messages"]

        assert (message["Body"] == "order 1") is raw
        assert "order 1" in message["Body"]
        assert subscription.outputs["pendingConfirmation"] is False


class TestSubscriptions:
    def test_are_found_by_topic_and_endpoint(self, world: World) -> None:
        topic, other = world.create(TOPIC, {"name": "orders"}), world.create(TOPIC, {"name": "others"})
        queue = world.create(QUEUE, {"name": "jobs"})
        inputs = {"topic": topic.id, "protocol": "sqs", "endpoint": queue.outputs["arn"]}
        made = world.create(SUBSCRIPTION, inputs)
        world.create(SUBSCRIPTION, {**inputs, "topic": other.id})
        handler = handlers.handler(SUBSCRIPTION)

        assert handler.find(at(world), inputs) == [made.id]
        assert handler.left(at(world), inputs) == made.id
        assert handler.left(at(world), {**inputs, "endpoint": "arn:aws:sqs:us-east-1:1:none"}) is None
        assert handler.left(at(world), {**inputs, "topic": f"{topic.id}-gone"}) is None


class TestViolations:
    @pytest.mark.parametrize(
        ("token", "inputs", "paths"),
        [
            (QUEUE, {"contentBasedDeduplication": True}, ["contentBasedDeduplication"]),
            (QUEUE, {"contentBasedDeduplication": True, "fifoQueue": True}, []),
            (QUEUE, {"contentBasedDeduplication": True, "fifoQueue": UNKNOWN}, []),
            (TOPIC, {"contentBasedDeduplication": True}, ["contentBasedDeduplication"]),
            (TOPIC, {"fifoThroughputScope": "Topic", "fifoTopic": False}, ["fifoThroughputScope"]),
            (TOPIC, {"fifoThroughputScope": "Topic", "fifoTopic": True}, []),
            (SUBSCRIPTION, {"filterPolicyScope": "MessageBody"}, ["filterPolicyScope"]),
            (SUBSCRIPTION, {"filterPolicyScope": "MessageBody", "filterPolicy": UNKNOWN}, []),
            (SUBSCRIPTION, {"filterPolicyScope": "MessageBody", "filterPolicy": '{"a": ["b"]}'}, []),
        ],
    )
    def test_name_what_only_some_can_have(self, token: str, inputs: dict[str, Any], paths: list[str]) -> None:
        assert [path for path, _ in violations(token, inputs)] == paths
