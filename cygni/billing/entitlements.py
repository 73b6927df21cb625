"""What a plan lets an organization have at once (pure)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Limit(StrEnum):
    """`PROJECTS`; `SEATS`, members and invitations that are open; `METERS` of its own; `REQUESTS_PER_MINUTE` to the
    API; `SOURCE_MEBIBYTES` of folders that were sent and are kept. What a plan does not name has no limit, but for
    those (`SOURCE_MEBIBYTES_ALLOWED`)."""

    PROJECTS = "projects"
    SEATS = "seats"
    METERS = "meters"
    REQUESTS_PER_MINUTE = "requests_per_minute"
    SOURCE_MEBIBYTES = "source_mebibytes"


SOURCE_MEBIBYTES_ALLOWED: Final = 5120
"""Where neither a plan nor the server says: they are in the database, which all organizations share."""
