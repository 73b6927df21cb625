"""How many requests somebody may make: by caller, by organisation where its plan says, and by address for those whom
nobody knows.

Counted in the memory of one process. Behind several hosts each counts for itself, so together they let through as many
times more.
"""

from __future__ import annotations

import ipaddress
import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

CALLER_A_MINUTE: Final = 600
FAILURES_A_MINUTE: Final = 30
"""Requests of one address that end with 401: guessing passwords and keys is not to be worth it."""
MOST_KEPT: Final = 100_000
"""Whom one process remembers; the one who was quiet for longest is forgotten first."""


class RateLimited(Exception):  # named as HTTP has it
    """`decision` says for how long."""

    def __init__(self, decision: Decision, message: str = "too many requests") -> None:
        super().__init__(message)
        self.decision = decision


@dataclass(frozen=True, slots=True)
class Decision:
    """`remaining` requests are left at this moment; all of them are again after `reset` seconds. Where it is not
    `allowed`, one is after `retry_after` seconds."""

    allowed: bool
    quota: int
    window: int
    remaining: int
    reset: int
    retry_after: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """As the IETF's draft for RateLimit header fields has them."""
        found = {
            "RateLimit-Policy": f'"default";q={self.quota};w={self.window}',
            "RateLimit": f'"default";r={self.remaining};t={self.reset}',
        }
        return found if self.allowed else {**found, "Retry-After": str(self.retry_after)}


class Limit:
    """`quota` requests in `window`, at once or spread: the generic cell rate algorithm, of which one moment is kept for
    each key. That moment is when all that was asked for would have been asked at an even pace."""

    def __init__(self, quota: int, window: timedelta, most_kept: int = MOST_KEPT) -> None:
        self.quota = quota
        self.window = window
        self._pace = window / quota
        self._most_kept = most_kept
        self._moments: OrderedDict[str, datetime] = OrderedDict()

    def take(self, key: str, now: datetime) -> Decision:
        decision, moment = self._decided(self._before(key, now), now)
        self._moments[key] = moment
        if decision.allowed:
            self._moments.move_to_end(key)
            if len(self._moments) > self._most_kept:
                self._moments.popitem(last=False)
        return decision

    def give_back(self, key: str, now: datetime) -> None:
        """One that was taken and is not to count."""
        moment = self._moments.get(key)
        if moment is not None:
            self._moments[key] = max(moment - self._pace, now)

    def _before(self, key: str, now: datetime) -> datetime:
        """The moment of a key; none is later than a window from now, except where the clock was set back since."""
        return min(max(self._moments.get(key, now), now), now + self.window)

    def _decided(self, before: datetime, now: datetime) -> tuple[Decision, datetime]:
        after = before + self._pace
        ahead = after - now
        if ahead > self.window:
            return self._decision(
                before - now, retry_after=math.ceil((ahead - self.window).total_seconds())
            ), before
        return self._decision(ahead), after

    def _decision(self, ahead: timedelta, retry_after: int = 0) -> Decision:
        left = max(0, math.floor((self.window - ahead) / self._pace + 1e-9))
        return Decision(
            allowed=not retry_after,
            quota=self.quota,
            window=int(self.window.total_seconds()),
            remaining=left,
            reset=math.ceil(ahead.total_seconds()),
            retry_after=retry_after,
        )


def whose(address: str) -> str:
    """Whom what comes from an address is counted for: of IPv6 its /64, all of whose addresses one host may have."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:  # as of a socket of this machine
        return address
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is None:
        return str(ipaddress.IPv6Network((found, 64), strict=False))
    return address


class Limits:
    """Those of one process."""

    def __init__(self, caller_a_minute: int = CALLER_A_MINUTE) -> None:
        minute = timedelta(minutes=1)
        self._callers = Limit(caller_a_minute, minute)
        self._failures = Limit(FAILURES_A_MINUTE, minute)
        self._organizations: dict[int, Limit] = {}

    def request_of(self, caller: str, now: datetime) -> Decision:
        """Raises RateLimited."""
        return _require(self._callers.take(caller, now))

    def request_in(self, organization: str, quota: int, now: datetime) -> Decision:
        """Of anybody who asks about the organisation, which may `quota` a minute. Raises RateLimited."""
        if quota not in self._organizations:
            self._organizations[quota] = Limit(quota, timedelta(minutes=1))
        return _require(self._organizations[quota].take(organization, now))

    def failure_of(self, address: str, now: datetime) -> None:
        """Also of what may fail, before it is tried: many at once are not to be tried before the first has failed.
        Raises RateLimited where it is one too many."""
        _require(self._failures.take(address, now))

    def none_failed(self, address: str, now: datetime) -> None:
        """What was counted before has turned out well."""
        self._failures.give_back(address, now)


def _require(decision: Decision) -> Decision:
    if not decision.allowed:
        raise RateLimited(decision)
    return decision
