"""Queues and topics, from the first deploy to the last destroy, with messages that arrive."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import aws_clients
from tests.e2e.project import WORKER, Project

pytestmark = [pytest.mark.engine, pytest.mark.slow]


class TestMessaging:
    def test_is_deployed_used_changed_and_destroyed(self, project: Project) -> None:
        project.write(
            services={"mailer": WORKER},
            queues={"mail": {"max_receive_count": 2}, "audit": {"dead_letter": False}},
            topics={"orders": {"subscriptions": {"mail": {"filter": {"event": ["paid"]}}, "audit": None}}},
        )
        project.deploy()
        assert project.differences() == []
        assert project.kinds().items() >= {"queue": 3, "topic": 1, "subscription": 2}.items()
        self._messages_arrive(project)

        before = project.snapshot()
        assert project.deploy().last_line.startswith("No changes")
        assert project.snapshot() == before
        self._change(project)

        refused = project.cx("destroy", "--yes")
        assert refused.code == 2
        for name in ("audit", "mail", "mail.dead"):
            assert f"--allow-destroy {name}" in refused.err
        project.destroy("audit", "mail", "mail.dead")
        assert project.left_behind() == []

    def _messages_arrive(self, project: Project) -> None:
        outputs = project.cx("outputs", "data", "--json").json
        clients = aws_clients(project.cx("local", "status", "--json").json["endpoint"])
        for event in ("paid", "sent"):
            attributes = {"event": {"DataType": "String", "StringValue": event}}
            clients("sns").publish(
                TopicArn=outputs["topicArns"]["orders"], Message=event, MessageAttributes=attributes
            )
        assert self._received(clients, outputs["queueUrls"]["mail"]) == ["paid"]
        assert self._received(clients, outputs["queueUrls"]["audit"]) == ["paid", "sent"]

    def _received(self, clients: Any, url: str) -> list[str]:
        found = clients("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        return sorted(message["Body"] for message in found.get("Messages", []))

    def _change(self, project: Project) -> None:
        """Settings change in place, and subscriptions come and go."""
        project.change(
            queues={"mail": {"max_receive_count": 4, "retention": 2}, "audit": {"dead_letter": False}},
            topics={"orders": {"subscriptions": {"mail": {"raw_delivery": False}}}, "news": None},
        )
        project.deploy()
        assert project.differences() == []
        assert project.kinds().items() >= {"queue": 3, "topic": 2, "subscription": 1}.items()
        clients = aws_clients(project.cx("local", "status", "--json").json["endpoint"])
        url = project.cx("outputs", "data.queueUrls.mail").out.strip()
        attributes = clients("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 4
        assert attributes["MessageRetentionPeriod"] == str(2 * 24 * 3600)
        assert "DenyPlainHttp" in attributes["Policy"]
        topic = project.cx("outputs", "data.topicArns.news").out.strip()
        found = clients("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
        assert found["KmsMasterKeyId"] == "alias/aws/sns"
