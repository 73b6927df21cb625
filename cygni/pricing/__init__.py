"""What resources cost: the price book, an estimator per resource type, and the difference of two estimates.

Pure: nothing here talks to a cloud or a terminal. Importing it reads no price.

    book = PriceBook.load()
    diff = cost_diff(estimate(before, book), estimate(after, book))
    diff.delta.monthly      # Decimal, USD per month of 730 hours, fixed cost
"""

from __future__ import annotations

from cygni.pricing.cost import Amounts, Cost, CostLine, Estimate, ResourceCost, Status
from cygni.pricing.difference import Bound, CostDiff, ResourceDiff, cost_diff
from cygni.pricing.estimation import estimate
from cygni.pricing.money import HOURS_PER_MONTH, decimal_text
from cygni.pricing.price_book import Price, PriceBook
from cygni.pricing.usage import Usage

__all__ = [
    "HOURS_PER_MONTH",
    "Amounts",
    "Bound",
    "Cost",
    "CostDiff",
    "CostLine",
    "Estimate",
    "Price",
    "PriceBook",
    "ResourceCost",
    "ResourceDiff",
    "Status",
    "Usage",
    "cost_diff",
    "decimal_text",
    "estimate",
]
