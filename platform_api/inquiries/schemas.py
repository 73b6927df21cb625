from __future__ import annotations

import uuid
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from platform_api.deployments.schemas import Service
from platform_api.text import Name

_MONTH = 31 * 24 * 3600
Seconds = Annotated[int, Field(ge=0, le=_MONTH)]


class Asked(BaseModel):
    """`as_json` asks for the answer that a program gets."""

    model_config = ConfigDict(extra="forbid")

    as_json: bool = False


class StatusAsked(Asked):
    """`currency` is the one that amounts are shown in; without, the project's own."""

    currency: Annotated[str | None, Field(pattern=r"^[A-Z]{3}$", examples=["EUR"])] = None


class ReleasesAsked(Asked):
    limit: Annotated[int, Field(ge=1, le=1000)] = 20


class OutputsAsked(Asked):
    """`name` is that of one output, or the beginning of some; all of them, without."""

    name: Annotated[
        str | None,
        StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}$"),
        Field(examples=["services.urls"]),
    ] = None


class LogsAsked(Asked):
    """Of `services`, or of all; from `since` seconds ago until `until` seconds ago, or as lines come with `follow`.
    `pattern` is one of CloudWatch Logs that lines match, `release` whose tasks they are of."""

    services: Annotated[list[Service], Field(max_length=100)] = []
    follow: bool = False
    since: Seconds = 600
    until: Seconds = 0
    pattern: Annotated[Name | None, Field(examples=["timed out"])] = None
    release: Annotated[int | None, Field(ge=1, le=2**31 - 1)] = None


class InquiryPublic(BaseModel):
    """Its lines are streamed; it is forgotten two hours after it was asked."""

    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    environment_id: uuid.UUID
    kind: str
    arguments: dict[str, Any]
    created_at: datetime
    finished_at: datetime | None
