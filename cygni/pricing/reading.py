"""Costs as their documents have them: what `to_dict` wrote, read again (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from cygni.pricing.cost import AtMost, CostLine, Estimate, ResourceCost, Status
from cygni.pricing.difference import Bound, CostDiff, ResourceDiff
from cygni.pricing.exchange import USD, Exchange

_Document = Mapping[str, Any]


def cost_diff_of(document: _Document) -> CostDiff:
    """The difference in a document of `CostDiff.to_dict`. Raises KeyError and ValueError for any other."""
    exchange = _exchange(document)
    resources = tuple(_resource_diff(one, exchange.currency) for one in document["resources"])
    return CostDiff(
        _estimate(document["before"], (one.before for one in resources), exchange),
        _estimate(document["after"], (one.after for one in resources), exchange),
        resources,
    )


def amount_of(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _exchange(document: _Document) -> Exchange:
    rate = document.get("exchange")
    if rate is None:
        return Exchange(document["currency"], Decimal(1))
    return Exchange(
        document["currency"], Decimal(rate["per_usd"]), _day(rate["date"]), source=rate["source"] or ""
    )


def _estimate(summary: _Document, sides: Iterable[ResourceCost | None], exchange: Exchange) -> Estimate:
    return Estimate(tuple(one for one in sides if one is not None), summary["free_tier"], exchange)


def _resource_diff(document: _Document, currency: str) -> ResourceDiff:
    most = document["delta_at_most"]
    return ResourceDiff(
        document["urn"],
        document["type"],
        document["name"],
        _cost(document["before"], currency),
        _cost(document["after"], currency),
        Bound(document["bound"]),
        Bound(document["usage_bound"]),
        AtMost(amount_of(most["monthly"]), amount_of(most["usage_monthly"])),
    )


def _cost(document: _Document | None, currency: str = USD) -> ResourceCost | None:
    if document is None:
        return None
    return ResourceCost(
        document["urn"],
        document["type"],
        document["name"],
        tuple(_line(one, currency) for one in document["lines"]),
        Status(document["status"]),
        document["note"],
        said_at_most=amount_of(document["said_at_most"]),
        currency=currency,
        not_counted=tuple(document["not_counted"]),
    )


def _line(document: _Document, currency: str) -> CostLine:
    return CostLine(
        component=document["component"],
        quantity=amount_of(document["quantity"]),
        unit=document["unit"],
        unit_price=amount_of(document["unit_price"]),
        hourly=amount_of(document["hourly"]),
        monthly=amount_of(document["monthly"]),
        usage_based=document["usage_based"],
        assumption=document["assumption"],
        as_of=_day(document["as_of"]),
        price_key=document["price_key"],
        missing=document["missing"],
        at_most=amount_of(document["at_most"]),
        discount=document["discount"],
        currency=currency,
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
