"""The decisions about meter events, as values."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_api.stripe.meter_events import (
    LARGEST,
    LOOKED_UP_AFTER,
    RESENT_FOR,
    Answer,
    State,
    after_attempt,
    after_counting,
    identifier,
    may_send,
    missing,
    to_send,
    whole,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class TestIdentifier:
    def test_differs_with_each_of_its_parts_and_with_nothing_else(self) -> None:
        acme = uuid.UUID(int=1)
        east = NOW.astimezone(UTC).replace(tzinfo=UTC)
        found = {
            identifier(acme, "requests", NOW, 1),
            identifier(uuid.UUID(int=2), "requests", NOW, 1),
            identifier(acme, "builds", NOW, 1),
            identifier(acme, "requests", NOW + HOUR, 1),
            identifier(acme, "requests", NOW, 2),
        }
        assert len(found) == 5
        assert identifier(acme, "requests", east, 1) in found


class TestWhole:
    def test_rounds_half_to_even(self) -> None:
        assert [whole(Decimal(text), 10**6) for text in ("1.5", "0.0000005", "0.0000015")] == [
            1_500_000,
            0,
            2,
        ]


class TestToSend:
    @given(st.lists(st.integers(-(10**16), 10**16), max_size=20))
    def test_what_is_sent_less_what_is_owed_is_what_was_used(self, deltas: list[int]) -> None:
        sent, owed = 0, 0
        for delta in deltas:
            values, owed = to_send(delta, owed)
            assert all(0 < value <= LARGEST for value in values)
            sent += sum(values)
        assert owed >= 0
        assert sent - owed == sum(deltas)


class TestAfterAttempt:
    def step(
        self, before: State, answer: Answer, ago: timedelta = timedelta(), attempts: int = 1
    ) -> tuple[State, timedelta | None]:
        found = after_attempt(before, answer, attempts, NOW - ago, NOW, None)
        return found.state, None if found.due is None else found.due - NOW

    def test_what_stripe_surely_did_not_do_waits_as_before(self) -> None:
        assert self.step(State.WAITING, Answer.NOT_DONE) == (State.WAITING, timedelta(minutes=1))
        assert self.step(State.UNKNOWN, Answer.NOT_DONE) == (State.UNKNOWN, timedelta(minutes=1))

    def test_a_refusal_is_the_end_only_where_no_attempt_before_may_have_been_counted(self) -> None:
        assert self.step(State.WAITING, Answer.REFUSED) == (State.REFUSED, None)
        assert self.step(State.UNKNOWN, Answer.REFUSED, HOUR) == (State.UNKNOWN, LOOKED_UP_AFTER - HOUR)

    @given(st.integers(0, 23 * 60), st.integers(1, 50), st.sampled_from([Answer.NONE, Answer.NOT_DONE]))
    def test_no_attempt_is_due_while_stripe_may_have_forgotten_the_identifier(
        self, minutes: int, attempts: int, answer: Answer
    ) -> None:
        ago = timedelta(minutes=minutes)
        state, due = self.step(State.UNKNOWN, answer, ago, attempts)
        assert state is State.UNKNOWN
        assert due is not None
        since = ago + due
        assert since < RESENT_FOR or since >= LOOKED_UP_AFTER

    def test_is_sent_no_more_a_day_later_or_when_it_is_too_old(self) -> None:
        assert may_send(NOW, NOW, NOW + HOUR)
        assert not may_send(NOW, NOW, NOW + RESENT_FOR)
        assert not may_send(NOW - timedelta(days=35, hours=1), NOW, NOW)


class TestAfterCounting:
    @pytest.mark.parametrize(
        ("counted", "state"), [(12, State.SENT), (5, State.REPLACED), (6, State.UNKNOWN), (0, State.UNKNOWN)]
    )
    def test_is_told_by_what_the_hour_has_with_it_and_without(self, counted: int, state: State) -> None:
        assert after_counting(7, 5, counted, NOW - timedelta(days=1), NOW).state is state

    def test_gives_up_after_three_days(self) -> None:
        assert after_counting(7, 5, 6, NOW - timedelta(days=3), NOW).state is State.DISPUTED


class TestMissing:
    @pytest.mark.parametrize(
        ("sent", "counted", "places"),
        [([3, 4], 7, []), ([3, 4], 3, [1]), ([3, 4], 0, [0, 1]), ([3, 3], 3, None), ([3, 4], 5, None)],
    )
    def test_is_what_alone_explains_the_difference(
        self, sent: list[int], counted: int, places: list[int] | None
    ) -> None:
        assert missing(sent, counted) == places
