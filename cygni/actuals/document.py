"""What `cx cost actual --json` prints, and its schema (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from cygni.actuals.bill import REQUEST_USD
from cygni.actuals.comparison import Comparison, Line
from cygni.actuals.forecast import Forecast
from cygni.actuals.grouping import By
from cygni.actuals.period import Period
from cygni.pricing.exchange import DOLLARS, Exchange
from cygni.pricing.money import decimal_text
from cygni.pricing.schema import (
    COUNT,
    CURRENCY,
    DECIMAL,
    TEXT,
    Schema,
    described,
    list_of,
    object_of,
    or_null,
    published_schema,
)
from cygni.pricing.wording import rounded

FORMAT_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class ActualReport:
    """What was billed beside what was estimated. `requests` is how often Cost Explorer was asked for it, `kept_days`
    how many days needed no asking; `estimates` counts those that were in force on the days compared. `forecast` is of
    the running month alone. `exchange` is what amounts are in."""

    project: str
    environment: str
    comparison: Comparison
    estimates: int
    requests: int
    kept_days: int
    forecast: Forecast | None = None
    warnings: tuple[str, ...] = ()
    exchange: Exchange = DOLLARS


def actual_document(report: ActualReport) -> dict[str, Any]:
    """The report as JSON values; money as decimal text, rounded to a millionth of a cent."""
    found = report.comparison
    return {
        "version": FORMAT_VERSION,
        "project": report.project,
        "environment": report.environment,
        **report.exchange.document,
        "by": found.by.value,
        "asked": _period(found.asked),
        "compared": _period(found.compared),
        "estimates": report.estimates,
        "total": _line(found.total),
        "lines": [{"name": one.key, **_line(one)} for one in found.lines],
        "unsettled": _amount(found.unsettled),
        "unestimated": _amount(found.unestimated),
        "forecast": _forecast(report.forecast) if report.forecast is not None else None,
        "requests": report.requests,
        "requests_usd": _amount(REQUEST_USD * report.requests),
        "kept_days": report.kept_days,
        "warnings": list(report.warnings),
    }


def _period(period: Period) -> dict[str, str]:
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}


def _line(line: Line) -> dict[str, str | None]:
    error = line.error_percent
    return {
        "billed": _amount(line.billed),
        "estimated": _amount(line.estimated),
        "difference": _amount(line.difference),
        "error_percent": decimal_text(rounded(error, 2)) if error is not None else None,
    }


def _forecast(found: Forecast) -> dict[str, Any]:
    percent = found.budget_percent
    return {
        "total": _amount(found.total),
        "billed": _amount(found.billed),
        "rest": _amount(found.rest),
        "days_left": found.days_left,
        "recent_days": found.recent,
        "budget": _amount(found.budget) if found.budget is not None else None,
        "budget_percent": decimal_text(rounded(percent, 2)) if percent is not None else None,
    }


def _amount(amount: Decimal) -> str | None:
    return decimal_text(rounded(amount, 8))


_DAY: Final[Schema] = {"type": "string", "format": "date"}
_PERIOD: Final = object_of({"start": _DAY, "end": described(_DAY, "The first day after it.")})
_LINE: Final[Schema] = {
    "billed": described(DECIMAL, "Before credits, refunds and tax."),
    "estimated": described(DECIMAL, "For the same time: fixed cost, and cost by use as it was assumed."),
    "difference": described(DECIMAL, "What the estimate says more than the bill."),
    "error_percent": described(
        or_null(DECIMAL), "The difference in percent of what was billed; null where nothing was."
    ),
}

_FORECAST: Final = object_of(
    {
        "total": described(DECIMAL, "For the whole month."),
        "billed": described(DECIMAL, "Of these, the bill of the settled days."),
        "rest": described(DECIMAL, "The days left."),
        "days_left": COUNT,
        "recent_days": described(
            COUNT, "How many settled days tell how a day is billed; 0 where it is the estimate alone."
        ),
        "budget": described(or_null(DECIMAL), "That of the environment in cygni.yaml, a month."),
        "budget_percent": described(or_null(DECIMAL), "The total in percent of it."),
    }
)

ACTUAL_SCHEMA: Final = object_of(
    {
        "version": described(
            {"const": FORMAT_VERSION}, "Format of this document; a field may be added to it."
        ),
        "project": TEXT,
        "environment": TEXT,
        **CURRENCY,
        "by": described({"enum": [by.value for by in By]}, "How `lines` are told apart."),
        "asked": described(_PERIOD, "The days, in UTC, of which the bill was asked for."),
        "compared": described(
            _PERIOD,
            "Those of them that are settled and have an estimate: what `total` and `lines` are about.",
        ),
        "estimates": described(COUNT, "How many estimates were in force in that time."),
        "total": object_of(_LINE),
        "lines": list_of(
            object_of(
                {
                    "name": described(
                        TEXT, "Service of the bill, stack, or tag `cygni:urn`; empty for what nothing tells."
                    ),
                    **_LINE,
                }
            )
        ),
        "unsettled": described(DECIMAL, "Billed so far of the last days, which are not compared."),
        "unestimated": described(DECIMAL, "Billed of the days before the first estimate that was kept."),
        "forecast": described(
            or_null(_FORECAST),
            "What the running month will come to; null for other months, or if nothing tells.",
        ),
        "requests": described(COUNT, "Requests that were made to Cost Explorer."),
        "requests_usd": described(DECIMAL, "What AWS charges for them, in USD."),
        "kept_days": described(COUNT, "Days that were known from an earlier call."),
        "warnings": list_of(TEXT),
    }
)


def published() -> str:
    """The schema as a file: docs/actual.schema.json."""
    return published_schema("What `cx cost actual --json` prints", ACTUAL_SCHEMA)
