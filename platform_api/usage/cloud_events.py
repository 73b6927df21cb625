"""Usage as CloudEvents 1.0 tell it, one by one: what is wrong with one stops no other (pure).

    {"specversion": "1.0", "id": "7f3c", "source": "/builds", "type": "build_minutes", "time": "2026-03-01T12:00:00Z",
     "subject": "build-17", "data": {"quantity": "1.5", "project": "shop", "environment": "production"}}

`type` is the key of a meter. An event is one by its `source` and `id`: sent again it counts once, and with other
contents it is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

AHEAD: Final = timedelta(minutes=5)
"""How far the clock of who tells may be ahead; Stripe's meters allow as much."""
BEHIND: Final = timedelta(days=35)
"""How late usage may be told; what is older is a correction. Stripe's meters allow as much."""
OWN_SOURCES: Final = "cygni:"
"""What the sources of Cygni's own events begin with: nobody else takes the ids of what it is about to tell."""
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


@dataclass(frozen=True, slots=True)
class Reported:
    """An event that can be counted."""

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
        told = [self.meter, self.at.isoformat(), f"{self.quantity.normalize():f}", self.subject, self.project]
        return hashlib.sha256(json.dumps([*told, self.environment]).encode()).digest()


@dataclass(frozen=True, slots=True)
class Unfit:
    """Why an event cannot be counted: a `code` and words. `source` and `id` are as it has them, where they are text."""

    source: str | None
    id: str | None
    code: str
    detail: str


def read(event: Any, meters: Collection[str], now: datetime) -> Reported | Unfit:
    """What an event tells, where `meters` are there."""
    try:
        found = CloudEvent.model_validate(event)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return Unfit(*_named(event), "invalid_event", f"{where}: {first['msg']}" if where else first["msg"])
    refused = _refused(found, meters, now)
    if refused is not None:
        return Unfit(found.source, found.id, *refused)
    data, at = found.data, found.time.astimezone(UTC)
    return Reported(
        found.source, found.id, found.type, at, data.quantity, found.subject, data.project, data.environment
    )


def _refused(event: CloudEvent, meters: Collection[str], now: datetime) -> tuple[str, str] | None:
    if event.source.startswith(OWN_SOURCES):
        return "reserved_source", f"sources that begin with {OWN_SOURCES!r} are Cygni's own"
    if event.type not in meters:
        return "unknown_meter", f"there is no meter {event.type!r}"
    if event.time > now + AHEAD:
        return "in_the_future", "it is more than 5 minutes ahead"
    if event.time < now - BEHIND:
        return "too_old", "it is more than 35 days old: what is missing from then is a correction"
    return None


def _named(event: Any) -> tuple[str | None, str | None]:
    if not isinstance(event, Mapping):
        return None, None
    source, identifier = event.get("source"), event.get("id")
    return (
        source[:200] if isinstance(source, str) else None,
        identifier[:200] if isinstance(identifier, str) else None,
    )
