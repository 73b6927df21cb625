"""What to do where nothing bounds what something costs, by why that is (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from cygni.engine_documents.stored import UNKNOWN_REGION
from cygni.pricing.cost import CostLine, ResourceCost
from cygni.pricing.difference import ResourceDiff
from cygni.pricing.usage_rules import USAGE_FILE


def bounding_hint(unbounded: Iterable[ResourceDiff], otherwise: str, *, count_usage: bool) -> str:
    """A sentence of what makes the costs known, or `otherwise`: the region of resources that nothing places, prices
    that AWS's list may have, and else what somebody says that they cost at most."""
    regions: dict[str, None] = {}
    unplaced = said = False
    for one in unbounded:
        missing = list(_without_a_price(one.after, count_usage=count_usage))
        places = {_region(line) for line in missing if _is_listed(line)}
        unplaced = unplaced or UNKNOWN_REGION in places
        regions.update(dict.fromkeys(sorted(places - {UNKNOWN_REGION})))
        said = said or not missing or not all(_is_listed(line) for line in missing)
    ways = []
    if unplaced:
        ways.append("name the region with --region")
    if regions:
        ways.append(f"read the prices with: cx prices sync {' '.join(f'--region {one}' for one in regions)}")
    if said or not ways:
        ways.append(
            f"write what it costs at most a month in {USAGE_FILE}, as `at_most: 25` of its type or name"
        )
    sentence = "; ".join(ways)
    return f"{sentence[0].upper()}{sentence[1:]}; or {otherwise}"


def _without_a_price(cost: ResourceCost | None, *, count_usage: bool) -> Iterator[CostLine]:
    for line in cost.lines if cost is not None else ():
        if line.monthly is None and line.at_most is None and (count_usage or not line.usage_based):
            yield line


def _is_listed(line: CostLine) -> bool:
    """Whether a price is all that is missing, and nothing says that AWS's list is not read for it."""
    from cygni.pricing.price_list.offers import READABLE  # few come this far

    return line.quantity is not None and line.price_key.partition(" ")[0] in READABLE


def _region(line: CostLine) -> str:
    return line.price_key.split(" ")[1]
