"""Usage as meter events: what is sent, how often, and what is made of what came back (pure).

Stripe tells an event from another by its identifier for a day at least, and takes it 35 days back at most. So an event
is sent under one identifier for less than a day; what nobody knows then is looked up in what Stripe has counted.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final

from cygni.billing.meters import Aggregation

HOUR: Final = timedelta(hours=1)
RESENT_FOR: Final = timedelta(hours=23)
"""Since it was first sent: Stripe knows identifiers for 24 hours, and clocks differ."""
LOOKED_UP_AFTER: Final = timedelta(hours=24)
"""Since it was first sent: Stripe counts what it has taken a little later."""
_AGAIN: Final = timedelta(hours=1)
DISPUTED_AFTER: Final = timedelta(days=3)
OLDEST: Final = timedelta(days=35) - timedelta(minutes=5)
LARGEST: Final = 10**15 - 1
"""Of one event: Stripe takes 15 digits."""
_MICRO: Final = 10**6
_PAUSES: Final = tuple(timedelta(minutes=one) for one in (1, 5, 15, 60, 120, 240))


class State(StrEnum):
    """`WAITING` was surely not counted yet, `UNKNOWN` may have been. `SENT` was taken. `REPLACED` was surely not
    counted, and another row stands for it. The rest needs a person: `REFUSED` by Stripe, `TOO_LATE` for it, and
    `DISPUTED` where what Stripe has counted fits neither."""

    WAITING = "waiting"
    UNKNOWN = "unknown"
    SENT = "sent"
    REPLACED = "replaced"
    REFUSED = "refused"
    TOO_LATE = "too_late"
    DISPUTED = "disputed"


OPEN: Final = (State.WAITING, State.UNKNOWN)


class Answer(StrEnum):
    """What came of one attempt."""

    TAKEN = "taken"
    NOT_DONE = "not_done"
    REFUSED = "refused"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Step:
    """Where a row goes: `due` is when it is looked at again, if ever."""

    state: State
    due: datetime | None = None


def scale(aggregation: Aggregation) -> int | None:
    """What a quantity is multiplied by to be a whole number; None for meters that Stripe cannot add up."""
    match aggregation:
        case Aggregation.SUM:
            return _MICRO
        case Aggregation.COUNT:
            return 1
        case _:
            return None


def whole(quantity: Decimal, times: int) -> int:
    """A quantity in units of `1/times`, half to even."""
    return int((quantity * times).to_integral_value(ROUND_HALF_EVEN))


def event_name(meter: str) -> str:
    return f"cygni_{meter}"


def identifier(organization: uuid.UUID, meter: str, hour: datetime, seq: int) -> str:
    """The same for the same row, whoever sends it and whenever."""
    return hashlib.sha256(
        f"{organization}|{meter}|{hour.astimezone(UTC).isoformat()}|{seq}".encode()
    ).hexdigest()


def moment(hour: datetime) -> datetime:
    """When the events of an hour are said to have been: at its end, so that Stripe takes them as long as may be."""
    return hour + HOUR - timedelta(seconds=1)


def too_old(hour: datetime, now: datetime) -> bool:
    return moment(hour) < now - OLDEST


def to_send(delta: int, owed: int) -> tuple[list[int], int]:
    """The values of new events for `delta` more than was counted, and what is owed after: what was sent too much can
    not be taken back after a day, so it is kept from later usage."""
    if delta <= 0:
        return [], owed - delta
    kept = min(owed, delta)
    full, rest = divmod(delta - kept, LARGEST)
    return [LARGEST] * full + [rest] * bool(rest), owed - kept


def may_send(hour: datetime, first_sent: datetime, now: datetime) -> bool:
    """Whether Stripe would take it, and take it once."""
    return not too_old(hour, now) and now < first_sent + RESENT_FOR


def unsent(before: State, first_sent: datetime) -> Step:
    """Of what may not be sent any more."""
    if before is State.WAITING:
        return Step(State.TOO_LATE)
    return Step(State.UNKNOWN, first_sent + LOOKED_UP_AFTER)


def is_looked_up(state: State, first_sent: datetime | None, now: datetime) -> bool:
    """Whether what Stripe has counted decides on it."""
    return state is State.UNKNOWN and first_sent is not None and now >= first_sent + LOOKED_UP_AFTER


def after_attempt(
    before: State, answer: Answer, attempts: int, first_sent: datetime, now: datetime, asked: timedelta | None
) -> Step:
    """`before` is the state it was sent in, `attempts` counts this one, `asked` is what Stripe puts us off by."""
    if answer is Answer.TAKEN:
        return Step(State.SENT)
    if answer is Answer.REFUSED and before is State.WAITING:
        return Step(State.REFUSED)
    due = now + max(_PAUSES[min(attempts, len(_PAUSES)) - 1], asked or timedelta())
    if answer is Answer.NOT_DONE and before is State.WAITING:
        return Step(State.WAITING, due)
    # An attempt before may have been counted, so the end of resending holds whatever this one was answered.
    again = answer is not Answer.REFUSED and due < first_sent + RESENT_FOR
    return Step(State.UNKNOWN, due if again else first_sent + LOOKED_UP_AFTER)


def after_counting(value: int, sent: int, counted: int, first_sent: datetime, now: datetime) -> Step:
    """What was unknown, where `sent` is the sum of what Stripe surely took for the hour, and `counted` what it has."""
    if counted == sent + value:
        return Step(State.SENT)
    if counted == sent:
        return Step(State.REPLACED)
    if now < first_sent + DISPUTED_AFTER:
        return Step(State.UNKNOWN, now + _AGAIN)
    return Step(State.DISPUTED)


def missing(sent: Iterable[int], counted: int) -> list[int] | None:
    """The places of events that were taken and then not counted; None where that cannot be told."""
    values = list(sent)
    lacking = sum(values) - counted
    if lacking == 0:
        return []
    if counted == 0:
        return list(range(len(values)))
    found = [place for place, value in enumerate(values) if value == lacking]
    return found if len(found) == 1 else None
