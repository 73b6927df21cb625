"""What CloudWatch has, as rules ask for it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from cygni.pricing.usage_metrics import Metric, Query
from cygni.savings.evidence import Evidence
from tests.cygni.savings.conftest import START, daily, hourly

METRIC = Metric("bytes", ("a:b:C",), "AWS/Made", ("In", "Out"), {})


class TestEvidence:
    def test_takes_the_metrics_of_one_name_together(self) -> None:
        queries = [Query("urn", METRIC, name, "us-east-1", ()) for name in METRIC.names]
        found = Evidence.of({queries[0]: daily(1.5), queries[1]: daily(2, 7)})
        assert found.total("urn", "bytes") == 14 * Decimal("1.5") + 7 * 2

    def test_of_what_was_not_asked_is_nothing(self) -> None:
        assert Evidence().total("urn", "bytes") == 0
        assert Evidence().peak(["urn"], "bytes") is None
        assert not Evidence().measured_every_day("urn", "bytes")

    def test_tells_a_day_without_values(self) -> None:
        whole = daily(0)
        assert Evidence({("urn", "bytes"): whole}).measured_every_day("urn", "bytes")
        doubled = [*whole[:13], (START + timedelta(hours=1), 0.0)]
        assert not Evidence({("urn", "bytes"): doubled}).measured_every_day("urn", "bytes")

    @pytest.mark.parametrize(("peaks", "expected"), [([90.0] * 3, "10.0"), ([90.0] * 4, "90.0")])
    def test_has_the_peak_that_99_of_100_hours_stay_at(self, peaks: list[float], expected: str) -> None:
        """3 of 336 hours are less than a hundredth, 4 are more."""
        found = Evidence({("urn", "cpu"): hourly(10, peaks=peaks)})
        assert found.peak(["urn"], "cpu") == Decimal(expected)

    def test_takes_the_higher_of_two_in_each_hour(self) -> None:
        found = Evidence({("blue", "cpu"): hourly(10), ("green", "cpu"): hourly(30, 100)})
        assert found.peak(["blue", "green"], "cpu") == Decimal(30)
