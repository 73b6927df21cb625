"""The `cost` of cygni.yaml: what deploys may cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import Field

from cygni.cost_limits import CostLimits, Increase
from cygni.pricing.exchange import CODE, DOLLARS, USD, Exchange
from cygni.spec.section import Section, Text

_Amount = Annotated[float, Field(ge=0, le=10**9, allow_inf_nan=False)]


class Cost(Section):
    """What a deploy may cost a month, at list price. Each environment may say it otherwise. The local cloud costs
    nothing, and is not held to it."""

    currency: Annotated[str, Text(CODE, "the three capital letters of ISO 4217: EUR", 3)] = Field(
        default=USD,
        description=(
            "What the amounts of `cost` and `policies.monthly_cost` are in, by ISO 4217, and what plans and costs are "
            "shown in unless `--currency` or `CYGNI_CURRENCY` says otherwise. Another one than USD needs a rate in "
            "the file that `CYGNI_EXCHANGE_RATES` names."
        ),
        examples=["EUR"],
    )
    max_increase: _Amount | None = Field(
        default=None,
        description=(
            "How much more a deploy may cost; exit 14 otherwise, before anything changes. `--max-cost-increase` says "
            "it otherwise for one command."
        ),
        examples=[25],
    )
    max_increase_percent: Annotated[float, Field(ge=0, le=10**6, allow_inf_nan=False)] | None = Field(
        default=None,
        description=(
            "The same in percent of what the environment costs now. It guards nothing where nothing is deployed yet. "
            "Where both are written, both hold."
        ),
        examples=[10],
    )
    budget: _Amount | None = Field(
        default=None,
        description=(
            "What the environment may cost. From 80 % on a plan warns; a deploy that would exceed it is stopped with "
            "exit 14, unless it costs no more than what is there."
        ),
        examples=[250],
    )
    project_budget: _Amount | None = Field(
        default=None,
        description=("The same of all environments of the project together, as their states have them."),
        examples=[1000],
    )
    count_usage: bool = Field(
        default=False,
        description="Whether what depends on use counts in all of these too, as it is assumed.",
    )
    comment_above: _Amount | None = Field(
        default=None,
        description=(
            "`cx diff --markdown` leaves out the table of costs where their known difference, fixed or by use, is not "
            "above this, and nothing without a price comes; `cx diff --comment` begins no comment there. "
            "`--comment-above` says it otherwise for one command."
        ),
        examples=[5],
    )

    def limits(self, exchange: Exchange = DOLLARS) -> CostLimits:
        """What a plan is held to, in USD; `exchange` is that of `currency`. Raises ValueError for another one."""
        increases = (
            Increase(usd=self._usd(self.max_increase, exchange)),
            Increase(percent=_exact(self.max_increase_percent)),
        )
        return CostLimits(
            increases=tuple(one for one in increases if one != Increase()),
            budget=self._usd(self.budget, exchange),
            project_budget=self._usd(self.project_budget, exchange),
            count_usage=self.count_usage,
        )

    def least_comment(self, exchange: Exchange = DOLLARS) -> Decimal | None:
        """The difference in USD a month that a comment's table of costs must exceed; None for any. `exchange` is that
        of `currency`. Raises ValueError for another one."""
        return self._usd(self.comment_above, exchange)

    def _usd(self, amount: float | None, exchange: Exchange) -> Decimal | None:
        if exchange.currency != self.currency:
            raise ValueError(
                f"amounts in {self.currency} cannot be converted at a rate of {exchange.currency}"
            )
        exact = _exact(amount)
        return None if exact is None else exchange.in_usd(exact)


def _exact(amount: float | None) -> Decimal | None:
    return None if amount is None else Decimal(str(amount))
