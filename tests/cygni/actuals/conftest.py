"""Estimates that were in force, as deploys keep them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from cygni.actuals.accrual import InForce
from cygni.releases.estimate import EstimatedCost, KeptEstimate

Kept = Callable[..., InForce]


@pytest.fixture
def kept() -> Kept:
    """Makes the estimate of a NAT gateway at `nat` and of Fargate at `tasks` USD a month, with `data` by use."""

    def made(at: datetime, *, nat: str = "0", tasks: str = "0", data: str = "0") -> InForce:
        costs = (
            EstimatedCost("shop.staging.foundation", "nat", "EC2 - Other", Decimal(nat), Decimal(data)),
            EstimatedCost(
                "shop.staging.services", "web", "Amazon Elastic Container Service", Decimal(tasks), Decimal(0)
            ),
        )
        total = sum((one.monthly for one in costs), Decimal(0))
        return InForce(at, KeptEstimate(total, Decimal(data), 0, costs), "release 1")

    return made
