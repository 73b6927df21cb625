"""What a plan lets an organization have at once (pure)."""

from __future__ import annotations

from enum import StrEnum


class Limit(StrEnum):
    """`PROJECTS`; `SEATS`, members and invitations that are open; `METERS` of its own; `REQUESTS_PER_MINUTE` to the
    API. What a plan does not name has no limit."""

    PROJECTS = "projects"
    SEATS = "seats"
    METERS = "meters"
    REQUESTS_PER_MINUTE = "requests_per_minute"
