"""Queues of a running local cloud."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any


class TestReceiving:
    def test_lets_others_be_answered_while_it_waits_for_a_message(self, aws: Callable[..., Any]) -> None:
        """The message that it waits for is sent by one of them: were it to hold them up, it would end without."""
        sqs = aws("sqs")
        url = sqs.create_queue(QueueName="waited-for")["QueueUrl"]
        received: list[Any] = []

        def receive() -> None:
            received.append(aws("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20))

        waiting = threading.Thread(target=receive)
        waiting.start()
        for _ in range(20):  # it waits by then
            sqs.get_queue_attributes(QueueUrl=url)
        sqs.send_message(QueueUrl=url, MessageBody="at last")
        waiting.join(60)
        sqs.delete_queue(QueueUrl=url)
        assert [one["Body"] for one in received[0]["Messages"]] == ["at last"]

    def test_ends_without_a_message_when_its_time_is_over(self, aws: Callable[..., Any]) -> None:
        sqs = aws("sqs")
        url = sqs.create_queue(QueueName="silent")["QueueUrl"]
        answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1)
        sqs.delete_queue(QueueUrl=url)
        assert "Messages" not in answer
