"""Costs as `to_dict` wrote them, read back (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from cygni.pricing.cost import AtMost, CostLine, Estimate, ResourceCost, Status
from cygni.pricing.difference import Bound, CostDiff, ResourceDiff

_MOST_DIGITS: Final = 40
"""Before and after the point; no amount that Cygni writes has more."""


def cost_diff_of(resources: list[Any], *, free_tier: bool = False) -> CostDiff:
    """The difference whose `resources` these are, with the free tier deducted or not.

    Raises ValueError for anything that `CostDiff.to_dict` does not write, so that no half of a document becomes a
    number."""
    try:
        diffs = tuple(_diff(one) for one in resources)
    except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from None
    return CostDiff(
        Estimate(tuple(diff.before for diff in diffs if diff.before is not None), free_tier),
        Estimate(tuple(diff.after for diff in diffs if diff.after is not None), free_tier),
        diffs,
    )


def _diff(written: Mapping[str, Any]) -> ResourceDiff:
    before, after = (None if written[side] is None else _cost(written[side]) for side in ("before", "after"))
    if before is None and after is None:
        raise ValueError(f"{written['urn']} is on neither side")
    return ResourceDiff(
        _text(written["urn"]),
        _text(written["type"]),
        _text(written["name"]),
        before,
        after,
        Bound(written["bound"]),
        Bound(written["usage_bound"]),
        AtMost(*(_signed(written["delta_at_most"][name]) for name in ("monthly", "usage_monthly"))),
    )


def _cost(written: Mapping[str, Any]) -> ResourceCost:
    return ResourceCost(
        _text(written["urn"]),
        _text(written["type"]),
        _text(written["name"]),
        tuple(_line(line) for line in written["lines"]),
        Status(written["status"]),
        _words(written["note"]),
        said_at_most=_decimal(written["said_at_most"]),
        not_counted=tuple(_text(one) for one in written.get("not_counted", ())),  # older plans have none
    )


def _line(written: Mapping[str, Any]) -> CostLine:
    as_of, monthly = written["as_of"], _decimal(written["monthly"])
    if (monthly is None) != isinstance(written["missing"], str):
        raise ValueError(f"{written['component']} has neither an amount nor a reason, or both")
    return CostLine(
        component=_text(written["component"]),
        quantity=_decimal(written["quantity"]),
        unit=_text(written["unit"]),
        unit_price=_decimal(written["unit_price"]),
        hourly=_decimal(written["hourly"]),
        monthly=monthly,
        usage_based=_flag(written["usage_based"]),
        assumption=_words(written["assumption"]),
        as_of=date.fromisoformat(as_of) if as_of is not None else None,
        price_key=_text(written["price_key"]),
        missing=_words(written["missing"]),
        at_most=_decimal(written["at_most"]),
        discount=written.get("discount"),  # plans from before there were any have none
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _words(value: Any) -> str | None:
    return None if value is None else _text(value)


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is no flag")
    return value


def _decimal(value: Any) -> Decimal | None:
    if value is None:
        return None
    amount = _signed(value)
    if amount is not None and amount < 0:
        raise ValueError(f"{value} is no amount")
    return amount


def _signed(value: Any) -> Decimal | None:
    if value is None:
        return None
    amount = Decimal(_text(value))
    if not amount.is_finite() or (amount and abs(amount.adjusted()) > _MOST_DIGITS):
        raise ValueError(f"{value} is no amount")
    return amount
