"""Lines, adjustments, credits and tax give an invoice (pure).

subtotal = lines + adjustments + what the invoice before carried over
taxable  = subtotal - credits
total    = taxable + tax

An invoice is never below zero: what corrections leave below it is carried to the next one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

from cygni.billing.adjustments import Adjustment
from cygni.billing.credits import CreditUse, Grant, use
from cygni.billing.exact import fraction_text, rounded
from cygni.billing.periods import Period
from cygni.billing.prices import Step
from cygni.billing.rating import Line

_NOTHING: Final = Decimal(0)


class InvoiceState(StrEnum):
    """`DRAFT` while its period goes on, `GRACE` while usage may still come late, `FINAL` from then on: its bytes never
    change again. `VOID` was taken back by a person, and its usage goes on the next one."""

    DRAFT = "draft"
    GRACE = "grace"
    FINAL = "final"
    PAID = "paid"
    OVERDUE = "overdue"
    VOID = "void"


_FOLLOWING: Final[dict[InvoiceState, frozenset[InvoiceState]]] = {
    InvoiceState.DRAFT: frozenset({InvoiceState.GRACE}),
    InvoiceState.GRACE: frozenset({InvoiceState.FINAL}),
    InvoiceState.FINAL: frozenset({InvoiceState.PAID, InvoiceState.OVERDUE, InvoiceState.VOID}),
    InvoiceState.OVERDUE: frozenset({InvoiceState.PAID, InvoiceState.VOID}),
    InvoiceState.PAID: frozenset(),
    InvoiceState.VOID: frozenset(),
}


def may_become(state: InvoiceState, following: InvoiceState) -> bool:
    """Whether an invoice may go from one state to the other."""
    return following in _FOLLOWING[state]


@dataclass(frozen=True, slots=True)
class Invoice:
    """What is billed for `period`, whose days begin in the time zone `zone` (IANA's name). `tax_rate` is in percent;
    `carried_over` what the next invoice begins with, zero or below."""

    currency: str
    period: Period
    lines: tuple[Line, ...]
    adjustments: tuple[Adjustment, ...]
    carried: Decimal
    credits: tuple[CreditUse, ...]
    tax_rate: Decimal
    tax: Decimal
    zone: str = "UTC"

    @property
    def subtotal(self) -> Decimal:
        own = sum((line.amount for line in self.lines), _NOTHING)
        return own + sum((one.amount for one in self.adjustments), _NOTHING) + self.carried

    @property
    def taxable(self) -> Decimal:
        return max(self.subtotal, _NOTHING) - sum((one.amount for one in self.credits), _NOTHING)

    @property
    def total(self) -> Decimal:
        return self.taxable + self.tax

    @property
    def carried_over(self) -> Decimal:
        return min(self.subtotal, _NOTHING)


def invoice(
    currency: str,
    period: Period,
    lines: Iterable[Line],
    *,
    adjustments: Iterable[Adjustment] = (),
    carried: Decimal = _NOTHING,
    grants: Iterable[Grant] = (),
    tax_rate: Decimal = _NOTHING,
    zone: str = "UTC",
) -> Invoice:
    """The invoice of `period`; `tax_rate` in percent of what is left after credits, rounded once."""
    untaxed = Invoice(currency, period, tuple(lines), tuple(adjustments), carried, (), tax_rate, _NOTHING)
    uses = use(grants, untaxed.taxable, period.end)
    taxable = untaxed.taxable - sum((one.amount for one in uses), _NOTHING)
    tax = rounded(Fraction(taxable) * Fraction(tax_rate) / 100, currency)
    return Invoice(currency, period, untaxed.lines, untaxed.adjustments, carried, uses, tax_rate, tax, zone)


def document(billed: Invoice) -> dict[str, Any]:
    """The invoice as JSON has it: amounts and quantities as decimal strings, times in UTC."""
    return {
        "currency": billed.currency,
        "period": _span(billed.period),
        "zone": billed.zone,
        "lines": [_line(line) for line in billed.lines],
        "adjustments": [
            {"key": one.key, "name": one.name, "period": _span(one.period), "amount": f"{one.amount:f}"}
            for one in billed.adjustments
        ],
        "carried": f"{billed.carried:f}",
        "subtotal": f"{billed.subtotal:f}",
        "credits": [{"grant": one.grant, "amount": f"{one.amount:f}"} for one in billed.credits],
        "tax_rate": f"{billed.tax_rate:f}",
        "tax": f"{billed.tax:f}",
        "total": f"{billed.total:f}",
        "carried_over": f"{billed.carried_over:f}",
    }


def canonical_bytes(of: dict[str, Any]) -> bytes:
    """A document as the one sequence of bytes that its digest is of."""
    return json.dumps(of, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(of: dict[str, Any]) -> str:
    """`sha256:...` of a document."""
    return f"sha256:{hashlib.sha256(canonical_bytes(of)).hexdigest()}"


def _line(line: Line) -> dict[str, Any]:
    return {
        "key": line.key,
        "name": line.name,
        "kind": line.kind.value,
        "plan": line.plan.key,
        "plan_version": line.plan.version,
        "period": _span(line.span),
        "meter": line.meter,
        "quantity": fraction_text(line.quantity),
        "included": fraction_text(line.included),
        "steps": [_step(step) for step in line.steps],
        "at_least": fraction_text(line.at_least),
        "on_trial": line.on_trial,
        "exact": fraction_text(line.exact),
        "amount": f"{line.amount:f}",
    }


def _step(step: Step) -> dict[str, str]:
    return {
        "quantity": fraction_text(step.quantity),
        "unit_price": f"{step.unit_price:f}",
        "fee": f"{step.fee:f}",
        "amount": fraction_text(step.amount),
    }


def _span(period: Period) -> dict[str, str]:
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}
