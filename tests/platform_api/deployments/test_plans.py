"""Whether what is left of an interrupted deployment is what was approved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from platform_api.deployments.plans import is_left_of, monthly_delta
from tests.platform_api.deployments.plans import plan, step

APPROVED = plan(
    step("vpc", cidr="10.0.0.0/16"),
    step("web", "update", role="(known after apply)"),
    step("db", "replace", loses_data="db"),
    releases=("web",),
    drifted=("vpc",),
)


class TestIsLeftOf:
    @pytest.mark.parametrize(
        "left",
        [
            APPROVED,
            plan(),
            plan(releases=("web",)),
            plan(step("vpc", cidr="10.0.0.0/16")),
            plan(step("web", "update", role="arn:aws:iam::1:role/web")),
            plan(step("db", "replace", loses_data="db"), drifted=("vpc",)),
        ],
    )
    def test_holds_for_a_part_of_it(self, left: dict[str, Any]) -> None:
        assert is_left_of(left, APPROVED)

    @pytest.mark.parametrize(
        "other",
        [
            plan(step("vpc", cidr="10.1.0.0/16")),
            plan(step("vpc", "delete")),
            plan(step("vpc", cidr="10.0.0.0/16", tags="x")),
            plan(step("another")),
            plan(step("db", "replace", loses_data="other")),
            plan(releases=("mail",)),
            plan(drifted=("web",)),
            plan(emptied=True),
        ],
    )
    def test_does_not_hold_for_anything_more_or_else(self, other: dict[str, Any]) -> None:
        assert not is_left_of(other, APPROVED)


def test_the_delta_is_exact() -> None:
    assert monthly_delta(plan(delta="-0.10")) == Decimal("-0.10")
