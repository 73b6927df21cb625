"""What of an event of Stripe is kept: its id, its type, and which object to ask for (pure).

Events come in any order and more than once, and what they say of an object was true when they were made. So they say
only where to look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cygni.errors import UsageError

METER_ERRORS: Final = "v1.billing.meter.error_report_triggered"
COUNTED_AFTER: Final = timedelta(hours=1)
"""Until then what was taken a moment before an error report may be counted yet."""
_LONGEST = 255
_PAYMENT_METHODS = ("payment_method.attached", "payment_method.detached", "payment_method.updated")
_OBJECTS: Final = (
    "checkout.session.completed",
    "customer.created", "customer.updated", "customer.deleted",
    "invoice.finalized", "invoice.paid", "invoice.payment_failed", "invoice.voided", "invoice.marked_uncollectible",
)  # fmt: skip
TYPES: Final = (*_OBJECTS, *_PAYMENT_METHODS, METER_ERRORS)
"""Those that an endpoint at Stripe is to send."""


@dataclass(frozen=True, slots=True)
class Noted:
    """`object` is the id of what to look at; `after` is how long to wait before."""

    id: str
    type: str
    object: str
    after: timedelta = timedelta()


def noted(event: object) -> Noted | None:
    """None for what nothing is done about. Raises UsageError for what is no event of Stripe."""
    if not isinstance(event, Mapping):
        raise UsageError("the body is no event of Stripe")
    id, type = _text(event, "id"), _text(event, "type")
    if type == METER_ERRORS:
        return Noted(id, type, _text(_inner(event, "related_object"), "id"), COUNTED_AFTER)
    if type not in TYPES:
        return None
    data = _inner(event, "data")
    found = _inner(data, "object")
    if type not in _PAYMENT_METHODS:
        return Noted(id, type, _text(found, "id"))
    before = data.get("previous_attributes")
    customer = found.get("customer") or (before.get("customer") if isinstance(before, Mapping) else None)
    # One that was taken away names no customer; then the customer's own event says so too.
    return Noted(id, type, _text({"customer": customer}, "customer")) if customer is not None else None


def pause_after(attempt: int) -> timedelta | None:
    """Until an event is acted on again; None after three days."""
    pauses = (1, 5, 30, 120) + (360,) * 11
    return timedelta(minutes=pauses[attempt - 1]) if attempt <= len(pauses) else None


def is_recent(at: datetime, now: datetime, within: timedelta) -> bool:
    """Neither long ago nor in the future."""
    return abs(now - at) <= within


def _inner(of: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = of.get(name)
    if not isinstance(found, Mapping):
        raise UsageError(f"the body is no event of Stripe: it has no {name}")
    return found


def _text(of: Mapping[str, Any], name: str) -> str:
    found = of.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= _LONGEST or not found.isprintable():
        raise UsageError(f"the body is no event of Stripe: it has no {name}")
    return found
