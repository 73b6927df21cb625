"""The `cost` of cygni.yaml."""

from __future__ import annotations

from decimal import Decimal

import pytest

from cygni.cost_limits import CostLimits, Increase
from cygni.errors import SpecError
from cygni.spec import parse_spec

HEAD = "project: shop\nregion: us-east-1\n"
COST = """\
cost:
  max_increase: 25.1
  budget: 100
environments:
  production:
    cost:
      max_increase_percent: 10
      budget: 1000
      project_budget: 1500
      count_usage: true
"""


class TestLimits:
    def test_are_none_unless_written(self) -> None:
        assert parse_spec(HEAD, "cygni.yaml", "local").cost.limits() == CostLimits()

    def test_are_those_of_the_environment(self) -> None:
        staging, production = (
            parse_spec(HEAD + COST, "cygni.yaml", name).cost.limits() for name in ("staging", "production")
        )
        assert staging == CostLimits((Increase(usd=Decimal("25.1")),), Decimal(100))
        assert production == CostLimits(
            (Increase(usd=Decimal("25.1")), Increase(percent=Decimal(10))),
            Decimal(1000),
            Decimal(1500),
            count_usage=True,
        )

    @pytest.mark.parametrize(
        "text",
        ["cost: {budget: -1}", "cost: {budget: lots}", "cost: {max_increase: 10%}", "cost: {bugdet: 1}"],
    )
    def test_are_refused_where_they_are_none(self, text: str) -> None:
        with pytest.raises(SpecError, match="cygni.yaml:3:"):
            parse_spec(f"{HEAD}{text}\n", "cygni.yaml", "local")
