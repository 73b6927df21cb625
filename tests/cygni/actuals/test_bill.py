"""What Cost Explorer is asked, and what its answer says."""

from __future__ import annotations

from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

import botocore.session
import pytest
from botocore.validate import validate_parameters

from cygni.actuals.bill import Billed, billed_in, question
from cygni.actuals.grouping import By, Grouping
from cygni.actuals.period import Period
from cygni.errors import ResourceFailed

NOVEMBER = Period(date(2026, 11, 1), date(2026, 11, 22))
ANSWER = {
    "ResultsByTime": [
        {
            "TimePeriod": {"Start": "2026-11-03", "End": "2026-11-04"},
            "Total": {},
            "Groups": [
                {
                    "Keys": ["cygni:stack$shop.staging.foundation", "EC2 - Other"],
                    "Metrics": {"UnblendedCost": {"Amount": "1.0800000021", "Unit": "USD"}},
                },
                {
                    "Keys": ["cygni:stack$", "AmazonCloudWatch"],
                    "Metrics": {"UnblendedCost": {"Amount": "-1.5E-9", "Unit": "USD"}},
                },
            ],
            "Estimated": True,
        }
    ]
}


class TestQuestion:
    @pytest.mark.parametrize("grouping", Grouping)
    def test_is_one_that_cost_explorer_understands(self, grouping: Grouping) -> None:
        model = botocore.session.get_session().get_service_model("ce")
        shape = model.operation_model("GetCostAndUsage").input_shape
        validate_parameters(question("shop", "staging", NOVEMBER, grouping), shape)

    def test_is_about_the_tags_of_an_environment(self) -> None:
        asked = question("shop", "staging", NOVEMBER, Grouping.STACK)
        tags = [one["Tags"] for one in asked["Filter"]["And"] if "Tags" in one]
        assert {one["Key"]: one["Values"] for one in tags} == {
            "cygni:project": ["shop"],
            "cygni:environment": ["staging"],
        }
        assert asked["TimePeriod"] == {"Start": "2026-11-01", "End": "2026-11-22"}
        assert [one["Key"] for one in asked["GroupBy"]] == ["cygni:stack", "SERVICE"]

    @pytest.mark.parametrize(
        ("by", "tags"),
        [
            (By.SERVICE, ("cygni:project", "cygni:environment", "cygni:stack")),
            (By.STACK, ("cygni:project", "cygni:environment", "cygni:stack")),
            (By.RESOURCE, ("cygni:project", "cygni:environment", "cygni:urn")),
        ],
    )
    def test_needs_tags(self, by: By, tags: tuple[str, ...]) -> None:
        assert by.grouping.needed_tags == tags


class TestAnswer:
    def test_has_a_value_for_each_day_stack_and_service(self) -> None:
        day = date(2026, 11, 3)
        assert list(billed_in(ANSWER, Grouping.STACK)) == [
            Billed(day, "shop.staging.foundation", "EC2 - Other", Decimal("1.0800000021")),
            Billed(day, "", "AmazonCloudWatch", Decimal("-1.5E-9")),
        ]

    def test_in_another_currency_is_refused(self) -> None:
        answer: Any = deepcopy(ANSWER)
        answer["ResultsByTime"][0]["Groups"][0]["Metrics"]["UnblendedCost"]["Unit"] = "CNY"
        with pytest.raises(ResourceFailed, match="the bill is in CNY"):
            list(billed_in(answer, Grouping.STACK))

    @pytest.mark.parametrize(
        "answer",
        [
            {},
            {"ResultsByTime": [{"TimePeriod": {"Start": "soon"}, "Groups": []}]},
            {"ResultsByTime": [{"TimePeriod": {"Start": "2026-11-03"}, "Groups": [{"Keys": ["one"]}]}]},
            {
                "ResultsByTime": [
                    {
                        "TimePeriod": {"Start": "2026-11-03"},
                        "Groups": [
                            {"Keys": ["a", "b"], "Metrics": {"UnblendedCost": {"Amount": "?", "Unit": "USD"}}}
                        ],
                    }
                ]
            },
        ],
    )
    def test_that_is_none_is_said_to_be_none(self, answer: Any) -> None:
        with pytest.raises(ResourceFailed, match="an answer that cannot be read"):
            list(billed_in(answer, Grouping.STACK))
