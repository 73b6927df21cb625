from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from components.queue import Queue, QueueArgs
from components.topic import SubscriptionArgs, Topic, TopicArgs
from tests.pulumi_mocks import ACCOUNT, Made, run_program

ARGS = QueueArgs(queue="shop_staging_mail", region="us-east-1", account=ACCOUNT)
TOPIC = TopicArgs(topic="shop_staging_orders", region="us-east-1", account=ACCOUNT)
MAIL = f"arn:aws:sqs:us-east-1:{ACCOUNT}:shop_staging_mail"


def queue(**given: Any) -> Made:
    return run_program(lambda: _ignored(Queue("shop-mail", replace(ARGS, **given))))


def topic(*, topic_args: TopicArgs = TOPIC, **subscription: Any) -> Made:
    def program() -> None:
        mail = Queue("shop-mail", replace(ARGS, topics=[topic_args.arn]))
        subscriptions = [SubscriptionArgs("mail", mail, **subscription)]
        Topic("shop-orders", replace(topic_args, subscriptions=subscriptions))

    return run_program(program)


def _ignored(made: object) -> None:
    assert made is not None


def cloud(found: Made, kind: str, name: str) -> dict[str, Any]:
    [one] = [one for one in found.of(kind) if one.custom and one.name == name]
    return one.inputs


def statements(found: Made, name: str) -> list[dict[str, Any]]:
    stated: list[dict[str, Any]] = json.loads(cloud(found, "QueuePolicy", name)["policy"])["Statement"]
    return stated


class TestQueue:
    def test_says_what_it_is_in_the_units_of_sqs(self) -> None:
        found = cloud(
            queue(visibility_timeout=90, retention=2, delay=3, receive_wait=4, max_message_size=5),
            "Queue",
            "shop-mail",
        )
        assert found["name"] == "shop_staging_mail"
        assert found["visibilityTimeoutSeconds"] == 90
        assert found["messageRetentionSeconds"] == 2 * 24 * 3600
        assert (found["delaySeconds"], found["receiveWaitTimeSeconds"]) == (3, 4)
        assert found["maxMessageSize"] == 5 * 1024
        assert "fifoQueue" not in found

    def test_hands_what_fails_to_a_queue_that_keeps_it_for_fourteen_days(self) -> None:
        found = queue(max_receive_count=3)
        dead = cloud(found, "Queue", "shop-mail.dead")
        redrive = json.loads(cloud(found, "Queue", "shop-mail")["redrivePolicy"])
        assert redrive == {
            "deadLetterTargetArn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:shop-mail.dead",  # as the mocks call it
            "maxReceiveCount": 3,
        }
        assert (dead["name"], dead["messageRetentionSeconds"]) == ("shop_staging_mail_dead", 1_209_600)
        assert json.loads(dead["redriveAllowPolicy"]) == {
            "redrivePermission": "byQueue",
            "sourceQueueArns": [MAIL],
        }
        assert "redrivePolicy" not in dead

    def test_may_do_without(self) -> None:
        found = queue(max_receive_count=None)
        assert [one.name for one in found.of("Queue") if one.custom] == ["shop-mail"]
        assert "redrivePolicy" not in cloud(found, "Queue", "shop-mail")

    @pytest.mark.parametrize("name", ["shop-mail", "shop-mail.dead"])
    def test_is_encrypted_and_reached_by_tls_alone(self, name: str) -> None:
        found = queue()
        assert cloud(found, "Queue", name)["sqsManagedSseEnabled"] is True
        [statement] = statements(found, name)
        assert (statement["Effect"], statement["Action"], statement["Principal"]) == ("Deny", "sqs:*", "*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert statement["Resource"] == MAIL + name.removeprefix("shop-mail").replace(".", "_")

    @pytest.mark.parametrize("deduplicated", [True, False])
    def test_in_order_has_dead_letters_in_order(self, deduplicated: bool) -> None:
        found = queue(fifo=True, deduplicate_by_content=deduplicated)
        for name, own in (("shop-mail", "mail.fifo"), ("shop-mail.dead", "mail_dead.fifo")):
            inputs = cloud(found, "Queue", name)
            assert (inputs["fifoQueue"], inputs["contentBasedDeduplication"]) == (True, deduplicated)
            assert inputs["name"] == f"shop_staging_{own}"
        assert statements(found, "shop-mail")[0]["Resource"] == f"{MAIL}.fifo"

    def test_lets_the_topics_it_is_told_send_and_nobody_else(self) -> None:
        _, allowed = statements(queue(topics=["arn:b", "arn:a"]), "shop-mail")
        assert allowed["Principal"] == {"Service": "sns.amazonaws.com"}
        assert (allowed["Effect"], allowed["Action"], allowed["Resource"]) == (
            "Allow",
            "sqs:SendMessage",
            MAIL,
        )
        assert allowed["Condition"] == {"ArnEquals": {"aws:SourceArn": ["arn:a", "arn:b"]}}


class TestTopic:
    def test_is_encrypted_and_published_to_by_tls_alone(self) -> None:
        inputs = cloud(topic(), "Topic", "shop-orders")
        assert inputs["kmsMasterKeyId"] == "alias/aws/sns"
        [statement] = json.loads(inputs["policy"])["Statement"]
        assert (statement["Effect"], statement["Action"]) == ("Deny", "sns:Publish")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert statement["Resource"] == TOPIC.arn == f"arn:aws:sns:us-east-1:{ACCOUNT}:shop_staging_orders"

    def test_delivers_to_a_queue_that_lets_it(self) -> None:
        found = topic()
        subscription = found.only("TopicSubscription")
        mail = found.named("QueuePolicy", "shop-mail")
        assert subscription.inputs["protocol"] == "sqs"
        assert subscription.inputs["endpoint"] == f"arn:aws:sqs:us-east-1:{ACCOUNT}:shop-mail"
        assert subscription.inputs["rawMessageDelivery"] is True
        assert "filterPolicy" not in subscription.inputs
        assert mail.urn in subscription.depends_on
        allowed = json.loads(mail.inputs["policy"])["Statement"][1]
        assert allowed["Condition"]["ArnEquals"]["aws:SourceArn"] == [TOPIC.arn]

    def test_delivers_what_passes_the_filter(self) -> None:
        found = topic(raw_delivery=False, filter={"event": ("paid", "sent")}).only("TopicSubscription").inputs
        assert json.loads(found["filterPolicy"]) == {"event": ["paid", "sent"]}
        assert found["rawMessageDelivery"] is False

    def test_may_be_in_order(self) -> None:
        fifo = replace(TOPIC, fifo=True, deduplicate_by_content=True)
        inputs = cloud(topic(topic_args=fifo), "Topic", "shop-orders")
        assert inputs["name"] == "shop_staging_orders.fifo"
        assert (inputs["fifoTopic"], inputs["contentBasedDeduplication"]) == (True, True)
