"""What is assumed about use, where AWS bills by use and a program cannot tell."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol

from cygni.errors import UsageError
from cygni.resources import Resource
from cygni.usage_assumptions import ASSUMPTIONS, HIGHEST


class UsageSource(Protocol):
    """Knows what to assume of each resource."""

    def for_resource(self, resource: Resource) -> Usage: ...


class Usage:
    """Monthly use of one resource of each kind: the amounts of `ASSUMPTIONS`, some of them said otherwise.

    They are assumptions, not measurements: every amount they lead to is shown apart, with the assumption.
    What AWS gives an account free of charge each month is deducted only with `free_tier`, since one estimate
    cannot know what else the account does. Raises UsageError for an unknown name, and for an amount that is
    negative, not finite or above 10¹². `at_most` is what somebody says that the parts of the resource without a price
    cost at most, USD a month.
    """

    __slots__ = ("_amounts", "at_most", "free_tier")

    def __init__(
        self, *, free_tier: bool = False, at_most: Decimal | None = None, **amounts: Decimal
    ) -> None:
        for name, amount in amounts.items():
            _check(name, amount)
        self._amounts: Mapping[str, Decimal] = {
            name: amount for name, amount in amounts.items() if amount != ASSUMPTIONS[name].default
        }
        self.free_tier = free_tier
        self.at_most = at_most

    @classmethod
    def of(cls, amounts: Mapping[str, Any]) -> Usage:
        """The defaults with these amounts (numbers or decimal text) instead, and `free_tier` if it is there.
        Raises UsageError."""
        values: dict[str, Decimal] = {}
        for name, amount in amounts.items():
            if name == "free_tier":
                continue
            try:
                values[name] = Decimal(str(amount))
            except InvalidOperation:
                raise _refused(name, amount) from None
        free = amounts.get("free_tier", False)
        if not isinstance(free, bool):
            raise UsageError(f"The usage assumption free_tier is {free!r}.", hint="It must be true or false.")
        return cls(free_tier=free, **values)

    def amount(self, name: str) -> Decimal:
        """The assumed amount, by name."""
        found = self._amounts.get(name)
        return ASSUMPTIONS[name].default if found is None else found

    def describe(self, name: str) -> str:
        """The assumption in words: `100 GB/month per NAT gateway`."""
        return f"{self.amount(name).normalize():,f} {ASSUMPTIONS[name].unit}"

    def for_resource(self, resource: Resource) -> Usage:
        """The same of every resource."""
        return self

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Usage):
            return NotImplemented
        own = (self._amounts, self.free_tier, self.at_most)
        return own == (other._amounts, other.free_tier, other.at_most)

    def __hash__(self) -> int:
        return hash((frozenset(self._amounts.items()), self.free_tier, self.at_most))

    def __repr__(self) -> str:
        said = {"free_tier": self.free_tier, **self._amounts}
        return (
            f"Usage({', '.join(f'{name}={value!r}' for name, value in said.items() if value is not False)})"
        )


class SourcedUsage(Usage):
    """What is assumed of one resource. `sources` has, by name of an amount, who said it, where that was not Cygni."""

    __slots__ = ("sources",)

    def __init__(
        self,
        *,
        sources: Mapping[str, str] | None = None,
        free_tier: bool = False,
        at_most: Decimal | None = None,
        **amounts: Decimal,
    ) -> None:
        super().__init__(free_tier=free_tier, at_most=at_most, **amounts)
        self.sources: Mapping[str, str] = sources or {}

    def describe(self, name: str) -> str:
        """As `Usage.describe`, with who said it: `250 GB/month per NAT gateway (cygni-usage.yaml)`."""
        source = self.sources.get(name)
        return super().describe(name) + (f" ({source})" if source else "")


def _check(name: str, amount: object) -> None:
    if name not in ASSUMPTIONS:
        near = difflib.get_close_matches(name, ASSUMPTIONS, 1)
        hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(sorted(ASSUMPTIONS))}."
        raise UsageError(f"There is no usage assumption named {name}.", hint=hint)
    if not isinstance(amount, Decimal) or not amount.is_finite() or not 0 <= amount <= HIGHEST:
        raise _refused(name, amount)


def _refused(name: str, amount: object) -> UsageError:
    return UsageError(
        f"The usage assumption {name} is {amount!r}.",
        hint="It must be a decimal number from 0 to 10^12.",
    )
