"""A cost report for programs: the document behind `cx cost --json`, and its schema (docs/cost.schema.json)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from cygni.pricing.cost import AtMost, CostLine, Status
from cygni.pricing.difference import Bound, ResourceDiff
from cygni.pricing.money import HOURS_PER_MONTH, decimal_text
from cygni.pricing.report import CostReport, LineDiff, ReportKind, Unpriced, known_total, line_diffs
from cygni.pricing.schema import (
    COUNT,
    CURRENCY,
    DATE,
    DECIMAL,
    FLAG,
    TEXT,
    Schema,
    described,
    list_of,
    object_of,
    or_null,
    published_schema,
)

FORMAT_VERSION: Final = 1
"""Grows when a name goes or changes its meaning; new names may come at any time."""


def report_document(report: CostReport) -> dict[str, Any]:
    """The report as JSON values. Money is decimal text in `currency`; what is not known is null, never 0."""
    diff = report.diff
    before, after, delta = diff.before, diff.after, diff.delta
    oldest = min((one for one in (before.oldest, after.oldest) if one is not None), default=None)
    newest = max((one for one in (before.newest, after.newest) if one is not None), default=None)
    hidden = report.hidden
    unknown = (before.unknown + hidden, after.unknown + hidden, diff.unknown)
    usage_unknown = (before.usage_unknown + hidden, after.usage_unknown + hidden, diff.usage_unknown)
    return {
        "version": FORMAT_VERSION,
        "kind": report.kind.value,
        "subject": list(report.subject),
        **diff.exchange.document,
        "hours_per_month": int(HOURS_PER_MONTH),
        **_totals("", (before.monthly, after.monthly, delta.monthly), unknown),
        **_totals("usage_", (before.usage_monthly, after.usage_monthly, delta.usage_monthly), usage_unknown),
        **_at_most(
            *((_UNBOUNDED,) * 2 if hidden else (before.at_most, after.at_most)),
            _UNBOUNDED if report.repricing else diff.at_most,
        ),
        "bound": (Bound.OPEN if report.repricing else diff.bound).value,
        "usage_bound": (Bound.OPEN if report.repricing else diff.usage_bound).value,
        "complete": before.complete and after.complete and diff.complete and not report.hidden,
        "prices_as_of": oldest.isoformat() if oldest else None,
        "prices": {
            "oldest": oldest.isoformat() if oldest else None,
            "newest": newest.isoformat() if newest else None,
            "undated": max(before.undated, after.undated),
        },
        "not_listed": report.hidden,
        "resources": [_resource(one) for one in diff.resources],
        "unpriced": [_unpriced(one) for one in report.unpriced],
        "warnings": list(report.warnings),
    }


_SIDES: Final = ("before", "after", "delta")


def _totals(prefix: str, amounts: tuple[Decimal, ...], unknown: tuple[int, ...]) -> dict[str, str | None]:
    return {
        f"{prefix}monthly_{side}": decimal_text(known_total(amount, count))
        for side, amount, count in zip(_SIDES, amounts, unknown, strict=True)
    }


_UNBOUNDED: Final = AtMost(None, None)


def _at_most(before: AtMost, after: AtMost, delta: AtMost) -> dict[str, str | None]:
    return {
        "monthly_before_at_most": decimal_text(before.monthly),
        "monthly_after_at_most": decimal_text(after.monthly),
        "monthly_delta_at_most": decimal_text(delta.monthly),
        "usage_monthly_before_at_most": decimal_text(before.usage_monthly),
        "usage_monthly_after_at_most": decimal_text(after.usage_monthly),
        "usage_monthly_delta_at_most": decimal_text(delta.usage_monthly),
    }


def _resource(diff: ResourceDiff) -> dict[str, Any]:
    before, after = diff.before, diff.after
    subject = after if after is not None else before
    assert subject is not None
    delta = diff.delta
    return {
        "urn": diff.urn,
        "type": diff.type,
        "name": diff.name,
        "region": subject.resource.region if subject.resource is not None else None,
        "change": _change(diff),
        "status": subject.status.value,
        "note": subject.note,
        "monthly_before": decimal_text(before.cost.monthly) if before else "0",
        "monthly_after": decimal_text(after.cost.monthly) if after else "0",
        "monthly_delta": decimal_text(delta.monthly),
        "usage_monthly_before": decimal_text(before.cost.usage_monthly) if before else "0",
        "usage_monthly_after": decimal_text(after.cost.usage_monthly) if after else "0",
        "usage_monthly_delta": decimal_text(delta.usage_monthly),
        **_at_most(
            before.at_most if before else AtMost(), after.at_most if after else AtMost(), diff.at_most
        ),
        "bound": diff.bound.value,
        "usage_bound": diff.usage_bound.value,
        "components": [_component(one) for one in line_diffs(diff)],
        "not_counted": list(subject.not_counted),
    }


_CHANGES: Final = ("added", "removed", "changed", "same")


def _change(diff: ResourceDiff) -> str:
    """What becomes of the cost, not of the resource."""
    if diff.before is None:
        return "added"
    if diff.after is None:
        return "removed"
    return "changed" if diff.changed else "same"


def _component(pair: LineDiff) -> dict[str, Any]:
    line, before = pair.line, pair.before
    return {
        "name": line.component,
        "unit": line.unit,
        "usage_based": line.usage_based,
        **_amounts(pair.after),
        "before": _amounts(before) if before is not None else None,
        "assumption": line.assumption,
        "price_as_of": line.as_of.isoformat() if line.as_of else None,
        "price_key": line.price_key,
        "missing": line.missing,
        "discount": line.discount,
    }


def _amounts(line: CostLine | None) -> dict[str, str | None]:
    """`quantity` × `price` is a month's `monthly`, or an hour's or a year's where the unit is one."""
    if line is None:
        return {"quantity": "0", "price": None, "monthly": "0", "monthly_at_most": "0"}
    return {
        "quantity": decimal_text(line.quantity),
        "price": decimal_text(line.unit_price),
        "monthly": decimal_text(line.monthly),
        "monthly_at_most": decimal_text(line.at_most if line.monthly is None else line.monthly),
    }


def _unpriced(one: Unpriced) -> dict[str, Any]:
    return {
        "urn": one.urn,
        "type": one.type,
        "name": one.name,
        "status": one.status.value,
        "reasons": list(one.reasons),
    }


_MONEY: Final = or_null(DECIMAL)
_BOUND: Final[Schema] = {"enum": [bound.value for bound in Bound]}
_AMOUNTS: Final[Schema] = {
    "quantity": described(
        _MONEY,
        "How many units: at work in each hour if `unit` ends in `hour`, a year if in `year`, else a month.",
    ),
    "price": described(_MONEY, "For one unit; null where the price book has none."),
    "monthly": described(_MONEY, "A month; null where the price or the quantity is not known."),
    "monthly_at_most": described(_MONEY, "The most that this is a month; null where nothing bounds it."),
}

_COMPONENT: Final = object_of(
    {
        "name": TEXT,
        "unit": described(TEXT, "What is counted: `hour`, `GB-month`, ... "),
        "usage_based": described(FLAG, "Whether it is billed by use, of which `assumption` says how much."),
        **_AMOUNTS,
        "before": described(or_null(object_of(_AMOUNTS)), "The same before; null where there was none."),
        "assumption": described(or_null(TEXT), "What was assumed, and who says so."),
        "price_as_of": described(DATE, "The day the price was read."),
        "price_key": described(TEXT, "What of the price book: service, region, and what is billed."),
        "missing": described(or_null(TEXT), "Why there is no amount."),
        "discount": described(or_null(TEXT), "Why `price` is not the list price, where it is another."),
    }
)


def _totals_schema(what: str) -> Schema:
    words = {"before": "Before", "after": "After", "delta": "The difference"}
    kinds = (("", "fixed cost"), ("usage_", "usage-based cost"))
    known = {
        f"{prefix}monthly_{side}": described(_MONEY, f"{words[side]}: {cost} {what}, a month.")
        for prefix, cost in kinds
        for side in _SIDES
    }
    at_most = {
        f"{prefix}monthly_{side}_at_most": described(
            _MONEY, f"{words[side]}: the most that {cost} is a month; null where nothing bounds it."
        )
        for prefix, cost in kinds
        for side in _SIDES
    }
    return {**known, **at_most}


_RESOURCE: Final = object_of(
    {
        "urn": TEXT,
        "type": described(TEXT, "Type token of Pulumi."),
        "name": TEXT,
        "region": described(or_null(TEXT), "The AWS region whose prices are used."),
        "change": described({"enum": list(_CHANGES)}, "What becomes of its cost."),
        "status": described(
            {"enum": [status.value for status in Status]},
            "How well its cost is known; `no_price`: a part is missing, `not_priced`: its type has no estimator.",
        ),
        "note": described(or_null(TEXT), "Why it is free, or what is not known."),
        **_totals_schema("of the resource; null where it is not wholly known"),
        "bound": described(_BOUND, "How the known difference in fixed cost lies to the whole."),
        "usage_bound": described(_BOUND, "How the known difference in usage-based cost lies to the whole."),
        "components": list_of(_COMPONENT),
        "not_counted": described(list_of(TEXT), "What AWS may bill for it beside its components."),
    }
)

_UNPRICED: Final = object_of(
    {
        "urn": TEXT,
        "type": TEXT,
        "name": TEXT,
        "status": {"enum": [Status.NO_PRICE.value, Status.NOT_PRICED.value]},
        "reasons": list_of(TEXT),
    }
)

REPORT_SCHEMA: Final = object_of(
    {
        "version": described(
            {"const": FORMAT_VERSION}, "Format of this document; a field may be added to it."
        ),
        "kind": described(
            {"enum": [kind.value for kind in ReportKind]},
            "`preview`: before and after a change; `state`: what is there; `comparison`: of two documents.",
        ),
        "subject": described(list_of(TEXT), "What is priced, in pieces: project, stack."),
        **CURRENCY,
        "hours_per_month": {"const": int(HOURS_PER_MONTH)},
        **_totals_schema("of all listed that has a price; null where nothing has, though there is something"),
        "bound": described(
            _BOUND,
            "How the known difference in fixed cost lies to the whole: `exact`; `at_least` where something without a "
            "price comes or grows, `at_most` where it goes or shrinks, `open` where both, or where something changes "
            "that resources which are not listed may be priced by.",
        ),
        "usage_bound": described(_BOUND, "The same of usage-based cost."),
        "complete": described(FLAG, "Whether every cost on both sides is known and listed."),
        "prices_as_of": described(DATE, "The day on which the oldest of the prices in use was read."),
        "prices": object_of(
            {
                "oldest": DATE,
                "newest": DATE,
                "undated": described(COUNT, "Lines whose price has no recorded day."),
            }
        ),
        "not_listed": described(COUNT, "Unchanged resources that the document counts and does not list."),
        "resources": list_of(_RESOURCE),
        "unpriced": described(list_of(_UNPRICED), "What is not, or not wholly, in the totals."),
        "warnings": list_of(TEXT),
    }
)


def published() -> str:
    """The schema as a file: docs/cost.schema.json."""
    return published_schema("What `cx cost --json` prints", REPORT_SCHEMA)
