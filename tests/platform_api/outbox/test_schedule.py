from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_api.outbox.schedule import PAUSES, pause_after

NOBODY = uuid.UUID(int=7)


def test_goes_on_for_three_days_as_standard_webhooks_suggests() -> None:
    assert sum(PAUSES, timedelta()) == timedelta(hours=76, minutes=5, seconds=5) - timedelta(minutes=30)
    assert pause_after(len(PAUSES), NOBODY) is not None
    assert pause_after(len(PAUSES) + 1, NOBODY) is None


@given(st.uuids(), st.integers(1, len(PAUSES)))
def test_is_spread_by_a_tenth_and_the_same_each_time(delivery: uuid.UUID, attempt: int) -> None:
    found = pause_after(attempt, delivery)
    assert found is not None
    assert 0.9 * PAUSES[attempt - 1] <= found <= 1.1 * PAUSES[attempt - 1]
    assert found == pause_after(attempt, delivery)


def test_differs_from_delivery_to_delivery() -> None:
    assert len({pause_after(3, uuid.UUID(int=number)) for number in range(50)}) > 40


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        (timedelta(hours=1), timedelta(hours=1)),
        (timedelta(seconds=1), None),  # less than there is anyway
        (timedelta(days=300), timedelta(hours=24)),
    ],
)
def test_gives_a_receiver_the_time_it_asks_for(asked: timedelta, waits: timedelta | None) -> None:
    assert pause_after(2, NOBODY, asked) == (waits or pause_after(2, NOBODY))
