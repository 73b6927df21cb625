"""Times of the API and of invoices (ISO 8601) as people of a time zone read them (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any


def shown_moment(text: str, zone: tzinfo) -> str:
    """The day where it is its midnight, else with the time. Raises ValueError for what is no time."""
    found = datetime.fromisoformat(text).astimezone(zone)
    return f"{found:%Y-%m-%d}" if (found.hour, found.minute) == (0, 0) else f"{found:%Y-%m-%d %H:%M}"


def shown_day(text: str, zone: tzinfo) -> str:
    """Its day. Raises ValueError for what is no time."""
    return f"{datetime.fromisoformat(text).astimezone(zone):%Y-%m-%d}"


def zone_of(document: Mapping[str, Any]) -> str:
    """The time zone in which the days of an invoice begin. Documents of before it was kept have none: theirs is UTC."""
    return str(document.get("zone", "UTC"))
