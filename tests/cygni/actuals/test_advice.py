"""What is told of a bill that does not say what it should."""

from __future__ import annotations

import shlex
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import botocore.session
import pytest
from botocore import xform_name
from botocore.validate import validate_parameters

from cygni.actuals.advice import activation, lacks_tags, tag_warning, untold_warnings
from cygni.actuals.bill import Billed
from cygni.actuals.grouping import By, Grouping
from tests.cygni.actuals.conftest import Kept

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def billed(usd: str, tagged: str = "") -> Billed:
    return Billed(date(2026, 11, 17), tagged, "EC2 - Other", Decimal(usd))


class TestLacksTags:
    @pytest.mark.parametrize(
        ("bill", "age", "expected"),
        [
            ([], timedelta(days=3), True),
            ([billed("0")], timedelta(days=3), True),
            ([billed("0.01")], timedelta(days=3), False),
            ([], timedelta(days=2), False),
        ],
    )
    def test_is_an_empty_bill_of_what_is_older_than_two_days(
        self, kept: Kept, bill: list[Billed], age: timedelta, expected: bool
    ) -> None:
        assert lacks_tags(bill, [kept(NOW - age, nat="5")], NOW) is expected

    def test_is_not_said_of_what_was_never_deployed(self) -> None:
        assert not lacks_tags([], [], NOW)


class TestTagWarning:
    def test_names_the_tags_that_are_not_active_and_the_command(self) -> None:
        said = tag_warning(Grouping.STACK, ["cygni:stack"])
        assert "no cost allocation tags yet: cygni:stack;" in said
        assert said.endswith("--cost-allocation-tags-status TagKey=cygni:stack,Status=Active")

    def test_names_all_where_nobody_says(self) -> None:
        said = tag_warning(Grouping.RESOURCE, None)
        assert all(f"TagKey={tag}," in said for tag in Grouping.RESOURCE.needed_tags)

    def test_asks_for_patience_where_all_are_active(self) -> None:
        said = tag_warning(Grouping.STACK, [])
        assert "up to 24 hours" in said
        assert "aws ce" not in said

    def test_gives_a_command_that_the_cli_has(self) -> None:
        program, service, operation, option, *pairs = shlex.split(activation(["cygni:stack", "cygni:urn"]))
        assert (program, service, option) == ("aws", "ce", "--cost-allocation-tags-status")
        assert operation == xform_name("UpdateCostAllocationTagsStatus", "-")
        given = [dict(part.split("=") for part in pair.split(",")) for pair in pairs]
        model = botocore.session.get_session().get_service_model("ce")
        shape = model.operation_model("UpdateCostAllocationTagsStatus").input_shape
        validate_parameters({"CostAllocationTagsStatus": given}, shape)
        assert [one["TagKey"] for one in given] == ["cygni:stack", "cygni:urn"]


class TestUntold:
    @pytest.mark.parametrize(
        ("by", "tagged", "tag"),
        [
            (By.STACK, "", "cygni:stack"),
            (By.RESOURCE, "", "cygni:urn"),
            (By.SERVICE, "", None),
            (By.STACK, "shop.staging.data", None),
        ],
    )
    def test_is_said_of_the_tag_that_no_cost_has(self, by: By, tagged: str, tag: str | None) -> None:
        found = list(untold_warnings([billed("1", tagged)], by))
        assert [f"no cost has the tag {tag}:" in said for said in found] == ([True] if tag else [])

    def test_is_not_said_of_an_empty_bill(self) -> None:
        assert list(untold_warnings([], By.STACK)) == []
