"""Usage as CloudEvents 1.0 tell it, one by one: what is wrong with one stops no other (pure).

    {"specversion": "1.0", "id": "7f3c", "source": "/builds", "type": "build_minutes", "time": "2026-03-01T12:00:00Z",
     "subject": "build-17", "data": {"quantity": "1.5", "project": "shop", "environment": "production"}}

`type` is the key of a meter. An event is one by its `source` and `id`: sent again it counts once, and with other
contents it is refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from json.encoder import encode_basestring_ascii
from typing import Annotated, Any, Final, Literal, NamedTuple

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from cygni.billing.meters import METERS
from platform_api.misfits import sentence

AHEAD: Final = timedelta(minutes=5)
"""How far the clock of who tells may be ahead; Stripe's meters allow as much."""
BEHIND: Final = timedelta(days=35)
"""How late usage may be told; what is older is a correction. Stripe's meters allow as much."""
OWN_SOURCES: Final = "cygni:"
"""What the sources of Cygni's own events begin with: nobody else takes the ids of what it is about to tell."""
OF_CYGNI: Final = frozenset(meter.key for meter in METERS)
"""Meters whose quantities Cygni measures itself, which nobody else takes away from."""
_MOST: Final = Decimal(10) ** 15
_PLACES: Final = 9

Text = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Slug = Annotated[str, StringConstraints(max_length=40, pattern=r"^[a-z0-9-]*$")]


class UsageData(BaseModel):
    """`quantity` in the unit of the meter, or a level where the meter is of levels."""

    model_config = ConfigDict(extra="forbid")

    quantity: Annotated[Decimal, Field(ge=-_MOST, le=_MOST, decimal_places=_PLACES)] = Decimal(1)
    project: Slug = ""
    environment: Slug = ""


class CloudEvent(BaseModel):
    """An event as CloudEvents has it; other attributes of the specification are let through and not kept."""

    model_config = ConfigDict(extra="ignore")

    specversion: Literal["1.0"]
    id: Text
    source: Text
    type: Text
    time: AwareDatetime
    subject: Text = "-"
    data: UsageData = UsageData()


_SEVERAL: Final = TypeAdapter(list[CloudEvent])


class Reported(NamedTuple):
    """An event that can be counted. A tuple, since thousands are made in a second."""

    source: str
    id: str
    meter: str
    at: datetime
    quantity: Decimal
    subject: str
    project: str
    environment: str

    @property
    def key(self) -> tuple[str, str]:
        return self.source, self.id

    @property
    def digest(self) -> bytes:
        """Of all it tells: the same event has the same one, however its numbers and times are written."""
        number = f"{self.quantity.normalize():f}"
        told = self.meter, self.at.isoformat(), number, self.subject, self.project, self.environment
        # As `json.dumps` writes a list of texts, at a third of its price.
        return hashlib.sha256(f"[{', '.join(map(encode_basestring_ascii, told))}]".encode()).digest()


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why an event cannot be counted: a `code` and words. `source` and `id` are as it has them, where they are text."""

    source: str | None
    id: str | None
    code: str
    detail: str


def read_all(events: Sequence[Any], meters: Collection[str], now: datetime) -> list[Reported | Unfit]:
    """What events tell, one for each, where `meters` are there."""
    latest, earliest = now + AHEAD, now - BEHIND
    try:
        found: Sequence[CloudEvent | Unfit] = _SEVERAL.validate_python(events)
    except ValidationError:  # of one of them or more: which, is seen one by one
        found = [_fit(event) for event in events]
    return [one if isinstance(one, Unfit) else _reported(one, meters, earliest, latest) for one in found]


def read(event: Any, meters: Collection[str], now: datetime) -> Reported | Unfit:
    """What one event tells."""
    return read_all([event], meters, now)[0]


def _fit(event: Any) -> CloudEvent | Unfit:
    try:
        return CloudEvent.model_validate(event)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        words = sentence(first)
        return Unfit(*_named(event), "invalid_event", f"{where}: {words}" if where else words)


def _reported(
    event: CloudEvent, meters: Collection[str], earliest: datetime, latest: datetime
) -> Reported | Unfit:
    if event.source.startswith(OWN_SOURCES):
        words = f"sources that begin with {OWN_SOURCES!r} are Cygni's own"
        return Unfit(event.source, event.id, "reserved_source", words)
    if event.type not in meters:
        return Unfit(event.source, event.id, "unknown_meter", f"there is no meter {event.type!r}")
    if event.data.quantity < 0 and event.type in OF_CYGNI:
        words = f"{event.type!r} is never below nothing: what was told too much is taken back by a correction"
        return Unfit(event.source, event.id, "negative", words)
    if event.time > latest:
        return Unfit(event.source, event.id, "in_the_future", "it is more than 5 minutes ahead")
    if event.time < earliest:
        wanted = "it is more than 35 days old: what is missing from then is a correction"
        return Unfit(event.source, event.id, "too_old", wanted)
    at, data = event.time.astimezone(UTC), event.data
    return Reported(
        event.source, event.id, event.type, at, data.quantity, event.subject, data.project, data.environment
    )


def _named(event: Any) -> tuple[str | None, str | None]:
    if not isinstance(event, Mapping):
        return None, None
    source, identifier = event.get("source"), event.get("id")
    return (
        source[:200] if isinstance(source, str) else None,
        identifier[:200] if isinstance(identifier, str) else None,
    )
