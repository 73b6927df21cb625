"""An account of the stand-in for Stripe: what was made in it, in memory, by a clock that tests move."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Any, Protocol

KEY = "sk_test_standin0000000000"
WEBHOOK_SECRET = "whsec_standin0000000000"
KEYS_KEPT = timedelta(hours=24)
IDENTIFIERS_KEPT = timedelta(hours=24)


class Clock(Protocol):
    def now(self) -> datetime: ...


class Problem(Exception):
    """An error as Stripe answers it."""

    def __init__(
        self, message: str, *, status: int = 400, type: str = "invalid_request_error", code: str | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"error": {"type": type, "message": message, "code": code}}


class Fault(Enum):
    """What goes wrong with one request."""

    BUSY = auto()
    """429, and nothing is done."""
    REFUSED = auto()
    """400, and nothing is done."""
    ERROR_BEFORE = auto()
    """500, and nothing is done."""
    ERROR_AFTER = auto()
    """500, and it is done."""
    CUT_BEFORE = auto()
    """The connection ends without an answer, and nothing is done."""
    CUT_AFTER = auto()
    """The connection ends without an answer, and it is done."""
    SLOW_AFTER = auto()
    """It is done, and the answer takes longer than anybody waits."""

    @property
    def is_done(self) -> bool:
        return self in {Fault.ERROR_AFTER, Fault.CUT_AFTER, Fault.SLOW_AFTER}


@dataclass(frozen=True)
class Sent:
    """A request that came: `body` as it was sent, form-encoded."""

    method: str
    path: str
    query: str
    body: bytes
    content_type: str
    idempotency_key: str | None


@dataclass(frozen=True)
class Kept:
    """What was answered to an idempotency key."""

    request: tuple[str, str, bytes]
    at: datetime
    status: int
    answer: dict[str, Any]


def no_fault(sent: Sent) -> Fault | None:
    return None


@dataclass
class Account:
    """`script` says what goes wrong with a request."""

    clock: Clock
    script: Callable[[Sent], Fault | None] = no_fault
    received: list[Sent] = field(default_factory=list)
    kept: dict[str, Kept] = field(default_factory=dict)
    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    payment_methods: dict[str, dict[str, Any]] = field(default_factory=dict)
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    meters: dict[str, dict[str, Any]] = field(default_factory=dict)
    meter_events: list[dict[str, Any]] = field(default_factory=list)
    identifiers: dict[str, datetime] = field(default_factory=dict)
    invoices: dict[str, dict[str, Any]] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    credit_notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def id(self, prefix: str) -> str:
        """Rising, as those of Stripe are not quite."""
        return f"{prefix}_standin{next(self.numbers):08}"

    @property
    def now(self) -> int:
        return int(self.clock.now().timestamp())

    def tell(self, type: str, object: dict[str, Any]) -> None:
        """An event for the webhooks, with the object as it is now."""
        self.told.append(
            {
                "id": self.id("evt"), "object": "event", "type": type, "created": self.now, "livemode": False,
                "api_version": "2026-10-28.dahlia", "pending_webhooks": 1, "data": {"object": dict(object)},
            }
        )  # fmt: skip


def existing(of: dict[str, dict[str, Any]], id: str) -> dict[str, Any]:
    if id not in of:
        raise Problem(f"No such object: '{id}'", status=404, code="resource_missing")
    return of[id]


def page(path: str, items: list[dict[str, Any]], params: dict[str, Any]) -> dict[str, Any]:
    """A list as Stripe gives it: from the one after `starting_after` on."""
    start = 0
    if "starting_after" in params:
        start = 1 + [one["id"] for one in items].index(params["starting_after"])
    limit = int(params.get("limit", 10))
    if not 1 <= limit <= 100:
        raise Problem("limit is between 1 and 100")
    found = items[start : start + limit]
    return {"object": "list", "url": path, "data": found, "has_more": start + limit < len(items)}
