"""From resources to what they cost at list price."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from cygni.pricing.charges import Amount, Charge, Free, Gap, Measured
from cygni.pricing.cost import CostLine, Estimate, ResourceCost, Status
from cygni.pricing.estimators import estimator_of
from cygni.pricing.estimators.free import free_reason
from cygni.pricing.free_tier import deducted
from cygni.pricing.money import ZERO, month_and_hour
from cygni.pricing.price_book import Price, PriceBook
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage, UsageSource
from cygni.resources import Resource, is_cloud


def estimate(resources: Iterable[Resource], book: PriceBook, usage: UsageSource | None = None) -> Estimate:
    """Price every cloud resource. Never raises for what inputs hold; PriceBookError for a broken book.

    Components (`cygni:...`) and the engine's own types (`pulumi:...`) are left out. Give all stacks of an
    environment at once where you can: a service finds its task definition only among these resources.
    """
    assumed: UsageSource = usage if usage is not None else Usage()
    known = ResourceSet(resource for resource in resources if is_cloud(resource.type))
    uses = [assumed.for_resource(resource) for resource in known]
    measured = [_measured(resource, known, use) for resource, use in zip(known, uses, strict=True)]
    free_tier = any(use.free_tier for use in uses)
    if free_tier:
        measured = deducted(measured)
    tiered = _tiered_amounts(known, measured)
    costs = tuple(
        _cost(resource, each, book, use.at_most, tiered)
        for resource, each, use in zip(known, measured, uses, strict=True)
    )
    return Estimate(costs, free_tier)


def _measured(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured | None:
    """What AWS bills the resource for; None for a type without an estimator."""
    estimator = estimator_of(resource.type)
    if estimator is not None:
        found = estimator.amounts(resource, resources, usage)
        return found if isinstance(found, Free) else tuple(found)
    reason = free_reason(resource)
    return None if reason is None else Free(reason)


Tiered = Mapping[tuple[Charge, str], Decimal]
"""How much of each tiered charge all resources of an estimate have together, by region."""


def _tiered_amounts(resources: Iterable[Resource], measured: Iterable[Measured | None]) -> Tiered:
    together: dict[tuple[Charge, str], Decimal] = {}
    for resource, each in zip(resources, measured, strict=True):
        for amount in () if each is None or isinstance(each, Free) else each:
            if amount.charge.tiered and isinstance(amount.quantity, Decimal):
                key = amount.charge, _region(amount, resource.region)
                together[key] = together.get(key, ZERO) + amount.quantity
    return together


def _region(amount: Amount, resource_region: str) -> str:
    return amount.charge.region or amount.region or resource_region


def _cost(
    resource: Resource, measured: Measured | None, book: PriceBook, at_most: Decimal | None, tiered: Tiered
) -> ResourceCost:
    def cost(status: Status, lines: tuple[CostLine, ...] = (), note: str | None = None) -> ResourceCost:
        said = at_most if status in (Status.NOT_PRICED, Status.NO_PRICE) else None
        return ResourceCost(resource.urn, resource.type, resource.name, lines, status, note, resource, said)

    if measured is None:
        return cost(Status.NOT_PRICED, note="Cygni has no estimator for this type")
    if isinstance(measured, Free):
        return cost(Status.FREE, note=measured.reason)
    lines = tuple(line for amount in measured for line in _lines(amount, resource.region, book, tiered))
    if not lines:
        return cost(Status.FREE)
    found = cost(_status(lines), lines, next((line.missing for line in lines if line.missing), None))
    estimator = estimator_of(resource.type)
    left = estimator.not_counted if estimator is not None else ()
    return replace(found, not_counted=left) if left else found


def _status(lines: tuple[CostLine, ...]) -> Status:
    if any(line.monthly is None for line in lines):
        return Status.NO_PRICE
    return Status.USAGE_ONLY if all(line.usage_based for line in lines) else Status.PRICED


def _lines(amount: Amount, resource_region: str, book: PriceBook, tiered: Tiered) -> Iterator[CostLine]:
    charge, region = amount.charge, _region(amount, resource_region)
    if isinstance(amount.quantity, Gap):
        price = book.find(charge.service, region, charge.usage, charge.attributes)
        line = _line(charge, region, None, price, amount.note, amount.quantity.reason)
        yield line if amount.at_most is None or price is None else _bounded(line, amount.at_most, price)
    elif charge.tiered:
        yield from _tier_lines(amount, amount.quantity, region, book, tiered[charge, region])
    else:
        price = book.find(charge.service, region, charge.usage, charge.attributes)
        yield _line(charge, region, amount.quantity, price, amount.note)


def _bounded(line: CostLine, quantity: Decimal, price: Price) -> CostLine:
    """The line of what costs no more than so much at its list price, if it has one. One's own discounts do not bound
    it: a savings plan does not cover Spot."""
    if line.unit_price is None:
        return line
    at_most, _ = month_and_hour(quantity * price.list_usd, line.unit)
    return replace(line, at_most=at_most)


_EACH_ALONE: Final = "tiers counted for this resource alone; AWS counts those of an account together"


def _tier_lines(
    amount: Amount, quantity: Decimal, region: str, book: PriceBook, together: Decimal
) -> Iterator[CostLine]:
    """One line per tier that the quantity reaches, and one without a price for what no tier covers. Where what all
    resources have `together` goes beyond the first tier, each line says whose tiers are counted."""
    charge, covered, reached = amount.charge, ZERO, False
    tiers = book.tiers(charge.service, region, charge.usage, charge.attributes)
    if tiers and tiers[0].end is not None and together > tiers[0].end:
        amount = replace(amount, note="; ".join(each for each in (amount.note, _EACH_ALONE) if each))
    for tier in tiers:
        if tier.start and quantity <= tier.start:
            return
        end = quantity if tier.end is None else min(quantity, tier.end)
        yield _line(charge, region, end - tier.start, tier.price, amount.note, tier=tier.name)
        covered, reached = end, True
    if covered < quantity or not reached:
        yield _line(charge, region, quantity - covered, None, amount.note)


def _line(
    charge: Charge,
    region: str,
    quantity: Decimal | None,
    price: Price | None,
    note: str | None,
    reason: str | None = None,
    tier: str = "",
) -> CostLine:
    if price is not None and price.unit != charge.unit:
        price = None  # a book that counts in another unit would be wrong by that factor
    hourly = monthly = None
    if quantity is not None and (price is not None or not quantity):
        amount = quantity * price.usd if price is not None else ZERO
        monthly, hourly = month_and_hour(amount, charge.unit)
    elif reason is None:
        reason = f"the price book has no price for {charge.key(region)}"
    return CostLine(
        component=f"{charge.component}, {tier}" if tier else charge.component,
        quantity=quantity,
        unit=charge.unit,
        unit_price=price.usd if price is not None else None,
        hourly=hourly,
        monthly=monthly,
        usage_based=charge.usage_based,
        assumption=note,
        as_of=price.as_of if price is not None else None,
        price_key=charge.key(region),
        missing=reason if monthly is None else None,
        discount=price.discount if price is not None else None,
    )
