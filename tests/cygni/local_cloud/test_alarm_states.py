from __future__ import annotations

import pytest

from cygni.local_cloud.alarm_states import Rule, state_of

NOW = 600.0 + 30
"""Half a minute into the period that begins at 600."""


def state(
    values: dict[int, float], *, datapoints: int = 2, periods: int = 3, missing: str = "missing"
) -> str | None:
    rule = Rule("GreaterThanThreshold", 5, 60, periods, datapoints, missing)
    found = state_of(rule, values, NOW)
    return found[0] if found else None


class TestStateOf:
    def test_fires_when_enough_of_the_last_periods_are_beyond(self) -> None:
        assert state({420: 9, 480: 1, 540: 9}) == "ALARM"
        assert state({420: 9, 480: 1, 540: 1}) == "OK"
        assert state({360: 9, 420: 1, 480: 1, 540: 9}) == "OK"

    def test_counts_the_period_that_goes_on_once_something_is_known_of_it(self) -> None:
        assert state({480: 1, 540: 9, 600: 9}) == "ALARM"
        assert state({420: 9, 480: 9, 540: 1, 600: 1}) == "OK"

    @pytest.mark.parametrize(
        ("comparison", "value", "fires"),
        [
            ("GreaterThanThreshold", 5, False),
            ("GreaterThanOrEqualToThreshold", 5, True),
            ("LessThanThreshold", 5, False),
            ("LessThanOrEqualToThreshold", 5, True),
            ("LessThanThreshold", 4, True),
        ],
    )
    def test_compares_as_it_says(self, comparison: str, value: float, fires: bool) -> None:
        found = state_of(Rule(comparison, 5, 60, 1, 1), {540: value}, NOW)
        assert found is not None
        assert found[0] == ("ALARM" if fires else "OK")

    @pytest.mark.parametrize(
        ("missing", "expected"),
        [("missing", "INSUFFICIENT_DATA"), ("notBreaching", "OK"), ("breaching", "ALARM"), ("ignore", None)],
    )
    def test_treats_what_is_missing_as_it_is_told(self, missing: str, expected: str | None) -> None:
        assert state({}, missing=missing) == expected

    def test_judges_by_what_is_there(self) -> None:
        assert state({540: 9}, datapoints=1) == "ALARM"
        assert state({540: 9}, datapoints=2) == "OK"
        assert state({540: 9}, datapoints=2, missing="breaching") == "ALARM"

    def test_says_why(self) -> None:
        found = state_of(Rule("GreaterThanThreshold", 5, 60, 1, 1), {540: 7.5}, NOW)
        assert found is not None
        assert found[1] == (
            "Threshold Crossed: 1 out of the last 1 datapoints [7.5] was greater than the threshold (5)."
        )
