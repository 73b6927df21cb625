"""Queues and topics, and what is wrong between them."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.errors import SpecError
from cygni.spec import Queue, Subscription, Topic
from tests.factories import create_spec


def refusal(**sections: Any) -> str:
    with pytest.raises(SpecError) as caught:
        create_spec(**sections)
    return f"{caught.value.message}\n{caught.value.hint}\n{caught.value.details}"


class TestQueues:
    def test_keep_dead_letters_unless_told_otherwise(self) -> None:
        queue = create_spec(queues={"mail": None}).queues["mail"]
        assert queue == Queue()
        assert (queue.dead_letter, queue.max_receive_count, queue.receive_wait) == (True, 5, 20)

    @pytest.mark.parametrize(
        ("queue", "said"),
        [
            ({"retention": 15}, "15 is too large"),
            ({"visibility_timeout": -1}, "-1 is too small"),
            ({"deduplicate_by_content": True}, "add `fifo: true`"),
            ({"deduplicate_by_content": True, "fifo": False}, "only a FIFO queue"),
            ({"max_receive_count": 3, "dead_letter": False}, "no dead-letter queue"),
            ({"fifi": True}, 'did you mean "fifo"'),
        ],
    )
    def test_are_refused_with_what_would_be_right(self, queue: dict[str, Any], said: str) -> None:
        assert said in refusal(queues={"mail": queue})

    def test_may_deduplicate_in_order(self) -> None:
        queue = create_spec(queues={"mail": {"fifo": True, "deduplicate_by_content": True}}).queues["mail"]
        assert (queue.fifo, queue.deduplicate_by_content) == (True, True)

    def test_differ_between_environments(self) -> None:
        sections: dict[str, Any] = {
            "queues": {"mail": {"delay": 5}},
            "environments": {"staging": {"queues": {"mail": None}}},
        }
        assert create_spec(**sections).queues["mail"].delay == 5
        sections["environments"] = {"staging": {"queues": {"mail": {"retention": 9}}}}
        queue = create_spec(**sections).queues["mail"]
        assert (queue.delay, queue.retention) == (5, 9)


class TestTopics:
    def test_deliver_to_queues_as_published_and_everything(self) -> None:
        topic = create_spec(queues={"mail": None}, topics={"orders": {"subscriptions": {"mail": None}}})
        assert topic.topics == {"orders": Topic(subscriptions={"mail": Subscription()})}
        assert topic.topics["orders"].subscriptions["mail"].raw_delivery

    def test_may_filter_by_attributes(self) -> None:
        subscription = {"filter": {"event": ["created", "paid"]}, "raw_delivery": False}
        spec = create_spec(
            queues={"mail": None}, topics={"orders": {"subscriptions": {"mail": subscription}}}
        )
        assert spec.topics["orders"].subscriptions["mail"] == Subscription(
            raw_delivery=False, filter={"event": ("created", "paid")}
        )

    @pytest.mark.parametrize(
        ("topics", "queues", "said"),
        [
            ({"orders": {"subscriptions": {"mial": None}}}, {"mail": {}}, 'did you mean "mail"'),
            ({"orders": {"subscriptions": {"mail": None}}}, None, "add it under `queues`"),
            ({"orders": {"subscriptions": {"mail": None}}}, {"mail": {"fifo": True}}, "`fifo: true`"),
            ({"orders": {"deduplicate_by_content": True}}, None, "only a FIFO topic"),
            ({"orders": {"subscriptions": {"mail": {"filter": {"a": []}}}}}, {"mail": {}}, "is empty"),
            ({"orders": {"subscriptions": {"mail": {"filter": {"a b": ["x"]}}}}}, {"mail": {}}, '"a b"'),
        ],
    )
    def test_are_refused_with_what_would_be_right(self, topics: Any, queues: Any, said: str) -> None:
        assert said in refusal(topics=topics, queues=queues)

    @pytest.mark.parametrize("fifo", [True, False])
    def test_in_order_deliver_to_queues_of_both_kinds(self, fifo: bool) -> None:
        topics = {"orders": {"fifo": True, "subscriptions": {"mail": None}}}
        assert create_spec(queues={"mail": {"fifo": fifo}}, topics=topics).topics["orders"].fifo

    def test_whose_queues_make_no_sense_are_refused_once(self) -> None:
        told = refusal(topics={"orders": {"subscriptions": {"mail": None}}}, queues=[])
        assert "should be a mapping" in told
