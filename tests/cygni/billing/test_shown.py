"""Times as people of a time zone read them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from cygni.billing.shown import shown_day, shown_moment, zone_of

BERLIN = ZoneInfo("Europe/Berlin")


class TestMoments:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("2026-06-30T22:00:00Z", "2026-07-01"),
            ("2026-06-30T22:01:00Z", "2026-07-01 00:01"),
            ("2026-12-31T23:00:00+00:00", "2027-01-01"),
        ],
    )
    def test_are_days_where_it_is_midnight(self, text: str, shown: str) -> None:
        assert shown_moment(text, BERLIN) == shown

    def test_lie_on_the_day_of_their_zone(self) -> None:
        assert shown_day("2026-06-30T22:30:00Z", BERLIN) == "2026-07-01"


class TestZones:
    def test_are_those_of_the_invoice_or_utc_before_they_were_kept(self) -> None:
        assert zone_of({"zone": "Europe/Berlin"}) == "Europe/Berlin"
        assert zone_of({}) == "UTC"
