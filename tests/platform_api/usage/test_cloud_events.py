from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from platform_api.usage.cloud_events import Reported, Unfit, read, read_all

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
METERS = {"build_minutes"}


def event(**changes: Any) -> dict[str, Any]:
    told = {
        "specversion": "1.0", "id": "1", "source": "/builds", "type": "build_minutes", "time": "2026-03-01T11:00:00Z",
        "data": {"quantity": "1.5", "project": "shop", "environment": "production"},
    }  # fmt: skip
    return {**told, **changes}


def test_an_event_is_read() -> None:
    at = datetime(2026, 3, 1, 11, tzinfo=UTC)
    expected = Reported("/builds", "1", "build_minutes", at, Decimal("1.5"), "-", "shop", "production")
    assert read(event(), METERS, NOW) == expected


def test_one_unit_is_meant_where_no_quantity_is_said() -> None:
    found = read(event(data={}), METERS, NOW)
    assert isinstance(found, Reported)
    assert (found.quantity, found.project) == (Decimal(1), "")


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"source": "cygni:metering"}, "reserved_source", "sources that begin with 'cygni:' are Cygni's own"),
        ({"type": "coffee"}, "unknown_meter", "there is no meter 'coffee'"),
        ({"time": (NOW + timedelta(minutes=6)).isoformat()}, "in_the_future", "5 minutes"),
        ({"time": (NOW - timedelta(days=36)).isoformat()}, "too_old", "correction"),
        ({"data": {"quantity": "-0.1"}}, "negative", "correction"),
        ({"time": "0001-01-01T00:00:00+14:00"}, "too_old", "correction"),
        ({"time": "9999-12-31T23:59:59-14:00"}, "in_the_future", "5 minutes"),
        ({"time": "2026-03-01T11:00:00"}, "invalid_event", "time"),
        ({"specversion": "0.3"}, "invalid_event", "specversion"),
        ({"id": ""}, "invalid_event", "id"),
        ({"id": "a\0b"}, "invalid_event", "id"),
        ({"source": "x" * 201}, "invalid_event", "source"),
        ({"data": {"quantity": "NaN"}}, "invalid_event", "data.quantity"),
        ({"data": {"quantity": "1e16"}}, "invalid_event", "data.quantity"),
        ({"data": {"quantity": "0.0000000001"}}, "invalid_event", "data.quantity"),
        ({"data": {"quantiy": "1"}}, "invalid_event", "data.quantiy"),
        ({"data": None}, "invalid_event", "data"),
    ],
)
def test_what_cannot_be_counted_is_told_with_its_reason(
    changes: dict[str, Any], code: str, words: str
) -> None:
    found = read(event(**changes), METERS, NOW)
    assert isinstance(found, Unfit)
    assert found.code == code
    assert words in found.detail


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_whatever_is_sent_is_answered(anything: Any) -> None:
    assert isinstance(read(anything, METERS, NOW), Unfit)


def test_what_is_wrong_with_one_stops_no_other() -> None:
    found = read_all([event(id="1"), event(id=""), 7, event(id="2"), event(type="coffee")], METERS, NOW)
    assert [type(one) for one in found] == [Reported, Unfit, Unfit, Reported, Unfit]
    assert [one.id for one in found] == ["1", "", None, "2", "1"]


def test_digests_that_were_kept_stay_as_they_are() -> None:
    """Of an event with letters that JSON escapes."""
    found = read(event(subject='é "\\/"', data={"quantity": "1.50"}), METERS, NOW)
    assert isinstance(found, Reported)
    told = ["build_minutes", "2026-03-01T11:00:00+00:00", "1.5", 'é "\\/"', "", ""]
    assert found.digest == hashlib.sha256(json.dumps(told).encode()).digest()


def test_the_same_event_has_one_digest_however_it_is_written() -> None:
    one = read(event(), METERS, NOW)
    two = read(
        event(
            time="2026-03-01T12:00:00+01:00",
            data={"quantity": "1.50", "environment": "production", "project": "shop"},
        ),
        METERS,
        NOW,
    )
    three = read(
        event(data={"quantity": "1.51", "project": "shop", "environment": "production"}), METERS, NOW
    )
    assert isinstance(one, Reported)
    assert isinstance(two, Reported)
    assert isinstance(three, Reported)
    assert one.digest == two.digest != three.digest
