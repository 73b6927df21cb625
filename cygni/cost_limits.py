"""What may be spent: the most that a change may cost more, and budgets (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class WrittenIncrease:
    """A limit of an increase as an option has it: an `amount` a month, in a currency where one is said, or percent."""

    amount: Decimal | None = None
    currency: str | None = None
    percent: Decimal | None = None

    @property
    def argument(self) -> str:
        """`25`, `25EUR` or `10%`."""
        if self.amount is None:
            return f"{self.percent or Decimal(0):f}%"
        return f"{self.amount:f}{self.currency or ''}"


@dataclass(frozen=True, slots=True)
class Increase:
    """The most that a change may cost more: USD a month, or percent of what there is. A percentage guards nothing where
    there is nothing yet."""

    usd: Decimal | None = None
    percent: Decimal | None = None

    def allowed(self, before: Decimal, *, anything: bool) -> Decimal | None:
        """USD a month, where what is there costs `before`, if there is `anything`; None where it does not guard."""
        if self.usd is not None:
            return self.usd
        if self.percent is None or not anything:
            return None
        return before * self.percent / 100

    @property
    def text(self) -> str:
        return "" if self.percent is None else f" ({self.percent.normalize():f} % of what it costs now)"


@dataclass(frozen=True, slots=True)
class CostLimits:
    """What a plan is held to, in USD per month: `increases`, the `budget` of the environment, `project_budget` of all
    environments together. With `count_usage` usage-based cost counts too, as assumed."""

    increases: tuple[Increase, ...] = ()
    budget: Decimal | None = None
    project_budget: Decimal | None = None
    count_usage: bool = False


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the other environments of a project cost a month, as far as it is known: that of `unknown` resources is
    not, nor of environments that cannot be read (`unread`). `beyond` and `usage_beyond` are the most that the rest
    costs in environments where all of it is bounded."""

    monthly: Decimal = Decimal(0)
    usage_monthly: Decimal = Decimal(0)
    beyond: Decimal = Decimal(0)
    usage_beyond: Decimal = Decimal(0)
    unknown: int = 0
    unread: tuple[str, ...] = ()
