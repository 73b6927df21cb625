"""How a bill is told apart (pure)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

PROJECT_TAG: Final = "cygni:project"
ENVIRONMENT_TAG: Final = "cygni:environment"


class Grouping(StrEnum):
    """By which tag Cost Explorer is asked to tell a bill apart, besides the service."""

    STACK = "stack"
    RESOURCE = "resource"

    @property
    def tag(self) -> str:
        return "cygni:stack" if self is Grouping.STACK else "cygni:urn"

    @property
    def needed_tags(self) -> tuple[str, ...]:
        """The tags that must be cost allocation tags for it."""
        return (PROJECT_TAG, ENVIRONMENT_TAG, self.tag)


class By(StrEnum):
    """How a comparison is told apart."""

    SERVICE = "service"
    STACK = "stack"
    RESOURCE = "resource"

    @property
    def grouping(self) -> Grouping:
        """What Cost Explorer is asked for it."""
        return Grouping.RESOURCE if self is By.RESOURCE else Grouping.STACK
