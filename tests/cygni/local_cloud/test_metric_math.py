from __future__ import annotations

import pytest

from cygni.local_cloud.metric_math import evaluate

SERIES = {"a": {60: 4.0, 120: 6.0}, "b": {60: 2.0, 180: 3.0}, "zero": {60: 0.0, 120: 2.0}}


class TestEvaluate:
    @pytest.mark.parametrize(
        ("expression", "expected"),
        [
            ("a", {60: 4, 120: 6}),
            ("a + b", {60: 6}),
            ("100 * a / (a - b)", {60: 200}),
            ("-a", {60: -4, 120: -6}),
            ("a ^ 2", {60: 16, 120: 36}),
            ("a / zero", {120: 3}),
            ("FILL(b, 0)", {60: 2, 120: 0, 180: 3}),
            ("a + FILL(b, 0)", {60: 6, 120: 6}),
            ("SUM([a, b])", {60: 6, 120: 6, 180: 3}),
            ("AVG([a, b])", {60: 3, 120: 6, 180: 3}),
            ("MIN([a, b])", {60: 2, 120: 6, 180: 3}),
            ("max([a, b])", {60: 4, 120: 6, 180: 3}),
            ("7", {60: 7, 120: 7, 180: 7}),
        ],
    )
    def test_is_arithmetic_at_each_time(self, expression: str, expected: dict[int, float]) -> None:
        assert evaluate(expression, SERIES) == expected

    @pytest.mark.parametrize(
        "expression", ["", "a +", "unknown", "a.b", "__import__('os')", "ANOMALY(a, 2)", "'a'"]
    )
    def test_refuses_what_it_does_not_understand(self, expression: str) -> None:
        with pytest.raises(ValueError, match="Error in expression"):
            evaluate(expression, SERIES)
