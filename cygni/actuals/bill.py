"""What Cost Explorer is asked, and what its answer says (pure).

Source: the API reference of Cost Explorer, GetCostAndUsage. A group by tag is named `TAG$VALUE`, without a value for
what does not have the tag.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from cygni.actuals.grouping import ENVIRONMENT_TAG, PROJECT_TAG, Grouping
from cygni.actuals.period import Period
from cygni.errors import ResourceFailed

REQUEST_USD: Final = Decimal("0.01")
"""What AWS charges for one request to Cost Explorer's API, a page of an answer (its page of prices)."""
METRIC: Final = "UnblendedCost"
_NOT_USE: Final = ("Credit", "Refund", "Tax")
"""Kinds of records that are no cost of a resource at list price or less."""


@dataclass(frozen=True, slots=True)
class Billed:
    """What one service cost on one day, of what carries one value of the tag (empty: none)."""

    day: date
    tagged: str
    service: str
    usd: Decimal


def question(project: str, environment: str, period: Period, grouping: Grouping) -> dict[str, Any]:
    """The parameters of GetCostAndUsage, without a page: a value a day, without credits, refunds and tax."""
    tags = ((PROJECT_TAG, project), (ENVIRONMENT_TAG, environment))
    return {
        "TimePeriod": {"Start": period.start.isoformat(), "End": period.end.isoformat()},
        "Granularity": "DAILY",
        "Metrics": [METRIC],
        "GroupBy": [{"Type": "TAG", "Key": grouping.tag}, {"Type": "DIMENSION", "Key": "SERVICE"}],
        "Filter": {
            "And": [
                *(
                    {"Tags": {"Key": key, "Values": [value], "MatchOptions": ["EQUALS"]}}
                    for key, value in tags
                ),
                {"Not": {"Dimensions": {"Key": "RECORD_TYPE", "Values": list(_NOT_USE)}}},
            ]
        },
    }


def billed_in(answer: Mapping[str, Any], grouping: Grouping) -> Iterable[Billed]:
    """What a page says. Raises ResourceFailed for what is no such page, or for another currency than USD."""
    try:
        for one in answer["ResultsByTime"]:
            day = date.fromisoformat(one["TimePeriod"]["Start"])
            for group in one["Groups"]:
                tagged, service = group["Keys"]
                cost = group["Metrics"][METRIC]
                if cost["Unit"] != "USD":
                    raise ResourceFailed(
                        f"the bill is in {cost['Unit']}, and estimates are in USD",
                        hint="Compare the two by hand: Cygni converts no currencies.",
                    )
                yield Billed(day, tagged.removeprefix(f"{grouping.tag}$"), service, Decimal(cost["Amount"]))
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise ResourceFailed(
            f"Cost Explorer gave an answer that cannot be read: {type(error).__name__} {error}",
            hint="Run the same command again; report it if it stays.",
        ) from None
