"""How a cost report is put into words, the same for terminal, Markdown and HTML (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from cygni.pricing.cost import CostLine, Estimate, ResourceCost
from cygni.pricing.difference import Bound, CostDiff, ResourceDiff
from cygni.pricing.exchange import mark
from cygni.pricing.money import ZERO
from cygni.pricing.report import CostReport, LineDiff, ReportKind
from cygni.pricing.wording import (
    basis_text,
    bounded_text,
    delta_text,
    estimate_text,
    missing_texts,
    money,
    places_of,
    resource_delta_text,
    shown_delta,
    side_text,
    signed_money,
    unpriced_in_totals,
    usage_delta_text,
)

BY_USE = "~"
"""Stands before amounts that depend on use."""

BY_USE_NOTE = f"{BY_USE} depends on use, by an assumption; totalled apart from fixed cost"


_AMOUNT = re.compile(r"(?:\$|[A-Z]{3} )[0-9]")


def quantity_text(pair: LineDiff) -> str:
    """What is billed: `2 × $0.045/hour`, with the former quantity or price where it differs: `1 → 2 × ...`."""
    line = pair.line
    before = pair.before if pair.after is not None else None
    quantity, price = _quantity(line), _price(line)
    if before is not None and before.quantity != line.quantity:
        quantity = f"{_quantity(before)} → {quantity}"
    if before is not None and before.unit_price != line.unit_price:
        price = f"{_price(before)} → {price}"
    return f"{quantity} × {price}/{line.unit}"


def _quantity(line: CostLine) -> str:
    return "?" if line.quantity is None else f"{_plain(line.quantity):,f}"


def _price(line: CostLine) -> str:
    return "no price" if line.unit_price is None else f"{mark(line.currency)}{_plain(line.unit_price):f}"


def _plain(amount: Decimal) -> Decimal:
    """Without trailing zeros."""
    return amount.normalize() if amount else ZERO


def line_text(line: CostLine | None) -> str:
    """What one component costs a month: `$5.00`, `~$5.00` by use, `at most $5.00`, `no price`, `-` where it is not."""
    if line is None:
        return "-"
    if line.monthly is not None:
        return _marked(money(line.monthly, line.currency), line.usage_based)
    if line.at_most is None:
        return "no price"
    return _marked(f"at most {money(line.at_most, line.currency)}", line.usage_based)


def line_delta_text(pair: LineDiff) -> str:
    """How one component changes; `unknown` where a side has no price, empty where nothing does."""
    before, after = (side.monthly if side is not None else ZERO for side in (pair.before, pair.after))
    if not pair.changed:
        return ""
    by_use, currency = pair.line.usage_based, pair.line.currency
    if before is not None and after is not None:
        shown = shown_delta(before, after, places=places_of(currency))
        return _marked(signed_money(shown, currency), by_use)
    if pair.after is None or pair.after.at_most is None:
        return "unknown"
    most = shown_delta(before or ZERO, pair.after.at_most, places=places_of(currency))
    return _marked(f"at most {signed_money(most, currency)}", by_use)


def resource_text(cost: ResourceCost | None) -> str:
    """What a resource costs a month, fixed; by use where that is all it costs: `$5.00`, `~$0.50`, `~at least $0.50`,
    `no price`, `free`, `-`."""
    by_use = cost is not None and _by_use_alone(cost)
    return _marked(side_text(cost, usage=by_use), by_use)


def resource_change_text(diff: ResourceDiff) -> str:
    """How the cost of a resource changes, by use where that is all it costs; empty where it stays."""
    if not diff.changed:
        return ""
    sides = [side for side in (diff.before, diff.after) if side is not None]
    by_use = all(_by_use_alone(side) for side in sides)
    return _marked(resource_delta_text(diff, usage=by_use), by_use)


def _by_use_alone(cost: ResourceCost) -> bool:
    """Whether use is all that a resource is billed for, with a price or without."""
    return bool(cost.lines) and all(line.usage_based for line in cost.lines)


def _marked(text: str, by_use: bool) -> str:
    """Words without an amount are as true of fixed cost."""
    return f"{BY_USE}{text}" if by_use and _AMOUNT.search(text) else text


def of_what(report: CostReport) -> str:
    """What totals are of, where that is not everything."""
    return " of what is listed" if report.hidden else ""


def total_texts(report: CostReport, *, usage: bool = False) -> tuple[str, str, str]:
    """What everything costs before and after, fixed or by use, and how that differs: not known where something changes
    that resources which are not listed may be priced by."""
    diff = report.diff
    before, after = (estimate_text(side, usage=usage) for side in (diff.before, diff.after))
    if report.repricing:
        was, now = (
            side.totals.usage_monthly if usage else side.totals.monthly for side in (diff.before, diff.after)
        )
        return before, after, bounded_text((was, now), Bound.OPEN, None, diff.exchange.currency)
    return before, after, usage_delta_text(diff) if usage else delta_text(diff)


def explanations(pair: LineDiff) -> tuple[str, ...]:
    """Where a line comes from: what was assumed, the price and its day, why something is missing."""
    line = pair.line
    dated = (
        f", read {line.as_of}" if line.as_of else ", of unknown date" if line.unit_price is not None else ""
    )
    found = (
        f"assumed: {line.assumption}" if line.assumption else "",
        f"price: {line.price_key}{dated}",
        f"discount: {line.discount}" if line.discount else "",
        f"missing: {line.missing}" if line.missing else "",
    )
    return tuple(one for one in found if one)


def not_counted_text(diff: ResourceDiff) -> str:
    """What AWS may bill for a resource beside its lines: `not counted: extra replicas`; empty where nothing is left."""
    side = diff.after or diff.before
    return f"not counted: {'; '.join(side.not_counted)}" if side is not None and side.not_counted else ""


def shown_resources(report: CostReport) -> tuple[ResourceDiff, ...]:
    """The resources to show, the largest difference first, then the largest cost: all that cost (or may) of a
    state, else those whose cost changes, or may."""
    if report.kind is ReportKind.STATE:
        found = [diff for diff in report.priced if diff.after is not None and _costs(diff.after)]
    else:
        found = [diff for diff in report.priced if diff.changed]
    return tuple(sorted(found, key=_rank))


def unchanged_text(report: CostReport) -> str:
    """What the resources cost that `shown_resources` leaves out for staying as they are: `12 unchanged resources not
    shown, $7.75 and ~$3.00`; empty where there are none."""
    left = report.unchanged if report.kind is not ReportKind.STATE else ()
    if not left:
        return ""
    costs = Estimate(
        tuple(diff.after for diff in left if diff.after is not None), exchange=report.diff.exchange
    )
    usage = estimate_text(costs, usage=True) if costs.usage_monthly or costs.usage_unknown else ""
    amounts = estimate_text(costs) + (f" and {_marked(usage, True)}" if usage else "")
    resources = "1 unchanged resource" if len(left) == 1 else f"{len(left)} unchanged resources"
    return f"{resources} not shown, {amounts}"


def left_out_text(report: CostReport, left: Sequence[ResourceDiff]) -> str:
    """What resources cost, or differ, that a table leaves out for being many: `12 more, $3.00 and ~$0.50`."""
    exchange = report.diff.exchange
    before, after = (
        Estimate(tuple(cost for cost in sides if cost is not None), exchange=exchange)
        for sides in ([one.before for one in left], [one.after for one in left])
    )
    if report.kind is ReportKind.STATE:
        fixed, usage = estimate_text(after), estimate_text(after, usage=True)
        by_use = bool(after.usage_monthly or after.usage_unknown)
    else:
        diff = CostDiff(before, after, tuple(left))
        fixed, usage = delta_text(diff), usage_delta_text(diff)
        by_use = bool(diff.delta.usage_monthly or diff.usage_unknown)
    return f"{len(left)} more, {fixed}" + (f" and {_marked(usage, True)}" if by_use else "")


def _costs(cost: ResourceCost) -> bool:
    return any(line.monthly is None or line.monthly for line in cost.lines)


def _rank(diff: ResourceDiff) -> tuple[Decimal, Decimal, str]:
    known = diff.known
    side = diff.after or diff.before
    cost = side.known if side is not None else known
    return -abs(known.monthly + known.usage_monthly), -(cost.monthly + cost.usage_monthly), diff.urn


def footnotes(report: CostReport) -> tuple[str, ...]:
    """What is not in the totals, and of when the prices are."""
    notes = [f"{report.free} resources free"] if report.free > 1 else ["1 resource free"] * report.free
    estimate = report.diff.there
    if estimate.unpriced:
        types = ", ".join(f"{name} ×{count}" for name, count in estimate.unpriced.items())
        notes.append(f"not priced, {unpriced_in_totals(estimate)}: {types}")
    notes += missing_texts(estimate)
    left = sum(bool(not_counted_text(diff)) for diff in report.priced)
    if left:
        resources = "1 resource" if left == 1 else f"{left} resources"
        notes.append(f"AWS may bill {resources} for more than is counted here: --explain tells what")
    if basis := basis_text(report.diff.before, report.diff.after):
        notes.append(basis)
    return tuple(notes)
